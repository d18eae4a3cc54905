#ifndef PITH_ROW_SCALING_H
#define PITH_ROW_SCALING_H

#include <stddef.h>

/// y = x / sqrt(mean(x^2) + epsilon) * scale, for each of `rows` rows of `length` neighbours.
void pith_rms_normalize(size_t rows, size_t length, float epsilon, const float *x,
                        const float *scale, float *y);

/// dL/dx and dL/dscale, either of which may be NULL. `scratch` holds `rows` numbers.
void pith_rms_normalize_gradient(size_t rows, size_t length, float epsilon, const float *upstream,
                                 const float *x, const float *scale, float *gradient,
                                 float *scale_gradient, float *scratch);

/// y = x / (sum of |x|^p)^(1/p) along the middle axis of (outer, extent, inner), p being 1 or 2;
/// zeros stay zeros.
void pith_lp_normalize(int p, size_t outer, size_t extent, size_t inner, const float *x, float *y);

/// dL/dx of the same.
void pith_lp_normalize_gradient(int p, size_t outer, size_t extent, size_t inner,
                                const float *upstream, const float *x, float *gradient);

#endif
