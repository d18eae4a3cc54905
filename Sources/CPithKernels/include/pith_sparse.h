#ifndef PITH_SPARSE_H
#define PITH_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "pith_planes.h"

/// A convolution of planes of floats with few weights that are not zero, by output channel.
///
/// The tap of every weight is at a fixed distance from the output's position, counted in the rows
/// of the planes that are read: those of the input, whose margins stand for the padding; or, where
/// the strides are not 1, planes that the input of one image is first laid out in, one per channel
/// and phase of the strides.
struct pith_sparse_convolution {
  size_t images;
  struct pith_planes input, output;
  /// Whether the input is laid out first.
  int lays_out;
  /// Of one laid-out plane, as far as taps reach; its rows are as long as the output's.
  size_t plane_rows;
  /// Floats from one laid-out plane to the next.
  size_t plane;
  size_t stride_y, stride_x;
  /// Phases of the strides that have taps.
  size_t phases_y, phases_x;
  size_t pad_top, pad_left;
  /// The weights of filter o are those from starts[o] to starts[o + 1], each with the distance of
  /// its tap from the output's position.
  const int32_t *starts;
  const int32_t *offsets;
  const float *values;
  /// One per filter, or null.
  const float *bias;
  /// For each float of an output channel, all bits where it is an element, none where it is margin;
  /// in whole vectors of 16.
  const int32_t *elements;
  /// Whether what lies in the output is added.
  int adds;
  /// The result is kept in this range.
  float low, high;
  /// That the scratch memory is made for.
  size_t threads;
};

/// Bytes of scratch memory that a run needs.
size_t pith_sparse_scratch(const struct pith_sparse_convolution *convolution);

/// Images lie as `input` and `output` say; the output's margins become zero.
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
