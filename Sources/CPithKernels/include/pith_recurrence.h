#ifndef PITH_RECURRENCE_H
#define PITH_RECURRENCE_H

#include <stddef.h>
#include <stdint.h>

enum pith_cell { PITH_CELL_RNN, PITH_CELL_GRU, PITH_CELL_LSTM };

/// The functions that gates may have; `a` and `b` are their parameters.
enum pith_gate_function {
  PITH_GATE_SIGMOID,
  PITH_GATE_TANH,
  PITH_GATE_RELU,
  PITH_GATE_AFFINE,        // a x + b
  PITH_GATE_LEAKY_RELU,    // x where positive, else a x
  PITH_GATE_THRESHOLDED,   // x where above a, else 0
  PITH_GATE_SCALED_TANH,   // a tanh(b x)
  PITH_GATE_HARD_SIGMOID,  // a x + b within 0...1
  PITH_GATE_ELU,           // x where positive, else a (e^x - 1)
  PITH_GATE_SOFTSIGN,
  PITH_GATE_SOFTPLUS,
};

struct pith_gate {
  enum pith_gate_function function;
  float a;
  float b;
};

/// C (m, n) = op(A) op(B) + beta C, row-major; a transposed operand is stored as such.
typedef void (*pith_product)(int transposes_a, int transposes_b, size_t m, size_t n, size_t k,
                             const float *a, size_t lda, const float *b, size_t ldb, float beta,
                             float *c, size_t ldc);

/// A recurrent layer. Gates stand in ONNX's order: z r h (GRU), i o f c (LSTM).
struct pith_recurrence {
  enum pith_cell cell;
  int linear_before_reset;  // GRU: the reset gate works on the product, not on the state
  int couples_gates;        // LSTM: the forget gate is one less the input gate
  int batch_first;          // x (N, T, I), y (N, T, D, H), states (N, D, H)
  float clip;               // bound of what goes into a gate's function; infinite for none
  size_t steps;
  size_t batch;
  size_t input;
  size_t hidden;
  size_t directions;
  int reversed[2];
  struct pith_gate gates[2][3];  // per direction f, g, h
  pith_product product;
};

/// Parameters and states: x (T, N, I), w (D, G H, I), r (D, G H, H), b (D, 2 G H), states
/// (D, N, H), peepholes (D, 3 H), lengths (N). All but x, w and r may be null.
struct pith_recurrence_inputs {
  const float *x;
  const float *w;
  const float *r;
  const float *b;
  const int32_t *lengths;
  const float *h;
  const float *c;
  const float *peepholes;
};

/// y (T, D, N, H) and the last states (D, N, H); any may be null.
struct pith_recurrence_outputs {
  float *y;
  float *h;
  float *c;
};

/// Gradients of inputs, where wanted.
struct pith_recurrence_gradients {
  float *x;
  float *w;
  float *r;
  float *b;
  float *h;
  float *c;
  float *peepholes;
};

/// Floats of scratch memory that running forward, or backward, takes.
size_t pith_recurrence_scratch(const struct pith_recurrence *layer, int backward);

void pith_recurrence_forward(const struct pith_recurrence *layer,
                             const struct pith_recurrence_inputs *inputs,
                             const struct pith_recurrence_outputs *outputs, float *scratch);

/// Runs forward again, which is cheaper than to keep all gates from then to now, and then backward.
/// `upstream` holds the gradients of the outputs (read only), null where none reaches them.
void pith_recurrence_backward(const struct pith_recurrence *layer,
                              const struct pith_recurrence_inputs *inputs,
                              const struct pith_recurrence_outputs *upstream,
                              const struct pith_recurrence_gradients *gradients, float *scratch);

#endif
