#ifndef PITH_TRAINING_H
#define PITH_TRAINING_H

#include <stddef.h>
#include <stdint.h>

/// What a classification loss is made of; see `Loss` in PithOperators for the formulas.
struct pith_loss {
  float label_weight;    ///< of the part that compares with the labels
  float teacher_weight;  ///< of the part that compares with the teacher
  float smoothing;       ///< of the labels
  float temperature;     ///< of the softened probabilities
  int squared_labels;    ///< squared error to the one-hot labels instead of cross-entropy
  int squared_teacher;   ///< squared error to the teacher's logits instead of KL divergence
};

/// Mean loss over `rows` rows of `classes` logits, its gradient with respect to the logits, and the
/// number of rows whose largest logit is the label's. `teacher` may be null. `scratch` holds
/// 2 * classes floats. Rows whose label is negative are left out of the labels' part.
void pith_classification_loss(const struct pith_loss *kind, const float *logits,
                              const int32_t *labels, const float *teacher, size_t rows,
                              size_t classes, float *scratch, float *loss, float *gradient,
                              float *correct);

/// The mean of (y - target)^2 over `count` numbers, and its gradient with respect to y.
void pith_squared_error(const float *y, const float *target, size_t count, float *loss,
                        float *gradient);

/// One step of stochastic gradient descent with momentum, in place:
/// g += decay w; v = momentum v + g; w -= rate (nesterov ? g + momentum v : v). Where a mask is
/// given, g, v and w are multiplied by it.
void pith_sgd(float *weight, const float *gradient, float *velocity, const float *mask,
              size_t count, float rate, float momentum, float decay, int nesterov);

/// One step of Adam, in place; `decoupled` shrinks the weight by rate * decay (AdamW) instead of
/// adding decay w to the gradient. `correction1` and `correction2` are 1 - beta^step.
void pith_adam(float *weight, const float *gradient, float *mean, float *square, const float *mask,
               size_t count, float rate, float beta1, float beta2, float epsilon, float decay,
               int decoupled, float correction1, float correction2);

/// Makes the pool's threads treat denormal numbers as zero, which are a hundred times slower; the
/// calling thread only until `pith_flush_end` is given what this gave.
unsigned long pith_flush_begin(void);
void pith_flush_end(unsigned long saved);

#endif
