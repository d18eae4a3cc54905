#ifndef PITH_GATHER_H
#define PITH_GATHER_H

#include <stddef.h>
#include <stdint.h>

/// Extents of a gather along one axis: data is (outer, size, run) and the result
/// (outer, count, run). Negative indices count from the end; those outside give zeros.
struct pith_gather {
  size_t outer;
  size_t size;
  size_t count;
  size_t run;
};

/// result[o, k, r] = data[o, indices[k], r]; `run` is in bytes. Indices are 4 or 8 bytes wide.
void pith_gather(const void *data, const void *indices, int index_bytes, void *result,
                 const struct pith_gather *shape);

/// Bytes of scratch memory that `pith_scatter_add` needs.
size_t pith_scatter_add_scratch(const struct pith_gather *shape);

/// result[o, indices[k], r] = sum over k of gradient[o, k, r], float; `run` is in elements.
/// The order of summation depends on the extents alone.
void pith_scatter_add(const float *gradient, const void *indices, int index_bytes, float *result,
                      const struct pith_gather *shape, void *scratch);

#endif
