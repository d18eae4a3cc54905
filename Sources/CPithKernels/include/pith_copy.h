#ifndef PITH_COPY_H
#define PITH_COPY_H

#include <stddef.h>

enum { PITH_MAX_RANK = 12 };

/// A box of elements that lies in two arrays: extents, and strides in bytes in each array, the
/// outermost axis first. Extents are positive; a stride may be zero or negative.
struct pith_region {
  int rank;
  size_t element;
  size_t extents[PITH_MAX_RANK];
  ptrdiff_t from[PITH_MAX_RANK];
  ptrdiff_t to[PITH_MAX_RANK];
};

/// Copies a box; `from` and `to` point at its first element. Elements are 1, 2, 4 or 8 bytes.
void pith_copy_region(const void *from, void *to, const struct pith_region *region);

/// Fills `count` elements of `element` bytes with the value at `value`.
void pith_fill(void *to, size_t count, const void *value, size_t element);

#endif
