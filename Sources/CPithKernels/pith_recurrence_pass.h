#ifndef PITH_RECURRENCE_PASS_H
#define PITH_RECURRENCE_PASS_H

#include <string.h>

#include "pith_recurrence.h"

// What the two ways through recurrent layers share: a direction at work, and what gates do.

#define EACH for (size_t i = 0; i < count; i++)

/// x[i] = the function of x[i], which is first held between -clip and clip.
void pith_gate_apply(struct pith_gate gate, float clip, float *x, size_t count);

/// d[i] *= the function's slope where its value is y[i].
void pith_gate_slope(struct pith_gate gate, const float *y, float *d, size_t count);

/// x[i] += y[i]
void pith_add(float *x, const float *y, size_t count);

/// x[i] += a[i] b[i]
void pith_add_product(float *x, const float *a, const float *b, size_t count);

static inline size_t gate_count(const struct pith_recurrence *layer) {
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

static inline size_t forward_floats(const struct pith_recurrence *layer) {
  size_t rows = layer->steps * layer->batch, hidden = layer->hidden;
  size_t width = gate_count(layer) * hidden;
  return rows * (width + 2 * hidden) + layer->batch * (width + 3 * hidden);
}

static inline struct pass make_pass(const struct pith_recurrence *layer,
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

static inline size_t state_place(const struct pass *pass, size_t n) {
  const struct pith_recurrence *layer = pass->layer;
  size_t entry = layer->batch_first ? n * layer->directions + pass->direction
                                    : pass->direction * layer->batch + n;
  return entry * pass->hidden;
}

static inline size_t output_place(const struct pass *pass, size_t time, size_t n) {
  const struct pith_recurrence *layer = pass->layer;
  size_t entry = layer->batch_first
                     ? (n * layer->steps + time) * layer->directions + pass->direction
                     : (time * layer->directions + pass->direction) * layer->batch + n;
  return entry * pass->hidden;
}

// When a sequence takes a step: -1 where it has ended.
static inline long time_of(const struct pass *pass, size_t step, size_t n) {
  long length = (long)pass->layer->steps;
  if (pass->in->lengths) {
    long wanted = pass->in->lengths[n];
    length = wanted < 0 ? 0 : wanted < length ? wanted : length;
  }
  if ((long)step >= length) return -1;
  return pass->layer->reversed[pass->direction] ? length - 1 - (long)step : (long)step;
}

static inline size_t row_of(const struct pass *pass, size_t time, size_t n) {
  return pass->layer->batch_first ? n * pass->layer->steps + time : time * pass->batch + n;
}

static inline void load_state(const struct pass *pass, const float *from, float *to) {
  size_t bytes = pass->hidden * sizeof(float);
  for (size_t n = 0; n < pass->batch; n++) {
    if (from)
      memcpy(to + n * pass->hidden, from + state_place(pass, n), bytes);
    else
      memset(to + n * pass->hidden, 0, bytes);
  }
}

static inline void store_state(const struct pass *pass, const float *from, float *to) {
  if (!to) return;
  for (size_t n = 0; n < pass->batch; n++)
    memcpy(to + state_place(pass, n), from + n * pass->hidden, pass->hidden * sizeof(float));
}

/// Goes through all steps, keeping what a way back needs.
///
/// - Parameter y: the states, if not NULL.
void pith_recurrence_run(const struct pass *pass, float *y);

#endif
