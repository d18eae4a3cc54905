#ifndef PITH_SPARSE_H
#define PITH_SPARSE_H

#include <stddef.h>
#include <stdint.h>

/// A convolution of planes of floats with few weights that are not zero, by output channel.
///
/// The input of one image is first laid out as padded planes, one per channel and phase of the
/// strides, so that the tap of every weight is at a fixed distance from the output's position.
struct pith_sparse_convolution {
  size_t images, channels, filters;
  size_t height, width;          // of the input
  size_t out_height, out_width;  // of the output
  size_t stride_y, stride_x;
  size_t pad_top, pad_left;
  size_t plane_height, plane_width;  // of one padded plane, as far as taps reach
  /// The weights of filter o are those from starts[o] to starts[o + 1], each with the distance of
  /// its tap from the output's position in the planes of an image.
  const int32_t *starts;
  const int32_t *offsets;
  const float *values;
  /// One per filter, or null.
  const float *bias;
  /// Whether what lies in the output is added.
  int adds;
  /// The result is kept in this range.
  float low, high;
  /// That the scratch memory is made for.
  size_t threads;
};

/// Bytes of scratch memory that a run needs.
size_t pith_sparse_scratch(const struct pith_sparse_convolution *convolution);

/// `input` is (images, channels, height, width), `output` (images, filters, out_height, out_width).
void pith_sparse_run(const struct pith_sparse_convolution *convolution, const float *input,
                     float *output, float *scratch);

/// A product of rows of floats with a matrix of few values that are not zero, by output:
/// output[r][o] = clip(bias[o] + sum of values[i] * input[r][indices[i]]) over the weights of o.
struct pith_sparse_product {
  size_t rows, features, outputs;
  const int32_t *starts;
  const int32_t *indices;
  const float *values;
  /// One per output, or null.
  const float *bias;
  float low, high;
};

/// Bytes of scratch memory that a product needs.
size_t pith_sparse_product_scratch(const struct pith_sparse_product *product);

void pith_sparse_multiply(const struct pith_sparse_product *product, const float *input,
                          float *output, float *scratch);

#endif
