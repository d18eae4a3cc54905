#include "pith_recurrence.h"

#include <math.h>
#include <string.h>

#include "pith_clones.h"
#include "pith_dispatch.h"

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

#define EACH for (size_t i = 0; i < count; i++)

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

static size_t gate_count(const struct pith_recurrence *layer) {
  return layer->cell == PITH_CELL_LSTM ? 4 : layer->cell == PITH_CELL_GRU ? 3 : 1;
}

// One direction at work. Rows are those of x: one per step and batch entry, in its order.
struct pass {
  const struct pith_recurrence *layer;
  const struct pith_recurrence_inputs *in;
  size_t direction, gates, hidden, width, batch, rows;
  const float *w, *r, *b, *peepholes;
  float *activated;  // (rows, width) what the gates gave
  float *before;     // (rows, hidden) the state before the step
  float *extra;      // (rows, hidden) LSTM: the cell before the step; GRU: r h, or R h + b
  float *step;       // (batch, width)
  float *h, *c;      // (batch, hidden)
  float *spare;      // (batch, hidden)
  // Backward only.
  float *d_input;    // (rows, width) of what comes from x
  float *d_state;    // (rows, width) of what comes from the state
};

static size_t forward_floats(const struct pith_recurrence *layer) {
  size_t rows = layer->steps * layer->batch, hidden = layer->hidden;
  size_t width = gate_count(layer) * hidden;
  return rows * (width + 2 * hidden) + layer->batch * (width + 3 * hidden);
}

size_t pith_recurrence_scratch(const struct pith_recurrence *layer, int backward) {
  size_t rows = layer->steps * layer->batch;
  size_t width = gate_count(layer) * layer->hidden;
  return forward_floats(layer) + (backward ? 2 * rows * width : 0) + 16;
}

static struct pass make_pass(const struct pith_recurrence *layer,
                             const struct pith_recurrence_inputs *in, size_t direction,
                             float *scratch) {
  struct pass pass = {.layer = layer, .in = in, .direction = direction};
  size_t hidden = pass.hidden = layer->hidden;
  pass.gates = gate_count(layer);
  size_t width = pass.width = pass.gates * hidden;
  pass.batch = layer->batch;
  pass.rows = layer->steps * layer->batch;
  pass.w = in->w + direction * width * layer->input;
  pass.r = in->r + direction * width * hidden;
  pass.b = in->b ? in->b + direction * 2 * width : NULL;
  pass.peepholes = in->peepholes ? in->peepholes + direction * 3 * hidden : NULL;
  pass.activated = scratch;
  pass.before = pass.activated + pass.rows * width;
  pass.extra = pass.before + pass.rows * hidden;
  pass.step = pass.extra + pass.rows * hidden;
  pass.h = pass.step + pass.batch * width;
  pass.c = pass.h + pass.batch * hidden;
  pass.spare = pass.c + pass.batch * hidden;
  pass.d_input = scratch + forward_floats(layer);
  pass.d_state = pass.d_input + pass.rows * width;
  return pass;
}

static size_t state_place(const struct pass *pass, size_t n) {
  const struct pith_recurrence *layer = pass->layer;
  size_t entry = layer->batch_first ? n * layer->directions + pass->direction
                                    : pass->direction * layer->batch + n;
  return entry * pass->hidden;
}

static size_t output_place(const struct pass *pass, size_t time, size_t n) {
  const struct pith_recurrence *layer = pass->layer;
  size_t entry = layer->batch_first
                     ? (n * layer->steps + time) * layer->directions + pass->direction
                     : (time * layer->directions + pass->direction) * layer->batch + n;
  return entry * pass->hidden;
}

// When a sequence takes a step: -1 where it has ended.
static long time_of(const struct pass *pass, size_t step, size_t n) {
  long length = (long)pass->layer->steps;
  if (pass->in->lengths) {
    long wanted = pass->in->lengths[n];
    length = wanted < 0 ? 0 : wanted < length ? wanted : length;
  }
  if ((long)step >= length) return -1;
  return pass->layer->reversed[pass->direction] ? length - 1 - (long)step : (long)step;
}

static size_t row_of(const struct pass *pass, size_t time, size_t n) {
  return pass->layer->batch_first ? n * pass->layer->steps + time : time * pass->batch + n;
}

static void load_state(const struct pass *pass, const float *from, float *to) {
  size_t bytes = pass->hidden * sizeof(float);
  for (size_t n = 0; n < pass->batch; n++) {
    if (from)
      memcpy(to + n * pass->hidden, from + state_place(pass, n), bytes);
    else
      memset(to + n * pass->hidden, 0, bytes);
  }
}

