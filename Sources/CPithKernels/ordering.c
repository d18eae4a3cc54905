#include "pith_ordering.h"

#include <string.h>

static const uint64_t top = UINT64_C(1) << 63;

// Floats are ordered as their bits, once those of negative ones are turned around.
static uint64_t key_of_double(double x) {
  if (x == 0) x = 0.0;
  if (x != x) return UINT64_MAX;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & top ? ~bits : bits | top;
}

uint64_t pith_order_key(const void *data, enum pith_element type, size_t index) {
  switch (type) {
    case PITH_ELEMENT_F32: return key_of_double(((const float *)data)[index]);
    case PITH_ELEMENT_F64: return key_of_double(((const double *)data)[index]);
    case PITH_ELEMENT_S8: return (uint64_t)(int64_t)((const int8_t *)data)[index] ^ top;
    case PITH_ELEMENT_U8: return ((const uint8_t *)data)[index];
    case PITH_ELEMENT_S16: return (uint64_t)(int64_t)((const int16_t *)data)[index] ^ top;
    case PITH_ELEMENT_U16: return ((const uint16_t *)data)[index];
    case PITH_ELEMENT_S32: return (uint64_t)(int64_t)((const int32_t *)data)[index] ^ top;
    case PITH_ELEMENT_U32: return ((const uint32_t *)data)[index];
    case PITH_ELEMENT_S64: return (uint64_t)((const int64_t *)data)[index] ^ top;
    default: return ((const uint64_t *)data)[index];
  }
}

static size_t element_size(enum pith_element type) {
  switch (type) {
    case PITH_ELEMENT_S8:
    case PITH_ELEMENT_U8: return 1;
    case PITH_ELEMENT_S16:
    case PITH_ELEMENT_U16: return 2;
    case PITH_ELEMENT_F32:
    case PITH_ELEMENT_S32:
    case PITH_ELEMENT_U32: return 4;
    default: return 8;
  }
}

static inline int worse(struct pith_ranked a, struct pith_ranked b) {
  return a.key != b.key ? a.key < b.key : a.index > b.index;
}

// Restores a heap whose worst entry is on top, from `at` down.
static void sift(struct pith_ranked *heap, size_t count, size_t at) {
  struct pith_ranked moved = heap[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && worse(heap[child + 1], heap[child])) child++;
    if (!worse(heap[child], moved)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

void pith_select(const void *data, enum pith_element type, size_t outer, size_t extent,
                 size_t inner, size_t kept, int largest, void *values, int64_t *positions,
                 struct pith_ranked *heap) {
  if (kept == 0) return;
  size_t size = element_size(type);
  uint64_t flip = largest ? 0 : UINT64_MAX;
  for (size_t row = 0; row < outer * inner; row++) {
    size_t from = row / inner * extent * inner + row % inner;
    size_t to = row / inner * kept * inner + row % inner;
    for (size_t i = 0; i < extent; i++) {
      struct pith_ranked entry = {pith_order_key(data, type, from + i * inner) ^ flip, (int64_t)i};
      if (i < kept) {
        heap[i] = entry;
        if (i + 1 == kept)
          for (size_t at = kept / 2 + 1; at-- > 0;) sift(heap, kept, at);
      } else if (worse(heap[0], entry)) {
        heap[0] = entry;
        sift(heap, kept, 0);
      }
    }
    for (size_t place = kept; place-- > 0;) {
      size_t source = from + (size_t)heap[0].index * inner;
      positions[to + place * inner] = heap[0].index;
      memcpy((char *)values + (to + place * inner) * size, (const char *)data + source * size,
             size);
      heap[0] = heap[place];
      sift(heap, place, 0);
    }
  }
}
