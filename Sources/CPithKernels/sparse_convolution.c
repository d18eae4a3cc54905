#include "pith_sparse.h"

#include <math.h>

#include "pith_clones.h"
#include "pith_dispatch.h"
#include "pith_parallel.h"

// Output positions are walked along the padded plane, where each weight's tap is one fixed distance
// away for all of them: positions that fall between two rows are computed too, and dropped.

typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef float half_lanes __attribute__((vector_size(32), aligned(4)));
typedef float quarter_lanes __attribute__((vector_size(16), aligned(4)));

enum { LANES = 16, WIDEST = 12 };

#define SPREAD(value) ((lanes){0} + (value))

#define UNROLL _Pragma("clang loop unroll(full)")
#define SELECT(TYPE, where, a, b) \
  ((TYPE)(((where) & (__typeof__(where))(a)) | (~(where) & (__typeof__(where))(b))))

// Keeps what is not a number.
PITH_INLINE float clip(float value, float low, float high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

// target[0 ..< 16 * COUNT] = clip(bias + sum over the weights of value * source[offset ...]).
#define SUM_UP(COUNT)                                                                          \
  PITH_INLINE void sum_up_##COUNT(const float *source, const float *values,                    \
                                  const int32_t *offsets, size_t weights, float bias,          \
                                  float low, float high, float *target) {                      \
    lanes sums[COUNT];                                                                         \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) sums[k] = SPREAD(bias); \
    for (size_t i = 0; i < weights; i++) {                                                     \
      const float *from = source + offsets[i];                                                 \
      lanes value = SPREAD(values[i]);                                                         \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                       \
        sums[k] += value * *(const lanes *)(from + LANES * k);                                 \
    }                                                                                          \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                         \
      *(lanes *)(target + LANES * k) = sums[k];                                                \
    for (int k = 0; k < LANES * COUNT; k++) target[k] = clip(target[k], low, high);            \
  }
SUM_UP(1)
SUM_UP(2)
SUM_UP(3)
SUM_UP(4)
SUM_UP(5)
SUM_UP(6)
SUM_UP(8)
SUM_UP(10)
SUM_UP(12)

struct task {
  const struct pith_sparse_convolution *convolution;
  const float *input;   // of all images, or of the one
  float *output;
  float *scratch;
  size_t slots;
};

static size_t image_planes(const struct pith_sparse_convolution *c) {
  return c->channels * c->stride_y * c->stride_x * c->plane_height * c->plane_width;
}

// Whether the input can be read where it lies.
static int is_plain(const struct pith_sparse_convolution *c) {
  return c->stride_y == 1 && c->stride_x == 1 && c->plane_height == c->height &&
         c->plane_width == c->width && c->height * c->width % LANES == 0;
}

static size_t slot_floats(const struct pith_sparse_convolution *c) {
  return (image_planes(c) + LANES * WIDEST + 15) / 16 * 16;
}

static size_t slot_count(const struct pith_sparse_convolution *c) {
  return c->images >= c->threads ? c->threads : 1;
}

size_t pith_sparse_scratch(const struct pith_sparse_convolution *c) {
  return is_plain(c) ? 0 : slot_count(c) * slot_floats(c) * sizeof(float);
}

// Moves elements in steps that get smaller; the loops of unknown length that memcpy and the
// compiler make cost more than they move.
PITH_INLINE void move(const float *from, float *to, size_t count) {
  for (; count >= 16; count -= 16, from += 16, to += 16) *(lanes *)to = *(const lanes *)from;
  if (count >= 8) {
    *(half_lanes *)to = *(const half_lanes *)from;
    count -= 8, from += 8, to += 8;
  }
  if (count >= 4) {
    *(quarter_lanes *)to = *(const quarter_lanes *)from;
    count -= 4, from += 4, to += 4;
  }
  for (; count > 0; count--) *to++ = *from++;
}

// Margins are a float or two, or a whole row.
PITH_INLINE void clear(float *to, size_t count) {
  for (; count >= 16; count -= 16, to += 16) *(lanes *)to = (lanes){0};
  _Pragma("clang loop vectorize(disable) unroll(disable)") for (size_t k = 0; k < count; k++)
    to[k] = 0;
}

