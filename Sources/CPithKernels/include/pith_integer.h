// Arithmetic on values of 8-bit integers, channels innermost where axes matter.
//
// Signed bytes are read and written with their highest bit turned over (`flip` is 0x80 instead of
// 0), so that all arithmetic is that of unsigned bytes; coefficients are made for it.

#ifndef PITH_INTEGER_H
#define PITH_INTEGER_H

#include <stddef.h>
#include <stdint.h>

/// target = clamp(round(source / scale) + zero) ^ flip, from (batch, channels, pixels) to
/// (batch, pixels, channels).
struct pith_encoding {
  size_t batch, channels, pixels;
  float scale;
  int32_t zero, low, high;
  uint8_t flip;
};

void pith_encode_channels_last(const float *source, uint8_t *target,
                               const struct pith_encoding *encoding);

/// target = ((source ^ flip) - zero) scale.
void pith_dequantize_bytes(const uint8_t *source, float *target, size_t count, uint8_t flip,
                       int32_t zero, float scale);

/// target = clamp(round(left_factor left + right_factor right + shift)) ^ flip.
struct pith_byte_sum {
  float left_factor, right_factor, shift, low, high;
  uint8_t left_flip, right_flip, flip;
};

void pith_sum_bytes(const uint8_t *left, const uint8_t *right, uint8_t *target, size_t count,
                    const struct pith_byte_sum *sum);

/// target[i] = table[source[i]]; both may be one.
void pith_look_up_bytes(const uint8_t *source, uint8_t *target, size_t count,
                        const uint8_t table[256]);

/// Copies (pixels, channels) bytes into columns `offset`... of rows of `stride` bytes, each looked
/// up in `table` where that is not null.
void pith_place_channels(const uint8_t *source, uint8_t *target, size_t pixels, size_t channels,
                         size_t stride, const uint8_t *table);

/// The means of windows over the last two axes but one of (batch, height, width, channels):
/// result = clamp(round(factors[window] sum + shifts[window])) ^ flip, or the float itself.
struct pith_byte_mean {
  size_t batch, height, width, channels, out_height, out_width;
  size_t kernel[2], stride[2], dilation[2];
  ptrdiff_t begin[2];
  const float *factors;
  const float *shifts;
  float low, high;
  uint8_t source_flip, flip;
};

void pith_mean_bytes(const uint8_t *source, uint8_t *target, const struct pith_byte_mean *mean);
void pith_mean_bytes_float(const uint8_t *source, float *target,
                           const struct pith_byte_mean *mean);

#endif
