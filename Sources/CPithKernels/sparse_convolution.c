#include "pith_sparse.h"

#include "pith_dispatch.h"
#include "pith_parallel.h"
#include "pith_rows.h"

// Output positions are walked along the planes that are read, whose rows are as long as the
// output's, where each weight's tap is one fixed distance away for all of them: positions that fall
// between two rows are computed too, and become zeros of the margin.

enum { WIDEST = 12 };

// target[0 ..< 16 * COUNT] = clip(target? + bias + sum over the weights of value * source[offset
// ...]), zero where `elements` has no bits.
#define SUM_UP(COUNT)                                                                            \
  PITH_INLINE void sum_up_##COUNT(const struct pith_sparse_convolution *c, const float *source,  \
                                  size_t filter, const int32_t *elements, float *target) {       \
    lanes sums[COUNT];                                                                           \
    const float *values = c->values;                                                             \
    const int32_t *offsets = c->offsets;                                                         \
    float bias = c->bias ? c->bias[filter] : 0;                                                  \
    UNROLL for (int k = 0; k < COUNT; k++) sums[k] = SPREAD(bias);                               \
    for (ptrdiff_t i = c->starts[filter], end = c->starts[filter + 1]; i < end; i++) {           \
      const float *from = source + offsets[i];                                                   \
      lanes value = SPREAD(values[i]);                                                           \
      UNROLL for (int k = 0; k < COUNT; k++)                                                     \
        sums[k] += value * *(const lanes *)(from + LANES * k);                                   \
    }                                                                                            \
    if (c->adds) UNROLL for (int k = 0; k < COUNT; k++)                                          \
        sums[k] += *(const lanes *)(target + LANES * k);                                         \
    lanes low = SPREAD(c->low), high = SPREAD(c->high);                                          \
    UNROLL for (int k = 0; k < COUNT; k++) {                                                     \
      lanes sum = SELECT(sums[k] < low, low, sums[k]);                                           \
      sum = SELECT(sum > high, high, sum);                                                       \
      *(lanes *)(target + LANES * k) =                                                           \
          (lanes)((lane_bits)sum & *(const lane_bits *)(elements + LANES * k));                  \
    }                                                                                            \
  }
SUM_UP(1)
SUM_UP(2)
SUM_UP(3)
SUM_UP(4)
SUM_UP(5)
SUM_UP(6)
SUM_UP(7)
SUM_UP(8)
SUM_UP(9)
SUM_UP(10)
SUM_UP(11)
SUM_UP(12)

// Vectors that the sums of one run may take in registers.
static size_t widest_run(void) {
  switch (pith_instructions()) {
    case PITH_PORTABLE: return 3;
    case PITH_AVX2: return 6;
    default: return WIDEST;
  }
}

// Vectors of positions of one channel.
static size_t vector_count(const struct pith_sparse_convolution *c) {
  return ((c->output.height - 1) * c->output.pitch + c->output.width + LANES - 1) / LANES;
}

static size_t laid_out_floats(const struct pith_sparse_convolution *c) {
  return c->input.channels * c->phases_y * c->phases_x * c->plane + LANES;
}

static size_t slot_count(const struct pith_sparse_convolution *c) {
  return c->images >= c->threads ? c->threads : 1;
}

size_t pith_sparse_scratch(const struct pith_sparse_convolution *c) {
  return c->lays_out ? slot_count(c) * laid_out_floats(c) * sizeof(float) : 0;
}

// A row of a channel, read from where its padding begins, as one row for each phase of the stride.
PITH_INLINE void split_row(const struct pith_sparse_convolution *c, const float *from, float *to,
                           size_t count) {
  if (c->stride_x == 2 && c->phases_x == 2)
    part_row(from, to, to + c->plane, count);
  else if (c->stride_x == 1)
    move_row(from, to, count);
  else
    for (size_t x = 0; x < c->phases_x; x++)
      for (size_t k = 0; k < count; k++) to[x * c->plane + k] = from[c->stride_x * k + x];
}

// A channel as one plane for each phase of the strides. No tap reaches further than the input's
// rows and margins.
PITH_INLINE void split_channel(const struct pith_sparse_convolution *c, const float *input,
                               float *planes) {
  size_t rows = c->pad_top + c->input.plane / c->input.pitch;
  size_t count = (c->input.pitch + c->pad_left + c->stride_x - 1) / c->stride_x;
  if (count > c->output.pitch) count = c->output.pitch;
  for (size_t phase = 0; phase < c->phases_y; phase++, planes += c->phases_x * c->plane)
    for (size_t row = 0, y = phase; row < c->plane_rows && y < rows; row++, y += c->stride_y) {
      const float *from = input + y * c->input.pitch;
      float *to = planes + row * c->output.pitch;
      switch (count) {
        case 9: split_row(c, from, to, 9); break;
        case 17: split_row(c, from, to, 17); break;
        default: split_row(c, from, to, count);
      }
    }
}

