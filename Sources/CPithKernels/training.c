#include "pith_training.h"

#include <math.h>

#include "pith_dispatch.h"
#include "pith_parallel.h"

/// Softmax of x / temperature into p, and the logarithm of the sum that normalises it.
static float softmax(const float *x, size_t count, float temperature, float *p) {
  float largest = x[0];
  for (size_t i = 1; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  float sum = 0;
  for (size_t i = 0; i < count; i++) {
    p[i] = expf((x[i] - largest) / temperature);
    sum += p[i];
  }
  for (size_t i = 0; i < count; i++) p[i] /= sum;
  return logf(sum) + largest / temperature;
}

static float cross_entropy_row(const struct pith_loss *kind, const float *x, int32_t label,
                               size_t classes, float *p, float *gradient, float scale) {
  float total = softmax(x, classes, 1, p);
  float spread = kind->smoothing / (float)classes;
  float mean = 0;
  if (spread != 0) {
    for (size_t i = 0; i < classes; i++) mean += x[i];
  }
  for (size_t i = 0; i < classes; i++) gradient[i] += scale * (p[i] - spread);
  gradient[label] -= scale * (1 - kind->smoothing);
  return total - (1 - kind->smoothing) * x[label] - spread * mean;
}

static float squared_row(const float *x, int32_t label, size_t classes, float *gradient,
                         float scale) {
  float sum = 0;
  for (size_t i = 0; i < classes; i++) {
    float difference = x[i] - (i == (size_t)label ? 1.0f : 0.0f);
    sum += difference * difference;
    gradient[i] += scale * 2 * difference / (float)classes;
  }
  return sum / (float)classes;
}

static float teacher_row(const struct pith_loss *kind, const float *x, const float *t,
                         size_t classes, float *scratch, float *gradient, float scale) {
  float sum = 0;
  if (kind->squared_teacher) {
    for (size_t i = 0; i < classes; i++) {
      float difference = x[i] - t[i];
      sum += difference * difference;
      gradient[i] += scale * 2 * difference / (float)classes;
    }
    return sum / (float)classes;
  }
  float temperature = kind->temperature;
  float *p = scratch, *q = scratch + classes;
  float p_total = softmax(x, classes, temperature, p);
  float q_total = softmax(t, classes, temperature, q);
  for (size_t i = 0; i < classes; i++) {
    // log q - log p
    sum += q[i] * ((t[i] - x[i]) / temperature - q_total + p_total);
    gradient[i] += scale * temperature * (p[i] - q[i]);
  }
  return temperature * temperature * sum;
}

void pith_classification_loss(const struct pith_loss *kind, const float *logits,
                              const int32_t *labels, const float *teacher, size_t rows,
                              size_t classes, float *scratch, float *loss, float *gradient,
                              float *correct) {
  double sum = 0;
  size_t right = 0;
  float share = 1 / (float)rows;
  for (size_t row = 0; row < rows; row++) {
    const float *x = logits + row * classes;
    float *g = gradient + row * classes;
    for (size_t i = 0; i < classes; i++) g[i] = 0;
    int32_t label = labels[row];
    if (label >= 0 && (size_t)label < classes) {
      size_t best = 0;
      for (size_t i = 1; i < classes; i++) best = x[i] > x[best] ? i : best;
      right += best == (size_t)label;
      if (kind->label_weight != 0) {
        float scale = share * kind->label_weight;
        float part = kind->squared_labels
                         ? squared_row(x, label, classes, g, scale)
                         : cross_entropy_row(kind, x, label, classes, scratch, g, scale);
        sum += (double)(kind->label_weight * part);
      }
    }
    if (teacher && kind->teacher_weight != 0) {
      float scale = share * kind->teacher_weight;
      sum += (double)(kind->teacher_weight *
                      teacher_row(kind, x, teacher + row * classes, classes, scratch, g, scale));
    }
  }
  *loss = (float)(sum / (double)rows);
  *correct = (float)right;
}

void pith_squared_error(const float *y, const float *target, size_t count, float *loss,
                        float *gradient) {
  double sum = 0;
  float scale = 2 / (float)count;
  for (size_t i = 0; i < count; i++) {
    float difference = y[i] - target[i];
    sum += (double)difference * (double)difference;
    gradient[i] = scale * difference;
  }
  *loss = (float)(sum / (double)count);
}

struct sgd {
  float *w;
  const float *g;
  float *v;
  const float *mask;
  float rate, momentum, decay;
  int nesterov;
};

PITH_DISPATCHED(sgd_part, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct sgd *s = context;
  float *restrict w = s->w, *restrict v = s->v;
  const float *restrict gradient = s->g, *restrict mask = s->mask;
  float rate = s->rate, momentum = s->momentum, decay = s->decay;
  float ahead = s->nesterov ? momentum : 1, direct = s->nesterov ? 1 : 0;
  // Adding zero makes the negative zeros that a mask leaves positive: an archive would have to keep
  // their signs.
  if (mask) {
    for (size_t i = begin; i < end; i++) {
      float g = (gradient[i] + decay * w[i]) * mask[i];
      v[i] = (momentum * v[i] + g) * mask[i];
      w[i] = (w[i] - rate * (direct * g + ahead * v[i])) * mask[i] + 0.0f;
    }
  } else {
    for (size_t i = begin; i < end; i++) {
      float g = gradient[i] + decay * w[i];
      v[i] = momentum * v[i] + g;
      w[i] -= rate * (direct * g + ahead * v[i]);
    }
  }
}

void pith_sgd(float *weight, const float *gradient, float *velocity, const float *mask,
              size_t count, float rate, float momentum, float decay, int nesterov) {
  struct sgd s = {weight, gradient, velocity, mask, rate, momentum, decay, nesterov};
  pith_parallel(count, 1 << 15, sgd_part, &s);
}

struct adam {
  float *w;
  const float *g;
  float *m, *v;
  const float *mask;
  float rate, beta1, beta2, epsilon, decay, shrink, step, root;
};

PITH_DISPATCHED(adam_part, (void *context, size_t begin, size_t end), (context, begin, end)) {
  const struct adam *s = context;
  float *restrict w = s->w, *restrict m = s->m, *restrict v = s->v;
  const float *restrict gradient = s->g, *restrict mask = s->mask;
  float beta1 = s->beta1, beta2 = s->beta2, epsilon = s->epsilon, decay = s->decay;
  float shrink = s->shrink, step = s->step, root = s->root;
  for (size_t i = begin; i < end; i++) {
    float keep = mask ? mask[i] : 1;
    float g = (gradient[i] + decay * w[i]) * keep;
    m[i] = (beta1 * m[i] + (1 - beta1) * g) * keep;
    v[i] = (beta2 * v[i] + (1 - beta2) * g * g) * keep;
    w[i] = (w[i] * shrink - step * m[i] / (sqrtf(v[i]) * root + epsilon)) * keep + 0.0f;
  }
}

void pith_adam(float *weight, const float *gradient, float *mean, float *square, const float *mask,
               size_t count, float rate, float beta1, float beta2, float epsilon, float decay,
               int decoupled, float correction1, float correction2) {
  struct adam s = {weight,
                   gradient,
                   mean,
                   square,
                   mask,
                   rate,
                   beta1,
                   beta2,
                   epsilon,
                   decoupled ? 0 : decay,
                   decoupled ? 1 - rate * decay : 1,
                   rate / correction1,
                   1 / sqrtf(correction2)};
  pith_parallel(count, 1 << 14, adam_part, &s);
}

#if defined(__x86_64__)
#include <immintrin.h>
static unsigned long control(void) { return _mm_getcsr(); }
static void set_control(unsigned long value) { _mm_setcsr((unsigned)value); }
enum { FLUSH = 0x8040 };  // flush to zero, denormals are zero
#elif defined(__aarch64__)
static unsigned long control(void) {
  unsigned long value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
static void set_control(unsigned long value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
enum { FLUSH = 1 << 24 };
#else
static unsigned long control(void) { return 0; }
static void set_control(unsigned long value) { (void)value; }
enum { FLUSH = 0 };
#endif

static void flush_part(void *context, size_t begin, size_t end) {
  (void)context;
  (void)begin;
  (void)end;
  set_control(control() | FLUSH);
}

unsigned long pith_flush_begin(void) {
  static _Thread_local int pool_is_set;
  unsigned long saved = control();
  if (!pool_is_set) {
    pith_parallel((size_t)pith_threads(), 1, flush_part, NULL);
    pool_is_set = 1;
  }
  set_control(saved | FLUSH);
  return saved;
}

void pith_flush_end(unsigned long saved) { set_control(saved); }