// Every second element.
PITH_INLINE void skip(const float *from, float *to, size_t count) {
#define EVERY_SECOND(TYPE, ...)                                                             \
  {                                                                                         \
    TYPE first = *(const TYPE *)from, second = *(const TYPE *)(from + sizeof(TYPE) / 4);    \
    *(TYPE *)to = __builtin_shufflevector(first, second, __VA_ARGS__);                      \
    count -= sizeof(TYPE) / 4, from += sizeof(TYPE) / 2, to += sizeof(TYPE) / 4;            \
  }
  while (count > 16)
    EVERY_SECOND(lanes, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
  if (count > 8) EVERY_SECOND(half_lanes, 0, 2, 4, 6, 8, 10, 12, 14)
  if (count > 4) EVERY_SECOND(quarter_lanes, 0, 2, 4, 6)
  for (size_t k = 0; k < count; k++) to[k] = from[2 * k];
}

// A channel whose strides are 1: rows with a margin on each side.
PITH_INLINE void pad_channel(const struct pith_sparse_convolution *c, const float *input,
                             float *plane) {
  size_t width = c->width, left = c->pad_left;
  if (left + width > c->plane_width) width = c->plane_width > left ? c->plane_width - left : 0;
  size_t right = c->plane_width - left - width;
  clear(plane, c->pad_top * c->plane_width);
  plane += c->pad_top * c->plane_width;
  size_t rows = c->plane_height - c->pad_top;
  if (rows > c->height) rows = c->height;
  for (size_t y = 0; y < rows; y++, plane += c->plane_width, input += c->width) {
    clear(plane, left);
    move(input, plane + left, width);
    clear(plane + left + width, right);
  }
  clear(plane, (c->plane_height - c->pad_top - rows) * c->plane_width);
}

// A channel as one padded plane for each phase of the strides.
PITH_INLINE void split_channel(const struct pith_sparse_convolution *c, const float *input,
                               float *planes) {
  for (size_t phase_y = 0; phase_y < c->stride_y; phase_y++)
    for (size_t phase_x = 0; phase_x < c->stride_x; phase_x++)
      for (size_t row = 0; row < c->plane_height; row++, planes += c->plane_width) {
        ptrdiff_t y = (ptrdiff_t)(row * c->stride_y + phase_y) - (ptrdiff_t)c->pad_top;
        ptrdiff_t shift = (ptrdiff_t)phase_x - (ptrdiff_t)c->pad_left;
        ptrdiff_t stride = (ptrdiff_t)c->stride_x, width = (ptrdiff_t)c->width;
        ptrdiff_t begin = shift < 0 ? (stride - 1 - shift) / stride : 0;
        ptrdiff_t end = width > shift ? (width - shift + stride - 1) / stride : 0;
        if (y < 0 || y >= (ptrdiff_t)c->height) end = 0;
        if (end > (ptrdiff_t)c->plane_width) end = (ptrdiff_t)c->plane_width;
        if (begin > end) begin = end;
        clear(planes, (size_t)begin);
        const float *from = input + y * width + shift;
        if (stride == 2)
          skip(from + 2 * begin, planes + begin, (size_t)(end - begin));
        else
          for (ptrdiff_t x = begin; x < end; x++) planes[x] = from[stride * x];
        clear(planes + end, c->plane_width - (size_t)end);
      }
}

PITH_DISPATCHED(lay_out_channels,
                (const struct pith_sparse_convolution *c, const float *input, float *planes,
                 size_t begin, size_t end),
                (c, input, planes, begin, end)) {
  size_t plane = image_planes(c) / c->channels;
  for (size_t channel = begin; channel < end; channel++)
    if (c->stride_y == 1 && c->stride_x == 1)
      pad_channel(c, input + channel * c->height * c->width, planes + channel * plane);
    else
      split_channel(c, input + channel * c->height * c->width, planes + channel * plane);
}

static void lay_out(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  lay_out_channels(task->convolution, task->input, task->scratch, begin, end);
}

// Adds sums to what is there.
PITH_INLINE void add(const float *from, float *to, size_t count, float low, float high) {
  for (; count >= 16; count -= 16, from += 16, to += 16)
    for (int k = 0; k < 16; k++) to[k] = clip(to[k] + from[k], low, high);
  if (count >= 8) {
    for (int k = 0; k < 8; k++) to[k] = clip(to[k] + from[k], low, high);
    count -= 8, from += 8, to += 8;
  }
  for (size_t k = 0; k < count; k++) to[k] = clip(to[k] + from[k], low, high);
}

// A run of positions of the padded plane.
struct run {
  size_t position, vectors, row, column;
};

// Brings sums from the plane's rows to the output's.
PITH_INLINE void finish(const struct pith_sparse_convolution *c, const float *sums, struct run run,
                        float *output) {
  size_t left = run.vectors * LANES, column = run.column;
  for (size_t row = run.row; left > 0 && row < c->out_height; row++, column = 0) {
    size_t length = c->plane_width - column;
    if (length > left) length = left;
    size_t valid = column >= c->out_width ? 0 : c->out_width - column;
    if (valid > length) valid = length;
    float *to = output + row * c->out_width + column;
    if (c->adds)
      add(sums, to, valid, c->low, c->high);
    else
      move(sums, to, valid);
    sums += length;
    left -= length;
  }
}

PITH_INLINE void filter_run(const struct pith_sparse_convolution *c, const float *planes,
                            size_t filter, struct run run, float *output) {
  float sums[LANES * WIDEST] __attribute__((aligned(64)));
  size_t begin = (size_t)c->starts[filter], weights = (size_t)c->starts[filter + 1] - begin;
  const float *source = planes + run.position, *values = c->values + begin;
  const int32_t *offsets = c->offsets + begin;
  float bias = c->bias ? c->bias[filter] : 0;
  float low = c->adds ? -INFINITY : c->low, high = c->adds ? INFINITY : c->high;
#define CASE(COUNT) \
  case COUNT: sum_up_##COUNT(source, values, offsets, weights, bias, low, high, sums); break;
  switch (run.vectors) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(8) CASE(10) CASE(12)
  }
  finish(c, sums, run, output + filter * c->out_height * c->out_width);
}

