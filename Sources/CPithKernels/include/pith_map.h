#ifndef PITH_MAP_H
#define PITH_MAP_H

#include <stddef.h>

/// Elementwise functions that oneDNN lacks; all map 0 to 0.
enum pith_map {
  PITH_MAP_CEILING,
  PITH_MAP_ERROR_FUNCTION,
  PITH_MAP_FLOOR,
  /// b x where positive, else b a (e^x - 1).
  PITH_MAP_SCALED_EXPONENTIAL,
  PITH_MAP_SIGN,
};

/// y[i] = function(x[i]); x and y may be one.
void pith_map(enum pith_map function, float a, float b, const float *x, float *y, size_t count);

#endif
