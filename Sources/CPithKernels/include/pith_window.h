#ifndef PITH_WINDOW_H
#define PITH_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/// Windows over row-major planes of up to three axes; leading axes that are not there have extent,
/// kernel, stride and dilation 1.
struct pith_window {
  size_t planes;
  size_t input[3], output[3], kernel[3], stride[3], dilation[3], begin[3];
};

/// y = (sum of |x|^p)^(1/p) of each window.
void pith_lp_pool(struct pith_window window, float p, const float *x, float *y);

/// dL/dx of the same, from dL/dy (`upstream`), x and y.
void pith_lp_pool_gradient(struct pith_window window, float p, const float *upstream,
                           const float *x, const float *y, float *gradient);

/// The largest element of each window and where it stands, counted over all planes; within a plane
/// with the last axis fastest, or with the first where `column_major`. y may be NULL.
void pith_max_pool_places(struct pith_window window, int column_major, const float *x, float *y,
                          int64_t *places);

#endif
