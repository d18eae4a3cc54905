#include <math.h>

#include "pith_recurrence_pass.h"

// Turns the gradient of a step's state (and cell) into that of its gates, in `d`, and of the state
// (and cell) before, as far as that does not come through the gates.
static void lstm_entry_back(const struct pass *pass, const float *g, const float *cell_before,
                            float *d, float *dh, float *dc, float *d_peepholes) {
  const struct pith_gate *f = pass->layer->gates[pass->direction];
  size_t count = pass->hidden;
  const float *input = g, *output = g + count, *forget = g + 2 * count, *cell = g + 3 * count;
  float *di = d, *dof = d + count, *df = d + 2 * count, *dg = d + 3 * count;
  const float *peepholes = pass->peepholes;
  // df holds the cell, then what the state makes of it, until its own turn.
  EACH df[i] = forget[i] * cell_before[i] + input[i] * cell[i];
  if (d_peepholes || peepholes) memcpy(di, df, count * sizeof(float));
  pith_gate_apply(f[2], INFINITY, df, count);
  EACH dof[i] = dh[i] * df[i];
  EACH dh[i] *= output[i];
  pith_gate_slope(f[2], df, dh, count);
  pith_add(dc, dh, count);
  pith_gate_slope(f[0], output, dof, count);
  if (d_peepholes) pith_add_product(d_peepholes + count, dof, di, count);
  if (peepholes) pith_add_product(dc, dof, peepholes + count, count);
  EACH di[i] = dc[i] * cell[i];
  EACH dg[i] = dc[i] * input[i];
  EACH df[i] = dc[i] * cell_before[i];
  if (pass->layer->couples_gates) {
    EACH di[i] -= df[i];
    EACH df[i] = 0;
  } else {
    pith_gate_slope(f[0], forget, df, count);
  }
  pith_gate_slope(f[0], input, di, count);
  pith_gate_slope(f[1], cell, dg, count);
  EACH dc[i] *= forget[i];
  if (peepholes) {
    pith_add_product(dc, di, peepholes, count);
    pith_add_product(dc, df, peepholes + 2 * count, count);
  }
  if (d_peepholes) {
    pith_add_product(d_peepholes, di, cell_before, count);
    pith_add_product(d_peepholes + 2 * count, df, cell_before, count);
  }
  memset(dh, 0, count * sizeof(float));
}

// As above; the reset gate's part is left to `gru_reset_back` where it takes a product more.
static void gru_entry_back(const struct pass *pass, const float *g, const float *h_before,
                           const float *extra, float *d, float *d_state, float *dh) {
  const struct pith_gate *f = pass->layer->gates[pass->direction];
  size_t count = pass->hidden;
  const float *update = g, *reset = g + count, *candidate = g + 2 * count;
  float *dz = d, *dr = d + count, *dn = d + 2 * count;
  EACH dz[i] = dh[i] * (h_before[i] - candidate[i]);
  EACH dn[i] = dh[i] * (1 - update[i]);
  EACH dh[i] *= update[i];
  pith_gate_slope(f[0], update, dz, count);
  pith_gate_slope(f[1], candidate, dn, count);
  if (pass->layer->linear_before_reset) {
    EACH dr[i] = dn[i] * extra[i];
    pith_gate_slope(f[0], reset, dr, count);
    memcpy(d_state, d, 2 * count * sizeof(float));
    EACH d_state[2 * count + i] = dn[i] * reset[i];
  }
}

static void gru_reset_back(const struct pass *pass, const float *g, const float *h_before,
                           const float *d_reset_state, float *d, float *dh) {
  size_t count = pass->hidden;
  const float *reset = g + count;
  float *dr = d + count;
  EACH dr[i] = d_reset_state[i] * h_before[i];
  pith_add_product(dh, d_reset_state, reset, count);
  pith_gate_slope(pass->layer->gates[pass->direction][0], reset, dr, count);
}

