#ifndef PITH_WINOGRAD_H
#define PITH_WINOGRAD_H

#include <stddef.h>

/// A 3 x 3 convolution with strides and dilations of 1, computed by F(2 x 2, 3 x 3) of Lavin and Gray
/// (Fast algorithms for convolutional neural networks, 2016): four results take 16 products instead
/// of 36.
///
/// Data lie as (images, blocks of 16 channels, height, width, 16), the last block filled up with
/// zeros.
struct pith_winograd {
  size_t images, inputs, outputs;
  size_t height, width, out_height, out_width;
  size_t pad_top, pad_left;
  /// One per output channel, filled up with zeros to whole blocks; or null.
  const float *bias;
  /// Whether what lies in the output is added.
  int adds;
  /// The result is kept in this range.
  float low, high;
  /// That the scratch memory is made for.
  size_t threads;
};

/// Weights (outputs, inputs, 3, 3): how many floats lie between one and the next of 16 neighbouring
/// channels, between those and the next 16, and between taps.
struct pith_winograd_weights {
  const float *values;
  size_t outputs, inputs;
  size_t output, input, output_block, input_block, tap;
  /// Whether the taps are taken in reverse, as the gradient of the data has it.
  int is_turned;
};

/// Floats of weights that have been transformed.
size_t pith_winograd_floats(size_t outputs, size_t inputs);

/// Transforms weights.
void pith_winograd_transform(const struct pith_winograd_weights *weights, float *transformed);

/// Bytes of scratch memory that a run needs.
size_t pith_winograd_scratch(const struct pith_winograd *convolution);

/// `weights` have been transformed.
void pith_winograd_run(const struct pith_winograd *convolution, const float *input,
                       const float *weights, float *output, float *scratch);

/// The gradient of the weights: inputs, upstream gradients (like the outputs), and where it goes, in
/// blocks (outputs / 16, inputs / 16, 3, 3, 16 inputs, 16 outputs). Bias, addition and range do not
/// matter.
void pith_winograd_weight_gradient(const struct pith_winograd *convolution, const float *input,
                                   const float *upstream, float *gradient, float *scratch);

/// Bytes of scratch memory that it needs.
size_t pith_winograd_gradient_scratch(const struct pith_winograd *convolution);

#endif
