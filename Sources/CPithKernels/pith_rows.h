#ifndef PITH_ROWS_H
#define PITH_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "pith_clones.h"

// Rows of a few floats: loops of unknown length, those of memcpy and those that the compiler makes,
// cost more than they move.

typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef int32_t lane_bits __attribute__((vector_size(64), aligned(4)));
typedef float half_lanes __attribute__((vector_size(32), aligned(4)));
typedef float quarter_lanes __attribute__((vector_size(16), aligned(4)));

enum { LANES = 16 };

#define UNROLL _Pragma("clang loop unroll(full)")
// Subtracting zero changes no number, so that this is one instruction.
#define SPREAD(value) ((value) - (lanes){0})
#define SELECT(where, a, b) ((lanes)(((where) & (lane_bits)(a)) | (~(where) & (lane_bits)(b))))

/// Moves elements in steps that get smaller.
PITH_INLINE void move_row(const float *from, float *to, size_t count) {
  for (; count >= 16; count -= 16, from += 16, to += 16) *(lanes *)to = *(const lanes *)from;
  if (count >= 8) {
    *(half_lanes *)to = *(const half_lanes *)from;
    count -= 8, from += 8, to += 8;
  }
  if (count >= 4) {
    *(quarter_lanes *)to = *(const quarter_lanes *)from;
    count -= 4, from += 4, to += 4;
  }
  for (; count > 0; count--) *to++ = *from++;
}

/// Margins are a float or two, or a whole row.
PITH_INLINE void clear_row(float *to, size_t count) {
  for (; count >= 16; count -= 16, to += 16) *(lanes *)to = (lanes){0};
  _Pragma("clang loop vectorize(disable) unroll(disable)") for (size_t k = 0; k < count; k++)
    to[k] = 0;
}

/// Brings 2 * count elements to where those of even and those of odd places are wanted.
PITH_INLINE void part_row(const float *from, float *even, float *odd, size_t count) {
#define PART(TYPE, EVEN, ODD)                                                               \
  {                                                                                         \
    TYPE first = *(const TYPE *)from, second = *(const TYPE *)(from + sizeof(TYPE) / 4);    \
    *(TYPE *)even = __builtin_shufflevector(first, second, EVEN);                           \
    *(TYPE *)odd = __builtin_shufflevector(first, second, ODD);                             \
    count -= sizeof(TYPE) / 4, from += sizeof(TYPE) / 2;                                    \
    even += sizeof(TYPE) / 4, odd += sizeof(TYPE) / 4;                                      \
  }
#define LIST(...) __VA_ARGS__
  while (count >= 16)
    PART(lanes, LIST(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
         LIST(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))
  if (count >= 8) PART(half_lanes, LIST(0, 2, 4, 6, 8, 10, 12, 14), LIST(1, 3, 5, 7, 9, 11, 13, 15))
  if (count >= 4) PART(quarter_lanes, LIST(0, 2, 4, 6), LIST(1, 3, 5, 7))
#undef LIST
#undef PART
  _Pragma("clang loop vectorize(disable) unroll(disable)") for (size_t k = 0; k < count; k++) {
    even[k] = from[2 * k];
    odd[k] = from[2 * k + 1];
  }
}

#endif
