#include "pith_sparse.h"

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

// A few rows are gathered from, weight by weight. Of many rows, 64 at a time are turned so that a
// feature's values lie side by side, and each weight is used for all of them.

typedef float lanes __attribute__((vector_size(64), aligned(4)));

enum { LANES = 16, WIDTH = 64, FEW = 8 };

struct task {
  const struct pith_sparse_product *product;
  const float *input;
  float *output, *scratch;
};

PITH_INLINE float clip(float value, float low, float high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

PITH_DISPATCHED(gather_part,
                (const struct pith_sparse_product *p, const float *input, float *output,
                 size_t begin, size_t end),
                (p, input, output, begin, end)) {
  PITH_REASSOCIATE
  for (size_t o = begin; o < end; o++)
    for (size_t row = 0; row < p->rows; row++) {
      const float *from = input + row * p->features;
      float sum = 0;
      for (int32_t i = p->starts[o]; i < p->starts[o + 1]; i++)
        sum += p->values[i] * from[p->indices[i]];
      output[row * p->outputs + o] = clip(sum + (p->bias ? p->bias[o] : 0), p->low, p->high);
    }
}

static void gather(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  gather_part(task->product, task->input, task->output, begin, end);
}

// Of one block of rows, some outputs. `turned` is (features, WIDTH).
PITH_DISPATCHED(multiply_part,
                (const struct pith_sparse_product *p, const float *turned, float *output,
                 size_t rows, size_t begin, size_t end),
                (p, turned, output, rows, begin, end)) {
  for (size_t o = begin; o < end; o++) {
    lanes sums[WIDTH / LANES];
    float bias = p->bias ? p->bias[o] : 0;
    for (int k = 0; k < WIDTH / LANES; k++) sums[k] = (lanes){0} + bias;
    for (int32_t i = p->starts[o]; i < p->starts[o + 1]; i++) {
      const float *from = turned + (size_t)p->indices[i] * WIDTH;
      lanes value = (lanes){0} + p->values[i];
      for (int k = 0; k < WIDTH / LANES; k++) sums[k] += value * *(const lanes *)(from + LANES * k);
    }
    const float *from = (const float *)sums;
    for (size_t row = 0; row < rows; row++)
      output[row * p->outputs + o] = clip(from[row], p->low, p->high);
  }
}

PITH_DISPATCHED(turn_part,
                (const struct pith_sparse_product *p, const float *input, float *turned,
                 size_t rows, size_t begin, size_t end),
                (p, input, turned, rows, begin, end)) {
  for (size_t feature = begin; feature < end; feature++) {
    for (size_t row = 0; row < rows; row++)
      turned[feature * WIDTH + row] = input[row * p->features + feature];
    for (size_t row = rows; row < WIDTH; row++) turned[feature * WIDTH + row] = 0;
  }
}

struct block {
  const struct task *task;
  const float *input;
  float *output;
  size_t rows;
};

static void turn(void *context, size_t begin, size_t end) {
  const struct block *block = context;
  const struct task *task = block->task;
  turn_part(task->product, block->input, task->scratch, block->rows, begin, end);
}

static void multiply(void *context, size_t begin, size_t end) {
  const struct block *block = context;
  const struct task *task = block->task;
  multiply_part(task->product, task->scratch, block->output, block->rows, begin, end);
}

size_t pith_sparse_product_scratch(const struct pith_sparse_product *product) {
  return product->rows < FEW ? 0 : product->features * WIDTH * sizeof(float);
}

void pith_sparse_multiply(const struct pith_sparse_product *product, const float *input,
                          float *output, float *scratch) {
  struct task task = {product, input, output, scratch};
  if (product->rows < FEW) {
    pith_parallel(product->outputs, 64, gather, &task);
    return;
  }
  for (size_t row = 0; row < product->rows; row += WIDTH) {
    size_t rows = product->rows - row < WIDTH ? product->rows - row : WIDTH;
    struct block block = {&task, input + row * product->features, output + row * product->outputs,
                          rows};
    pith_parallel(product->features, 64, turn, &block);
    pith_parallel(product->outputs, 16, multiply, &block);
  }
}
