#include "pith_integer_product.h"

#include <math.h>
#include <string.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

struct product_job {
  const int16_t *a;
  const int16_t *b;
  size_t n;
  size_t k;
  int32_t *c;
};

PITH_DISPATCHED(product_row,
                (const int16_t *a, const int16_t *b, size_t n, size_t k, int32_t *c),
                (a, b, n, k, c)) {
  memset(c, 0, n * sizeof *c);
  for (size_t i = 0; i < k; i++) {
    int32_t factor = a[i];
    const int16_t *row = b + i * n;
    if (factor == 0) continue;
    for (size_t j = 0; j < n; j++)
      c[j] = (int32_t)((uint32_t)c[j] + (uint32_t)(factor * (int32_t)row[j]));
  }
}

static void product_part(void *context, size_t begin, size_t end) {
  const struct product_job *job = context;
  for (size_t row = begin; row < end; row++)
    product_row(job->a + row * job->k, job->b, job->n, job->k, job->c + row * job->n);
}

void pith_product_s16(const int16_t *a, const int16_t *b, size_t m, size_t n, size_t k,
                      int32_t *c) {
  struct product_job job = {a, b, n, k, c};
  pith_parallel(m, n * k > 65536 ? 1 : 65536 / (n * k + 1) + 1, product_part, &job);
}

PITH_DISPATCHED(center_row,
                (const void *x, int is_signed, const int32_t *zeros, size_t column_step,
                 size_t columns, int16_t *wide),
                (x, is_signed, zeros, column_step, columns, wide)) {
  if (is_signed)
    for (size_t i = 0; i < columns; i++)
      wide[i] = (int16_t)(((const int8_t *)x)[i] - zeros[i * column_step]);
  else
    for (size_t i = 0; i < columns; i++)
      wide[i] = (int16_t)(((const uint8_t *)x)[i] - zeros[i * column_step]);
}

void pith_center(const void *x, int is_signed, const int32_t *zeros, size_t row_step,
                 size_t column_step, size_t rows, size_t columns, int16_t *wide) {
  for (size_t row = 0; row < rows; row++)
    center_row((const char *)x + row * columns, is_signed, zeros + row * row_step, column_step,
               columns, wide + row * columns);
}

void pith_center_columns(const void *x, int is_signed, int32_t zero, const int32_t *places,
                         size_t count, size_t channels, size_t plane, int16_t *columns) {
  for (size_t channel = 0; channel < channels; channel++) {
    const int8_t *with_sign = (const int8_t *)x + channel * plane;
    const uint8_t *without = (const uint8_t *)x + channel * plane;
    int16_t *to = columns + channel * count;
    for (size_t i = 0; i < count; i++) {
      int32_t place = places[i];
      int32_t value = place < 0 ? zero : is_signed ? with_sign[place] : without[place];
      to[i] = (int16_t)(value - zero);
    }
  }
}

PITH_DISPATCHED(requantize_row,
                (const int32_t *c, int32_t bias, const float *scales, size_t column_step,
                 size_t columns, int32_t zero, int is_signed, uint8_t *y),
                (c, bias, scales, column_step, columns, zero, is_signed, y)) {
  float low = (float)((is_signed ? -128 : 0) - zero), high = (float)((is_signed ? 127 : 255) - zero);
  for (size_t i = 0; i < columns; i++) {
    int32_t sum = (int32_t)((uint32_t)c[i] + (uint32_t)bias);
    float value = (float)sum * scales[i * column_step];
    value = value > low ? value : low;
    value = value < high ? value : high;
    y[i] = (uint8_t)((int32_t)__builtin_rintf(value) + zero);
  }
}

void pith_requantize(const int32_t *c, const int32_t *bias, const float *scales, size_t row_step,
                     size_t column_step, size_t rows, size_t columns, int32_t zero, int is_signed,
                     void *y) {
  for (size_t row = 0; row < rows; row++)
    requantize_row(c + row * columns, bias ? bias[row] : 0, scales + row * row_step, column_step,
                   columns, zero, is_signed, (uint8_t *)y + row * columns);
}

PITH_DISPATCHED(quantize_by_range,
                (const float *x, size_t count, uint8_t *y, float *scale, uint8_t *zero),
                (x, count, y, scale, zero)) {
  float low = 0, high = 0;
  for (size_t i = 0; i < count; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  float step = (high - low) / 255;
  float start = step > 0 ? __builtin_rintf(-low / step) : 0;
  start = start < 0 ? 0 : start > 255 ? 255 : start;
  *scale = step > 0 ? step : 1;
  *zero = (uint8_t)start;
  for (size_t i = 0; i < count; i++) {
    float value = step > 0 ? __builtin_rintf(x[i] / step) + start : start;
    value = value > 0 ? value : 0;
    y[i] = (uint8_t)(value < 255 ? value : 255);
  }
}

void pith_quantize_by_range(const float *x, size_t count, uint8_t *y, float *scale, uint8_t *zero) {
  quantize_by_range(x, count, y, scale, zero);
}
