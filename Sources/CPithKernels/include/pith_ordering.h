#ifndef PITH_ORDERING_H
#define PITH_ORDERING_H

#include <stddef.h>
#include <stdint.h>

#include "pith_indexing.h"

/// One element on its way through a selection.
struct pith_ranked {
  uint64_t key;   // ordered as the elements are
  int64_t index;  // its position along the axis
};

/// The `kept` largest (or smallest) elements along the middle axis of data (outer, extent, inner),
/// best first, and their positions: both (outer, kept, inner). Of equal elements the one with the
/// lower position is better; NaN is larger than any number. `scratch` holds `kept` entries.
void pith_select(const void *data, enum pith_element type, size_t outer, size_t extent,
                 size_t inner, size_t kept, int largest, void *values, int64_t *positions,
                 struct pith_ranked *scratch);

/// The element at `index` as a number ordered as the elements are; 0 and -0 are one.
uint64_t pith_order_key(const void *data, enum pith_element type, size_t index);

#endif