PITH_DISPATCHED(lay_out_channels,
                (const struct pith_sparse_convolution *c, const float *input, float *planes,
                 size_t begin, size_t end),
                (c, input, planes, begin, end)) {
  size_t before = c->pad_top * c->input.pitch + c->pad_left;
  size_t all = c->phases_y * c->phases_x * c->plane;
  for (size_t channel = begin; channel < end; channel++)
    split_channel(c, input + c->input.first + channel * c->input.plane - before,
                  planes + channel * all);
}

// Positions of the planes that are read, from `first` on.
struct run {
  size_t first, vectors;
};

PITH_INLINE void sum_up(const struct pith_sparse_convolution *c, const float *planes, size_t filter,
                        struct run run, const int32_t *elements, float *target) {
  const float *source = planes + run.first;
#define CASE(COUNT) \
  case COUNT: sum_up_##COUNT(c, source, filter, elements, target); break;
  switch (run.vectors) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
    CASE(12)
  }
#undef CASE
}

// A run of one filter; `room` is the floats of the channel from the run on.
PITH_INLINE void filter_run(const struct pith_sparse_convolution *c, const float *planes,
                            size_t filter, struct run run, float *channel, size_t room) {
  const int32_t *elements = c->elements + run.first;
  float *target = channel + run.first;
  if (run.vectors * LANES <= room) {
    sum_up(c, planes, filter, run, elements, target);
    return;
  }
  float sums[LANES * WIDEST];
  if (c->adds) move_row(target, sums, room);
  sum_up(c, planes, filter, run, elements, sums);
  move_row(sums, target, room);
}

// All positions of some filters of one image.
PITH_DISPATCHED(some_filters,
                (const struct pith_sparse_convolution *c, const float *planes, float *output,
                 size_t widest, size_t begin, size_t end),
                (c, planes, output, widest, begin, end)) {
  const struct pith_planes *out = &c->output;
  size_t vectors = vector_count(c), runs = (vectors + widest - 1) / widest;
  for (size_t index = 0; index < runs; index++) {
    size_t from = vectors * index / runs, to = vectors * (index + 1) / runs;
    struct run run = {from * LANES, to - from};
    for (size_t filter = begin; filter < end; filter++)
      filter_run(c, planes, filter, run, output + out->first + filter * out->plane,
                 out->plane - run.first);
  }
  if (begin == 0 && end > 0) clear_row(output, out->first);
  for (size_t filter = begin; filter < end && vectors * LANES < out->plane; filter++)
    clear_row(output + out->first + filter * out->plane + vectors * LANES,
              out->plane - vectors * LANES);
  if (end == out->channels) {
    size_t last = out->first + out->channels * out->plane;
    clear_row(output + last, out->image - last);
  }
}

struct task {
  const struct pith_sparse_convolution *convolution;
  const float *input;  // of all images, or of the one
  float *output;
  float *scratch;
  size_t slots, widest;
};

static void lay_out(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  lay_out_channels(task->convolution, task->input, task->scratch, begin, end);
}

static void filters_of_image(const struct task *task, size_t begin, size_t end) {
  const struct pith_sparse_convolution *c = task->convolution;
  const float *planes = c->lays_out ? task->scratch : task->input + c->input.first;
  some_filters(c, planes, task->output, task->widest, begin, end);
}

// The filter before which the given share of all weights lies.
static size_t filter_at(const struct pith_sparse_convolution *c, size_t part, size_t parts) {
  if (part == parts) return c->output.channels;
  size_t filters = c->output.channels, filter = 0;
  // A filter costs something even if it has no weights.
  size_t cost = (size_t)c->starts[filters] + 4 * filters;
  while (filter < filters && ((size_t)c->starts[filter] + 4 * filter) * parts < cost * part) filter++;
  return filter;
}

static void some_shares(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  size_t first = filter_at(task->convolution, begin, task->slots);
  filters_of_image(task, first, filter_at(task->convolution, end, task->slots));
}

static void some_slots(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  const struct pith_sparse_convolution *c = task->convolution;
  for (size_t slot = begin; slot < end; slot++) {
    struct task one = *task;
    if (c->lays_out) one.scratch = task->scratch + slot * laid_out_floats(c);
    for (size_t image = slot; image < c->images; image += task->slots) {
      one.input = task->input + image * c->input.image;
      one.output = task->output + image * c->output.image;
      if (c->lays_out) lay_out(&one, 0, c->input.channels);
      filters_of_image(&one, 0, c->output.channels);
    }
  }
}

void pith_sparse_run(const struct pith_sparse_convolution *c, const float *input, float *output,
                     float *scratch) {
  struct task task = {c, input, output, scratch, slot_count(c), widest_run()};
  if (task.slots > 1 || c->threads == 1) {
    pith_parallel(task.slots, 1, some_slots, &task);
    return;
  }
  task.slots = c->threads;
  for (size_t image = 0; image < c->images; image++) {
    task.input = input + image * c->input.image;
    task.output = output + image * c->output.image;
    if (c->lays_out) pith_parallel(c->input.channels, 2, lay_out, &task);
    pith_parallel(task.slots, 1, some_shares, &task);
  }
}
