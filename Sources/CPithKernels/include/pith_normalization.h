#ifndef PITH_NORMALIZATION_H
#define PITH_NORMALIZATION_H

#include <stddef.h>

/// A row-major value seen as (rows, length), each row brought to mean 0 and variance 1 on its own
/// and then scaled and shifted. Element i of row r takes the parameter numbered
/// `(r % period) * (length / inner) + i / inner`:
///
///     layer     rows = outer,  period = 1, inner = 1
///     instance  rows = N * C,  period = C, inner = length
///     group     rows = N * G,  period = G, inner = H * W
struct pith_rows {
  size_t rows, length, period, inner;
  float epsilon;
};

/// y from x; `mean` and `inverse_deviation` (rows each) are written where not null. `bias` may be
/// null.
void pith_normalize(struct pith_rows shape, const float *x, const float *scale, const float *bias,
                    float *y, float *mean, float *inverse_deviation);

/// dL/dx, dL/dscale and dL/dbias (null where not wanted) from dL/dy (`upstream`), x and scale.
/// `scratch` holds 2 * rows numbers.
void pith_normalize_gradient(struct pith_rows shape, const float *upstream, const float *x,
                             const float *scale, float *gradient, float *scale_gradient,
                             float *bias_gradient, float *scratch);

/// Local response normalisation of (batch, channels, pixels) over `size` neighbouring channels:
/// y = x / (bias + alpha / size * sum of squares)^beta.
struct pith_lrn {
  size_t batch, channels, pixels, size;
  float alpha, beta, bias;
};

void pith_lrn(struct pith_lrn shape, const float *x, float *y);

/// dL/dx from dL/dy (`upstream`) and x.
void pith_lrn_gradient(struct pith_lrn shape, const float *upstream, const float *x,
                       float *gradient);

#endif
