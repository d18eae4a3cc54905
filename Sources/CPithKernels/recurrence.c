#include <math.h>

#include "pith_recurrence_pass.h"

size_t pith_recurrence_scratch(const struct pith_recurrence *layer, int backward) {
  size_t rows = layer->steps * layer->batch;
  size_t width = gate_count(layer) * layer->hidden;
  return forward_floats(layer) + (backward ? 2 * rows * width : 0) + 16;
}

// What the gates get from x, biases included.
static void gather_input(const struct pass *pass) {
  const struct pith_recurrence *layer = pass->layer;
  size_t width = pass->width;
  if (pass->rows == 0) return;
  layer->product(0, 1, pass->rows, width, layer->input, pass->in->x, layer->input, pass->w,
                 layer->input, 0, pass->activated, width);
  if (!pass->b) return;
  size_t both = layer->cell == PITH_CELL_GRU && layer->linear_before_reset ? 2 * pass->hidden
                                                                           : width;
  for (size_t row = 0; row < pass->rows; row++) {
    float *gates = pass->activated + row * width;
    for (size_t i = 0; i < width; i++) gates[i] += pass->b[i];
    for (size_t i = 0; i < both; i++) gates[i] += pass->b[width + i];
  }
}

static void lstm_entry(const struct pass *pass, float *g, const float *step, float *h, float *c) {
  const struct pith_gate *f = pass->layer->gates[pass->direction];
  float clip = pass->layer->clip;
  size_t count = pass->hidden;
  float *input = g, *output = g + count, *forget = g + 2 * count, *cell = g + 3 * count;
  pith_add(g, step, 4 * count);
  if (pass->peepholes) {
    pith_add_product(input, pass->peepholes, c, count);
    pith_add_product(forget, pass->peepholes + 2 * count, c, count);
  }
  pith_gate_apply(f[0], clip, input, count);
  if (pass->layer->couples_gates)
    EACH forget[i] = 1 - input[i];
  else
    pith_gate_apply(f[0], clip, forget, count);
  pith_gate_apply(f[1], clip, cell, count);
  EACH c[i] = forget[i] * c[i] + input[i] * cell[i];
  if (pass->peepholes) pith_add_product(output, pass->peepholes + count, c, count);
  pith_gate_apply(f[0], clip, output, count);
  memcpy(h, c, count * sizeof(float));
  pith_gate_apply(f[2], INFINITY, h, count);
  EACH h[i] *= output[i];
}

// The update and reset gates; what the reset state, or the product with it, is goes to `extra`.
static void gru_gates(const struct pass *pass, float *g, const float *step, const float *h,
                      float *extra) {
  size_t count = pass->hidden;
  pith_add(g, step, 2 * count);
  pith_gate_apply(pass->layer->gates[pass->direction][0], pass->layer->clip, g, 2 * count);
  const float *reset = g + count;
  if (!pass->layer->linear_before_reset) {
    EACH extra[i] = reset[i] * h[i];
    return;
  }
  memcpy(extra, step + 2 * count, count * sizeof(float));
  if (pass->b) pith_add(extra, pass->b + pass->width + 2 * count, count);
  pith_add_product(g + 2 * count, reset, extra, count);
}

static void gru_state(const struct pass *pass, float *g, float *h) {
  size_t count = pass->hidden;
  float *update = g, *candidate = g + 2 * count;
  pith_gate_apply(pass->layer->gates[pass->direction][1], pass->layer->clip, candidate, count);
  EACH h[i] = (1 - update[i]) * candidate[i] + update[i] * h[i];
}

static void step_forward(const struct pass *pass, size_t step) {
  const struct pith_recurrence *layer = pass->layer;
  size_t hidden = pass->hidden, width = pass->width, batch = pass->batch;
  int splits = layer->cell == PITH_CELL_GRU && !layer->linear_before_reset;
  layer->product(0, 1, batch, splits ? 2 * hidden : width, hidden, pass->h, hidden, pass->r,
                 hidden, 0, pass->step, width);
  for (size_t n = 0; n < batch; n++) {
    long time = time_of(pass, step, n);
    float *h = pass->h + n * hidden, *c = pass->c + n * hidden;
    memset(pass->spare + n * hidden, 0, hidden * sizeof(float));
    if (time < 0) continue;
    size_t row = row_of(pass, (size_t)time, n);
    float *g = pass->activated + row * width, *extra = pass->extra + row * hidden;
    memcpy(pass->before + row * hidden, h, hidden * sizeof(float));
    switch (layer->cell) {
      case PITH_CELL_RNN:
        pith_add(g, pass->step + n * width, hidden);
        pith_gate_apply(layer->gates[pass->direction][0], layer->clip, g, hidden);
        memcpy(h, g, hidden * sizeof(float));
        break;
      case PITH_CELL_LSTM:
        memcpy(extra, c, hidden * sizeof(float));
        lstm_entry(pass, g, pass->step + n * width, h, c);
        break;
      case PITH_CELL_GRU:
        gru_gates(pass, g, pass->step + n * width, h, extra);
        if (splits)
          memcpy(pass->spare + n * hidden, extra, hidden * sizeof(float));
        else
          gru_state(pass, g, h);
    }
  }
  if (!splits) return;
  layer->product(0, 1, batch, hidden, hidden, pass->spare, hidden, pass->r + 2 * hidden * hidden,
                 hidden, 0, pass->step + 2 * hidden, width);
  for (size_t n = 0; n < batch; n++) {
    long time = time_of(pass, step, n);
    if (time < 0) continue;
    float *g = pass->activated + row_of(pass, (size_t)time, n) * width;
    pith_add(g + 2 * hidden, pass->step + n * width + 2 * hidden, hidden);
    gru_state(pass, g, pass->h + n * hidden);
  }
}

void pith_recurrence_run(const struct pass *pass, float *y) {
  const struct pith_recurrence *layer = pass->layer;
  gather_input(pass);
  load_state(pass, pass->in->h, pass->h);
  load_state(pass, pass->in->c, pass->c);
  size_t steps = pass->rows ? layer->steps : 0;
  for (size_t step = 0; step < steps; step++) {
    step_forward(pass, step);
    for (size_t n = 0; y && n < pass->batch; n++) {
      long time = time_of(pass, step, n);
      if (time < 0)
        memset(y + output_place(pass, step, n), 0, pass->hidden * sizeof(float));
      else
        memcpy(y + output_place(pass, (size_t)time, n), pass->h + n * pass->hidden,
               pass->hidden * sizeof(float));
    }
  }
}

void pith_recurrence_forward(const struct pith_recurrence *layer,
                             const struct pith_recurrence_inputs *inputs,
                             const struct pith_recurrence_outputs *outputs, float *scratch) {
  for (size_t direction = 0; direction < layer->directions; direction++) {
    struct pass pass = make_pass(layer, inputs, direction, scratch);
    pith_recurrence_run(&pass, outputs->y);
    store_state(&pass, pass.h, outputs->h);
    store_state(&pass, pass.c, outputs->c);
  }
}