static void store_state(const struct pass *pass, const float *from, float *to) {
  if (!to) return;
  for (size_t n = 0; n < pass->batch; n++)
    memcpy(to + state_place(pass, n), from + n * pass->hidden, pass->hidden * sizeof(float));
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

PITH_DISPATCHED(add, (float *x, const float *y, size_t count), (x, y, count)) { EACH x[i] += y[i]; }

PITH_DISPATCHED(add_product,
                (float *x, const float *a, const float *b, size_t count),
                (x, a, b, count)) {
  EACH x[i] += a[i] * b[i];
}

static void lstm_entry(const struct pass *pass, float *g, const float *step, float *h, float *c) {
  const struct pith_gate *f = pass->layer->gates[pass->direction];
  float clip = pass->layer->clip;
  size_t count = pass->hidden;
  float *input = g, *output = g + count, *forget = g + 2 * count, *cell = g + 3 * count;
  add(g, step, 4 * count);
  if (pass->peepholes) {
    add_product(input, pass->peepholes, c, count);
    add_product(forget, pass->peepholes + 2 * count, c, count);
  }
  apply(f[0], clip, input, count);
  if (pass->layer->couples_gates)
    EACH forget[i] = 1 - input[i];
  else
    apply(f[0], clip, forget, count);
  apply(f[1], clip, cell, count);
  EACH c[i] = forget[i] * c[i] + input[i] * cell[i];
  if (pass->peepholes) add_product(output, pass->peepholes + count, c, count);
  apply(f[0], clip, output, count);
  memcpy(h, c, count * sizeof(float));
  apply(f[2], INFINITY, h, count);
  EACH h[i] *= output[i];
}

// The update and reset gates; what the reset state, or the product with it, is goes to `extra`.
static void gru_gates(const struct pass *pass, float *g, const float *step, const float *h,
                      float *extra) {
  size_t count = pass->hidden;
  add(g, step, 2 * count);
  apply(pass->layer->gates[pass->direction][0], pass->layer->clip, g, 2 * count);
  const float *reset = g + count;
  if (!pass->layer->linear_before_reset) {
    EACH extra[i] = reset[i] * h[i];
    return;
  }
  memcpy(extra, step + 2 * count, count * sizeof(float));
  if (pass->b) add(extra, pass->b + pass->width + 2 * count, count);
  add_product(g + 2 * count, reset, extra, count);
}

static void gru_state(const struct pass *pass, float *g, float *h) {
  size_t count = pass->hidden;
  float *update = g, *candidate = g + 2 * count;
  apply(pass->layer->gates[pass->direction][1], pass->layer->clip, candidate, count);
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
        add(g, pass->step + n * width, hidden);
        apply(layer->gates[pass->direction][0], layer->clip, g, hidden);
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
    add(g + 2 * hidden, pass->step + n * width + 2 * hidden, hidden);
    gru_state(pass, g, pass->h + n * hidden);
  }
}

static void run_forward(const struct pass *pass, float *y) {
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
    run_forward(&pass, outputs->y);
    store_state(&pass, pass.h, outputs->h);
    store_state(&pass, pass.c, outputs->c);
  }
}

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
  apply(f[2], INFINITY, df, count);
  EACH dof[i] = dh[i] * df[i];
  EACH dh[i] *= output[i];
  slope(f[2], df, dh, count);
  add(dc, dh, count);
  slope(f[0], output, dof, count);
  if (d_peepholes) add_product(d_peepholes + count, dof, di, count);
  if (peepholes) add_product(dc, dof, peepholes + count, count);
  EACH di[i] = dc[i] * cell[i];
  EACH dg[i] = dc[i] * input[i];
  EACH df[i] = dc[i] * cell_before[i];
  if (pass->layer->couples_gates) {
    EACH di[i] -= df[i];
    EACH df[i] = 0;
  } else {
    slope(f[0], forget, df, count);
  }
  slope(f[0], input, di, count);
  slope(f[1], cell, dg, count);
  EACH dc[i] *= forget[i];
  if (peepholes) {
    add_product(dc, di, peepholes, count);
    add_product(dc, df, peepholes + 2 * count, count);
  }
  if (d_peepholes) {
    add_product(d_peepholes, di, cell_before, count);
    add_product(d_peepholes + 2 * count, df, cell_before, count);
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
  slope(f[0], update, dz, count);
  slope(f[1], candidate, dn, count);
  if (pass->layer->linear_before_reset) {
    EACH dr[i] = dn[i] * extra[i];
    slope(f[0], reset, dr, count);
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
  add_product(dh, d_reset_state, reset, count);
  slope(pass->layer->gates[pass->direction][0], reset, dr, count);
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
    if (dy) add(dh, dy + output_place(pass, (size_t)time, n), hidden);
    switch (layer->cell) {
      case PITH_CELL_RNN:
        memcpy(d, dh, hidden * sizeof(float));
        slope(layer->gates[pass->direction][0], g, d, hidden);
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
  for (size_t row = 0; row < rows; row++) add(sums, x + row * width, width);
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
    run_forward(&pass, NULL);
    load_state(&pass, upstream->h, pass.h);
    load_state(&pass, upstream->c, pass.c);
    float *peepholes = gradients->peepholes ? gradients->peepholes + direction * 3 * pass.hidden
                                            : NULL;
    if (peepholes) memset(peepholes, 0, 3 * pass.hidden * sizeof(float));
    for (size_t step = pass.rows ? layer->steps : 0; step-- > 0;) step_back(&pass, step, upstream->y, peepholes);
    store_state(&pass, pass.h, gradients->h);
    store_state(&pass, pass.c, gradients->c);
    parameter_gradients(&pass, gradients);
  }
}