// Vectors of the next run of positions, of which `left` remain.
PITH_INLINE size_t next_run(size_t left) {
  if (left > 8) return left >= 12 ? 12 : left >= 10 ? 10 : 8;
  return left == 7 ? 6 : left;
}

// All positions of some filters of one image.
PITH_DISPATCHED(filters_by_run,
                (const struct pith_sparse_convolution *c, const float *planes, float *output,
                 size_t begin, size_t end),
                (c, planes, output, begin, end)) {
  size_t positions = (c->out_height - 1) * c->plane_width + c->out_width;
  size_t vectors = (positions + LANES - 1) / LANES;
  for (size_t done = 0; done < vectors;) {
    struct run run = {done * LANES, next_run(vectors - done), 0, 0};
    run.row = run.position / c->plane_width;
    run.column = run.position % c->plane_width;
    for (size_t filter = begin; filter < end; filter++) filter_run(c, planes, filter, run, output);
    done += run.vectors;
  }
}

// A tile of ROWS rows by COLUMNS vectors of one filter, for widths that come out even.
#define TILE(TYPE, ROWS, COLUMNS)                                                                 \
  PITH_INLINE void tile_##TYPE##_##ROWS##_##COLUMNS(                                              \
      const struct pith_sparse_convolution *c, const float *source, size_t filter, float *output) { \
    enum { SIZE = sizeof(TYPE) / sizeof(float) };                                                 \
    size_t pitch = c->plane_width, out_pitch = c->out_width;                                      \
    TYPE sums[ROWS][COLUMNS];                                                                     \
    float bias = c->bias ? c->bias[filter] : 0;                                                   \
    UNROLL for (int r = 0; r < ROWS; r++)                                                         \
      UNROLL for (int v = 0; v < COLUMNS; v++) sums[r][v] = (TYPE){0} + bias;                     \
    for (int32_t i = c->starts[filter]; i < c->starts[filter + 1]; i++) {                         \
      const float *from = source + c->offsets[i];                                                 \
      TYPE value = (TYPE){0} + c->values[i];                                                      \
      UNROLL for (int r = 0; r < ROWS; r++)                                                       \
        UNROLL for (int v = 0; v < COLUMNS; v++)                                                  \
          sums[r][v] += value * *(const TYPE *)(from + (size_t)r * pitch + SIZE * v);             \
    }                                                                                             \
    TYPE low = (TYPE){0} + c->low, high = (TYPE){0} + c->high;                                    \
    UNROLL for (int r = 0; r < ROWS; r++)                                                         \
      UNROLL for (int v = 0; v < COLUMNS; v++) {                                                  \
        TYPE *to = (TYPE *)(output + (size_t)r * out_pitch + SIZE * v);                           \
        TYPE sum = c->adds ? sums[r][v] + *to : sums[r][v];                                       \
        sum = SELECT(TYPE, sum < low, low, sum);                                                  \
        *to = SELECT(TYPE, sum > high, high, sum);                                                \
      }                                                                                           \
  }
