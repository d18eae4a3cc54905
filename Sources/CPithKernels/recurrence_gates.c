#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_recurrence_pass.h"

// A rational approximation of tanh on [-7.9, 7.9], good to a few units in the last place.
PITH_INLINE float bounded_tanh(float x) {
  x = x > 7.90531110763549805f ? 7.90531110763549805f : x;
  x = x < -7.90531110763549805f ? -7.90531110763549805f : x;
  float s = x * x;
  float p = -2.76076847742355e-16f;
  p = p * s + 2.00018790482477e-13f;
  p = p * s + -8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * s + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  return x * p / q;
}

PITH_DISPATCHED(apply,
                (struct pith_gate gate, float clip, float *x, size_t count),
                (gate, clip, x, count)) {
  float a = gate.a, b = gate.b;
  if (clip < INFINITY) EACH x[i] = x[i] > clip ? clip : x[i] < -clip ? -clip : x[i];
  switch (gate.function) {
    case PITH_GATE_SIGMOID: EACH x[i] = 0.5f * bounded_tanh(0.5f * x[i]) + 0.5f; break;
    case PITH_GATE_TANH: EACH x[i] = bounded_tanh(x[i]); break;
    case PITH_GATE_RELU: EACH x[i] = x[i] > 0 ? x[i] : 0; break;
    case PITH_GATE_AFFINE: EACH x[i] = a * x[i] + b; break;
    case PITH_GATE_LEAKY_RELU: EACH x[i] = x[i] > 0 ? x[i] : a * x[i]; break;
    case PITH_GATE_THRESHOLDED: EACH x[i] = x[i] > a ? x[i] : 0; break;
    case PITH_GATE_SCALED_TANH: EACH x[i] = a * bounded_tanh(b * x[i]); break;
    case PITH_GATE_HARD_SIGMOID: EACH {
        float y = a * x[i] + b;
        x[i] = y < 0 ? 0 : y > 1 ? 1 : y;
      }
      break;
    case PITH_GATE_ELU: EACH x[i] = x[i] > 0 ? x[i] : a * expm1f(x[i]); break;
    case PITH_GATE_SOFTSIGN: EACH x[i] = x[i] / (1 + fabsf(x[i])); break;
    case PITH_GATE_SOFTPLUS: EACH x[i] = x[i] > 20 ? x[i] : log1pf(expf(x[i])); break;
  }
}

// d[i] *= the function's slope where its value is y[i].
PITH_DISPATCHED(slope,
                (struct pith_gate gate, const float *y, float *d, size_t count),
                (gate, y, d, count)) {
  float a = gate.a, b = gate.b;
  switch (gate.function) {
    case PITH_GATE_SIGMOID: EACH d[i] *= y[i] * (1 - y[i]); break;
    case PITH_GATE_TANH: EACH d[i] *= 1 - y[i] * y[i]; break;
    case PITH_GATE_RELU:
    case PITH_GATE_THRESHOLDED: EACH d[i] = y[i] > 0 ? d[i] : 0; break;
    case PITH_GATE_AFFINE: EACH d[i] *= a; break;
    case PITH_GATE_LEAKY_RELU: EACH d[i] *= y[i] > 0 ? 1 : a; break;
    case PITH_GATE_SCALED_TANH: EACH d[i] *= b * (a - y[i] * y[i] / a); break;
    case PITH_GATE_HARD_SIGMOID: EACH d[i] *= y[i] > 0 && y[i] < 1 ? a : 0; break;
    case PITH_GATE_ELU: EACH d[i] *= y[i] > 0 ? 1 : y[i] + a; break;
    case PITH_GATE_SOFTSIGN: EACH d[i] *= (1 - fabsf(y[i])) * (1 - fabsf(y[i])); break;
    case PITH_GATE_SOFTPLUS: EACH d[i] *= -expm1f(-y[i]); break;
  }
}

PITH_DISPATCHED(add, (float *x, const float *y, size_t count), (x, y, count)) { EACH x[i] += y[i]; }

PITH_DISPATCHED(add_product,
                (float *x, const float *a, const float *b, size_t count),
                (x, a, b, count)) {
  EACH x[i] += a[i] * b[i];
}

void pith_gate_apply(struct pith_gate gate, float clip, float *x, size_t count) {
  apply(gate, clip, x, count);
}

void pith_gate_slope(struct pith_gate gate, const float *y, float *d, size_t count) {
  slope(gate, y, d, count);
}

void pith_add(float *x, const float *y, size_t count) { add(x, y, count); }

void pith_add_product(float *x, const float *a, const float *b, size_t count) {
  add_product(x, a, b, count);
}
