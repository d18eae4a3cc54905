#ifndef PITH_LIKELIHOOD_H
#define PITH_LIKELIHOOD_H

#include <stddef.h>
#include <stdint.h>

/// How the losses of all places are put together.
enum pith_loss_reduction { PITH_LOSS_EACH, PITH_LOSS_SUM, PITH_LOSS_MEAN };

/// The loss of labels under log-probabilities (rows, classes, inner), one label for each of
/// (rows, inner). Labels that are no class, or `ignored`, count nothing.
struct pith_likelihood {
  size_t rows, classes, inner;
  enum pith_loss_reduction reduction;
  /// Labels are 64-bit where `wide`, else 32-bit.
  int wide;
  const void *labels;
  /// One weight per class, or NULL for ones.
  const float *weights;
  int64_t ignored;
};

/// `loss` has one number, or (rows, inner) of them. A mean is over the weights that count.
void pith_negative_log_likelihood(const struct pith_likelihood *job, const float *log_probability,
                                  float *loss);

/// dL/d(log-probability) from dL/d(loss).
void pith_negative_log_likelihood_gradient(const struct pith_likelihood *job,
                                           const float *upstream, float *gradient);

/// The logarithm of softmax along the middle axis of (rows, classes, inner).
void pith_log_softmax(size_t rows, size_t classes, size_t inner, const float *scores,
                      float *log_probability);

/// dL/d(scores) where the log-probabilities are those of softmax.
void pith_softmax_likelihood_gradient(const struct pith_likelihood *job, const float *upstream,
                                      const float *log_probability, float *gradient);

#endif
