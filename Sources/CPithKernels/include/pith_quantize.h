#ifndef PITH_QUANTIZE_H
#define PITH_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

enum pith_integer { PITH_S8, PITH_U8, PITH_S16, PITH_U16, PITH_S32, PITH_S4, PITH_U4 };

/// A run of elements that share one scale, or whose scales lie side by side.
struct pith_quantized_row {
  size_t start;   // first element
  size_t length;  // elements
  size_t scale;   // place of the first scale
};

/// `step` is 0 where all elements of a row share its scale and 1 where they do not.
struct pith_quantized_rows {
  size_t count;
  size_t step;
  size_t elements;  // of all rows
  const struct pith_quantized_row *rows;
};

/// quantized = clamp(round(source / scale) + zero): rounding to nearest, ties to even. Elements of
/// four bits need `scratch` of one byte each.
void pith_quantize(const float *source, const float *scales, const int32_t *zeros, void *quantized,
                   enum pith_integer type, const struct pith_quantized_rows *rows, void *scratch);

/// result = (quantized - zero) scale. Elements of four bits need `scratch` of one byte each.
void pith_dequantize(const void *quantized, const float *scales, const int32_t *zeros,
                     float *result, enum pith_integer type,
                     const struct pith_quantized_rows *rows, void *scratch);

/// Zero points of any type as 32-bit integers.
void pith_widen(const void *from, enum pith_integer type, int32_t *to, size_t count);

#endif
