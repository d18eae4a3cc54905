#ifndef PITH_BATCH_NORMALIZATION_H
#define PITH_BATCH_NORMALIZATION_H

#include <stddef.h>

/// Data (rows, channels, pixels) to be normalised over rows and pixels, how they lie, and the
/// bounds that the result is held between.
///
/// Channels lie in groups of `lanes`, the last one perhaps filled up with zeros: element (row,
/// channel, pixel) stands at ((row * groups + channel / lanes) * pixels + pixel) * lanes
/// + channel % lanes, with `groups` = channels / lanes rounded up. One lane is row-major; as many
/// as channels, channels last.
struct pith_batch_norm {
  size_t rows, channels, pixels, lanes;
  float epsilon;
  float low, high;  ///< infinite where there is none; with filled-up groups 0 lies between them
};

/// Floats of scratch memory that either function needs.
size_t pith_batch_norm_scratch(const struct pith_batch_norm *norm);

/// y = clip((x - mean) / sqrt(variance + epsilon) * scale + shift + addend, low, high), with mean
/// and variance (of the population) of the batch, which are given too. `addend` may be null; y may
/// be x or the addend.
void pith_batch_norm_forward(const struct pith_batch_norm *norm, const float *x, const float *scale,
                             const float *shift, const float *addend, float *y, float *mean,
                             float *variance, float *scratch);

/// What the gradient is computed from, and where to.
struct pith_batch_norm_gradient {
  const float *upstream;  ///< dL/dy, or one part of it
  const float *second;    ///< the other part; null where there is one
  const float *x, *scale, *shift, *mean, *variance;
  const float *y;           ///< needed where there was an addend and a bound, else null
  float *x_gradient;        ///< may be x or, where `y` is null, upstream
  float *scale_gradient, *shift_gradient;
  float *addend_gradient;   ///< needed where `y` is; may be upstream or second
};

void pith_batch_norm_backward(const struct pith_batch_norm *norm,
                              const struct pith_batch_norm_gradient *gradient, float *scratch);

#endif
