#ifndef PITH_INDEXING_H
#define PITH_INDEXING_H

#include <stddef.h>
#include <stdint.h>

enum { PITH_MAX_INDEXED_AXES = 12 };

enum pith_element {
  PITH_ELEMENT_F32,
  PITH_ELEMENT_F64,
  PITH_ELEMENT_S8,
  PITH_ELEMENT_U8,
  PITH_ELEMENT_S16,
  PITH_ELEMENT_U16,
  PITH_ELEMENT_S32,
  PITH_ELEMENT_U32,
  PITH_ELEMENT_S64,
  PITH_ELEMENT_U64,
};

/// What happens to the elements at the places of a scatter.
enum pith_scatter {
  PITH_SCATTER_SET,
  PITH_SCATTER_ADD,
  PITH_SCATTER_MULTIPLY,
  PITH_SCATTER_MAXIMUM,
  PITH_SCATTER_MINIMUM,
  /// Zero, whatever the updates are (they are not read).
  PITH_SCATTER_CLEAR,
};

/// Indices that stand for one axis of data each: index (i, j, ...) names element (i, ..., index,
/// ..., j) of data, in which `axis` is replaced.
struct pith_element_axes {
  int rank;
  int axis;
  size_t size;                             // extent of the data along `axis`
  size_t extents[PITH_MAX_INDEXED_AXES];   // of the indices
  size_t strides[PITH_MAX_INDEXED_AXES];   // of the data, in elements
};

/// Indices that are tuples: indices (batches, tuples, depth) name a run of data each, whose leading
/// axes are the batch, then those of `extents`.
struct pith_tuple_axes {
  size_t batches;
  size_t tuples;
  size_t depth;
  size_t batch_stride;
  size_t extents[PITH_MAX_INDEXED_AXES];
  size_t strides[PITH_MAX_INDEXED_AXES];
};

/// The place in data, in elements, that each index names, or -1 where it lies outside. Negative
/// indices count from the end. Indices are 4 or 8 bytes wide.
void pith_element_places(const struct pith_element_axes *axes, const void *indices,
                         int index_bytes, int64_t *places);
void pith_tuple_places(const struct pith_tuple_axes *axes, const void *indices, int index_bytes,
                       int64_t *places);

/// result[i, r] = data[places[i] + r], zero where there is no place; `run` is in elements of
/// `element` bytes.
void pith_take(const void *data, const int64_t *places, size_t count, size_t run, size_t element,
               void *result);

/// result[places[i] + r] becomes what `scatter` makes of it and updates[i, r], in order of i.
void pith_put(enum pith_scatter scatter, enum pith_element type, const void *updates,
              const int64_t *places, size_t count, size_t run, void *result);

/// As `pith_put` with PITH_SCATTER_SET or _CLEAR, for elements of any `element` bytes.
void pith_put_bytes(int clears, const void *updates, const int64_t *places, size_t count,
                    size_t run, size_t element, void *result);

#endif
