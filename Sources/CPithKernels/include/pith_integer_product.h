#ifndef PITH_INTEGER_PRODUCT_H
#define PITH_INTEGER_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

/// c (m, n) = a (m, k) b (k, n), row-major; sums wrap around.
void pith_product_s16(const int16_t *a, const int16_t *b, size_t m, size_t n, size_t k,
                      int32_t *c);

/// wide[row, i] = x[row, i] - zeros[row row_step + i column_step]; x has 8 bits, of either sign.
void pith_center(const void *x, int is_signed, const int32_t *zeros, size_t row_step,
                 size_t column_step, size_t rows, size_t columns, int16_t *wide);

/// What a sliding window sees of `channels` planes of `plane` elements less `zero`: columns
/// (channels, window x positions). `places` says where in a plane; -1 is padding, which is zero.
void pith_center_columns(const void *x, int is_signed, int32_t zero, const int32_t *places,
                         size_t count, size_t channels, size_t plane, int16_t *columns);

/// y[row, i] = clamp(round((c[row, i] + bias[row]) scale[row row_step + i column_step]) + zero),
/// ties to even; of 8 bits, of either sign. `bias` may be null.
void pith_requantize(const int32_t *c, const int32_t *bias, const float *scales, size_t row_step,
                     size_t column_step, size_t rows, size_t columns, int32_t zero, int is_signed,
                     void *y);

/// y = clamp(round(x / scale) + zero), of 8 bits, with the scale and zero point that the range of
/// x and 0 asks for; a scale of 1 where there is no range.
void pith_quantize_by_range(const float *x, size_t count, uint8_t *y, float *scale, uint8_t *zero);

#endif
