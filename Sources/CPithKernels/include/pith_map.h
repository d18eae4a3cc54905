#ifndef PITH_MAP_H
#define PITH_MAP_H

#include <stddef.h>

/// Elementwise functions that oneDNN lacks.
enum pith_map {
  PITH_MAP_ARC_COSINE,
  PITH_MAP_ARC_SINE,
  PITH_MAP_ARC_TANGENT,
  PITH_MAP_CEILING,
  /// x where positive, else a (e^(x/a) - 1).
  PITH_MAP_CELU,
  PITH_MAP_COSINE,
  PITH_MAP_ERROR_FUNCTION,
  PITH_MAP_FLOOR,
  PITH_MAP_HYPERBOLIC_ARC_COSINE,
  PITH_MAP_HYPERBOLIC_ARC_SINE,
  PITH_MAP_HYPERBOLIC_ARC_TANGENT,
  PITH_MAP_HYPERBOLIC_COSINE,
  PITH_MAP_HYPERBOLIC_SINE,
  /// b x where positive, else b a (e^x - 1).
  PITH_MAP_SCALED_EXPONENTIAL,
  /// x - b where x is above a, x + b where it is below -a, else 0.
  PITH_MAP_SHRINK,
  PITH_MAP_SIGN,
  PITH_MAP_SINE,
  /// x / (1 + |x|).
  PITH_MAP_SOFT_SIGN,
  PITH_MAP_TANGENT,
  /// x where it is above a, else 0.
  PITH_MAP_THRESHOLD,
};

/// y[i] = function(x[i]); x and y may be one.
void pith_map(enum pith_map function, float a, float b, const float *x, float *y, size_t count);

/// gradient[i] = upstream[i] * function'(x[i]); gradient may be one of the others.
void pith_map_gradient(enum pith_map function, float a, float b, const float *upstream,
                       const float *x, float *gradient, size_t count);

#endif