static void step_back(const struct pass *pass, size_t step, const float *dy, float *d_peepholes) {
  const struct pith_recurrence *layer = pass->layer;
  size_t hidden = pass->hidden, width = pass->width, batch = pass->batch;
  int splits = layer->cell == PITH_CELL_GRU && !layer->linear_before_reset;
  memset(pass->step, 0, batch * width * sizeof(float));
  for (size_t n = 0; n < batch; n++) {
    long time = time_of(pass, step, n);
    if (time < 0) continue;
    size_t row = row_of(pass, (size_t)time, n);
    float *dh = pass->h + n * hidden, *dc = pass->c + n * hidden, *d = pass->d_input + row * width;
    const float *g = pass->activated + row * width, *extra = pass->extra + row * hidden;
    if (dy) pith_add(dh, dy + output_place(pass, (size_t)time, n), hidden);
    switch (layer->cell) {
      case PITH_CELL_RNN:
        memcpy(d, dh, hidden * sizeof(float));
        pith_gate_slope(layer->gates[pass->direction][0], g, d, hidden);
        memset(dh, 0, hidden * sizeof(float));
        break;
      case PITH_CELL_LSTM: lstm_entry_back(pass, g, extra, d, dh, dc, d_peepholes); break;
      case PITH_CELL_GRU:
        gru_entry_back(pass, g, pass->before + row * hidden, extra, d,
                       pass->d_state + row * width, dh);
    }
    memcpy(pass->step + n * width,
           layer->cell == PITH_CELL_GRU && !splits ? pass->d_state + row * width : d,
           width * sizeof(float));
  }
  if (splits) {
    layer->product(0, 0, batch, hidden, hidden, pass->step + 2 * hidden, width,
                   pass->r + 2 * hidden * hidden, hidden, 0, pass->spare, hidden);
    for (size_t n = 0; n < batch; n++) {
      long time = time_of(pass, step, n);
      if (time < 0) continue;
      size_t row = row_of(pass, (size_t)time, n);
      float *d = pass->d_input + row * width;
      gru_reset_back(pass, pass->activated + row * width, pass->before + row * hidden,
                     pass->spare + n * hidden, d, pass->h + n * hidden);
      memcpy(pass->step + n * width, d, width * sizeof(float));
    }
  }
  layer->product(0, 0, batch, hidden, splits ? 2 * hidden : width, pass->step, width, pass->r,
                 hidden, 1, pass->h, hidden);
}

static void sum_rows(const float *x, size_t rows, size_t width, float *sums) {
  memset(sums, 0, width * sizeof(float));
  for (size_t row = 0; row < rows; row++) pith_add(sums, x + row * width, width);
}

// The gradients of what all steps share.
static void parameter_gradients(const struct pass *pass,
                                const struct pith_recurrence_gradients *out) {
  const struct pith_recurrence *layer = pass->layer;
  size_t hidden = pass->hidden, width = pass->width, rows = pass->rows, input = layer->input;
  const float *d = pass->d_input;
  int linear = layer->cell == PITH_CELL_GRU && layer->linear_before_reset;
  int splits = layer->cell == PITH_CELL_GRU && !layer->linear_before_reset;
  const float *d_state = linear ? pass->d_state : d;
  if (out->x && rows)
    layer->product(0, 0, rows, input, width, d, width, pass->w, input, pass->direction ? 1 : 0,
                   out->x, input);
  if (out->w)
    layer->product(1, 0, width, input, rows, d, width, pass->in->x, input, 0,
                   out->w + pass->direction * width * input, input);
  if (out->r) {
    float *r = out->r + pass->direction * width * hidden;
    layer->product(1, 0, splits ? 2 * hidden : width, hidden, rows, d_state, width, pass->before,
                   hidden, 0, r, hidden);
    if (splits)
      layer->product(1, 0, hidden, hidden, rows, d + 2 * hidden, width, pass->extra, hidden, 0,
                     r + 2 * hidden * hidden, hidden);
  }
  if (out->b) {
    sum_rows(d, rows, width, out->b + pass->direction * 2 * width);
    sum_rows(d_state, rows, width, out->b + pass->direction * 2 * width + width);
  }
}

void pith_recurrence_backward(const struct pith_recurrence *layer,
                              const struct pith_recurrence_inputs *inputs,
                              const struct pith_recurrence_outputs *upstream,
                              const struct pith_recurrence_gradients *gradients, float *scratch) {
  for (size_t direction = 0; direction < layer->directions; direction++) {
    struct pass pass = make_pass(layer, inputs, direction, scratch);
    // Rows of steps that a sequence does not take stay zero.
    memset(pass.before, 0, 2 * pass.rows * pass.hidden * sizeof(float));
    memset(pass.d_input, 0, 2 * pass.rows * pass.width * sizeof(float));
    pith_recurrence_run(&pass, NULL);
    load_state(&pass, upstream->h, pass.h);
    load_state(&pass, upstream->c, pass.c);
    float *peepholes = gradients->peepholes ? gradients->peepholes + direction * 3 * pass.hidden
                                            : NULL;
    if (peepholes) memset(peepholes, 0, 3 * pass.hidden * sizeof(float));
    for (size_t step = pass.rows ? layer->steps : 0; step-- > 0;)
      step_back(&pass, step, upstream->y, peepholes);
    store_state(&pass, pass.h, gradients->h);
    store_state(&pass, pass.c, gradients->c);
    parameter_gradients(&pass, gradients);
  }
}
