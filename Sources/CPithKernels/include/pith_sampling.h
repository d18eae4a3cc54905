#ifndef PITH_SAMPLING_H
#define PITH_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

enum { PITH_MAX_MAPPED_AXES = 12 };

/// A copy whose source place is a sum of one offset per axis: result (extents..., run bytes).
/// `offsets[axis]` has `extents[axis]` byte offsets into the source; a negative one means the
/// fill value.
struct pith_axis_map {
  int rank;
  size_t run;      // bytes copied at a time
  size_t element;  // bytes of one element: 1, 2, 4 or 8; divides `run`
  size_t extents[PITH_MAX_MAPPED_AXES];
  const int64_t *offsets[PITH_MAX_MAPPED_AXES];
};

void pith_map_axes(const void *source, void *result, const struct pith_axis_map *map,
                   const void *fill);

/// Weighted sums along one axis: source (outer, from, inner), result (outer, to, inner), float.
/// Row `j` of the result is the sum of `weights[t] * row places[t]` for t in
/// starts[j]..<starts[j + 1].
struct pith_axis_sampling {
  size_t outer;
  size_t from;
  size_t to;
  size_t inner;
  const int32_t *starts;
  const int32_t *places;
  const float *weights;
};

void pith_sample_axis(const float *source, float *result, const struct pith_axis_sampling *axis);

#endif