TILE(lanes, 16, 1)
TILE(lanes, 8, 1)
TILE(lanes, 4, 1)
TILE(lanes, 2, 1)
TILE(lanes, 1, 1)
TILE(lanes, 8, 2)
TILE(lanes, 4, 2)
TILE(lanes, 2, 2)
TILE(lanes, 1, 2)
TILE(half_lanes, 16, 1)
TILE(half_lanes, 8, 1)
TILE(half_lanes, 4, 1)
TILE(half_lanes, 2, 1)
TILE(half_lanes, 1, 1)

#define TILES(TYPE, ROWS, COLUMNS)                                                                \
  for (size_t filter = begin; filter < end; filter++)                                             \
    tile_##TYPE##_##ROWS##_##COLUMNS(c, source, filter, to + filter * c->out_height * c->out_width); \
  break;

// All positions of some filters of one image, tile by tile.
PITH_DISPATCHED(filters_by_tile,
                (const struct pith_sparse_convolution *c, const float *planes, float *output,
                 size_t begin, size_t end),
                (c, planes, output, begin, end)) {
  for (size_t row = 0, rows; row < c->out_height; row += rows) {
    size_t left = c->out_height - row;
    for (size_t column = 0, columns; column < c->out_width; column += columns) {
      size_t wide = c->out_width - column;
      columns = wide >= 32 && c->out_width % 32 == 0 ? 32 : wide >= 16 ? 16 : 8;
      size_t most = c->out_width % 32 == 0 ? 8 : 16;
      rows = most;
      while (rows > left) rows /= 2;
      const float *source = planes + row * c->plane_width + column;
      float *to = output + row * c->out_width + column;
      switch (columns == 32 ? columns + rows : 0) {
        case 32 + 8: TILES(lanes, 8, 2)
        case 32 + 4: TILES(lanes, 4, 2)
        case 32 + 2: TILES(lanes, 2, 2)
        case 32 + 1: TILES(lanes, 1, 2)
      }
      if (columns == 16) switch (rows) {
          case 16: TILES(lanes, 16, 1)
          case 8: TILES(lanes, 8, 1)
          case 4: TILES(lanes, 4, 1)
          case 2: TILES(lanes, 2, 1)
          case 1: TILES(lanes, 1, 1)
        }
      if (columns == 8) switch (rows) {
          case 16: TILES(half_lanes, 16, 1)
          case 8: TILES(half_lanes, 8, 1)
          case 4: TILES(half_lanes, 4, 1)
          case 2: TILES(half_lanes, 2, 1)
          case 1: TILES(half_lanes, 1, 1)
        }
    }
  }
}

static void some_filters(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  const float *planes = is_plain(task->convolution) ? task->input : task->scratch;
  if (task->convolution->out_width == 8 || task->convolution->out_width % 16 == 0)
    filters_by_tile(task->convolution, planes, task->output, begin, end);
  else
    filters_by_run(task->convolution, planes, task->output, begin, end);
}

static void some_slots(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  const struct pith_sparse_convolution *c = task->convolution;
  size_t input = c->channels * c->height * c->width;
  size_t output = c->filters * c->out_height * c->out_width;
  for (size_t slot = begin; slot < end; slot++) {
    struct task one = *task;
    one.scratch = task->scratch + slot * slot_floats(c);
    for (size_t image = slot; image < c->images; image += task->slots) {
      one.input = task->input + image * input;
      one.output = task->output + image * output;
      if (!is_plain(c)) lay_out(&one, 0, c->channels);
      some_filters(&one, 0, c->filters);
    }
  }
}

void pith_sparse_run(const struct pith_sparse_convolution *c, const float *input, float *output,
                     float *scratch) {
  struct task task = {c, input, output, scratch, slot_count(c)};
  if (task.slots > 1 || c->threads == 1) {
    pith_parallel(task.slots, 1, some_slots, &task);
    return;
  }
  for (size_t image = 0; image < c->images; image++) {
    task.input = input + image * c->channels * c->height * c->width;
    task.output = output + image * c->filters * c->out_height * c->out_width;
    if (!is_plain(c)) pith_parallel(c->channels, 2, lay_out, &task);
    pith_parallel(c->filters, 2, some_filters, &task);
  }
}
