#ifndef PITH_CHAIN_H
#define PITH_CHAIN_H

#include <stddef.h>
#include <stdint.h>

/// What a step of a chain does with its operands x and y, and the numbers a and b.
enum pith_chain_function {
  PITH_CHAIN_ADD,
  PITH_CHAIN_SUBTRACT,
  PITH_CHAIN_MULTIPLY,
  PITH_CHAIN_DIVIDE,
  PITH_CHAIN_MINIMUM,
  PITH_CHAIN_MAXIMUM,
  PITH_CHAIN_LEAKY_RELU,    ///< x where positive, else a x
  PITH_CHAIN_CLIP,          ///< x held between a and b
  PITH_CHAIN_LINEAR,        ///< a x + b
  PITH_CHAIN_ABSOLUTE,
  PITH_CHAIN_SQUARE,
  PITH_CHAIN_ROOT,
  PITH_CHAIN_RECIPROCAL,
  PITH_CHAIN_HARD_SIGMOID,  ///< a x + b held between 0 and 1
  PITH_CHAIN_HARD_SWISH,    ///< x times that
  PITH_CHAIN_EXPONENTIAL,
  PITH_CHAIN_SIGMOID,
  PITH_CHAIN_SWISH,         ///< x times the sigmoid of a x
  PITH_CHAIN_TANGENT,       ///< hyperbolic
  PITH_CHAIN_ERROR,         ///< the error function, to 5e-7
  PITH_CHAIN_GELU,          ///< x / 2 (1 + erf(x / sqrt(2)))
  // x times the derivative of a function that has the value y, ...
  PITH_CHAIN_CLIP_SLOPE,
  PITH_CHAIN_SIGMOID_SLOPE,
  PITH_CHAIN_TANGENT_SLOPE,
  PITH_CHAIN_EXPONENTIAL_SLOPE,
  PITH_CHAIN_ROOT_SLOPE,
  // ... or at y.
  PITH_CHAIN_LEAKY_RELU_SLOPE,
  PITH_CHAIN_HARD_SWISH_SLOPE,
};

enum { PITH_CHAIN_INPUTS = 8, PITH_CHAIN_STEPS = 16 };

/// Operands are inputs, from 0 on, and after them the results of earlier steps.
struct pith_chain_step {
  enum pith_chain_function function;
  int32_t x, y;
  float a, b;
};

/// How an input is stretched to the result: element i of that meets element i / run % count.
struct pith_chain_input {
  size_t run, count;
};

/// Elementwise functions one after another over `count` elements, a stretch that fits the nearest
/// cache at a time; the last step's result is the output.
struct pith_chain {
  size_t count;
  int32_t input_count, step_count;
  struct pith_chain_input inputs[PITH_CHAIN_INPUTS];
  struct pith_chain_step steps[PITH_CHAIN_STEPS];
};

/// `output` may be an input that is not stretched.
void pith_chain_run(const struct pith_chain *chain, const float *const *inputs, float *output);

#endif
