#ifndef PITH_REDUCTION_H
#define PITH_REDUCTION_H

#include <stddef.h>

/// How the elements along reduced axes are put together.
enum pith_reduction {
  PITH_REDUCE_SUM,
  PITH_REDUCE_MEAN,
  PITH_REDUCE_MAXIMUM,
  PITH_REDUCE_MINIMUM,
  PITH_REDUCE_PRODUCT,
  PITH_REDUCE_ABSOLUTE_SUM,
  PITH_REDUCE_EUCLIDEAN,
  PITH_REDUCE_SQUARE_SUM,
  /// Logarithm of the sum.
  PITH_REDUCE_LOG_SUM,
  /// Logarithm of the sum of e^x.
  PITH_REDUCE_LOG_SUM_EXP,
};

/// A row-major value seen as (outer, kept, reduced, inner), reduced over `outer` and `reduced`.
struct pith_reduction_shape {
  size_t outer, kept, reduced, inner;
};

/// Numbers of type double that `pith_reduce` needs as scratch.
size_t pith_reduce_scratch(struct pith_reduction_shape shape);

/// y (kept, inner) from x (outer, kept, reduced, inner). Sums are taken in double precision, in an
/// order that does not depend on the number of threads.
void pith_reduce(enum pith_reduction function, struct pith_reduction_shape shape, const float *x,
                 float *y, double *scratch);

/// dL/dx from dL/dy (`upstream`), x and y. Elements that share an extremum share its gradient.
void pith_reduce_gradient(enum pith_reduction function, struct pith_reduction_shape shape,
                          const float *upstream, const float *x, const float *y, float *gradient);

#endif
