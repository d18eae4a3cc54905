#include "pith_dispatch.h"
#include "pith_parallel.h"
#include "pith_winograd_tiles.h"

// Tiles are taken eight at a time. Each point of all of them is a product of matrices (tiles,
// inputs) x (inputs, outputs); the 16 points of a result then become its tile.

enum { TILES = 8, MOST_BLOCKS = 16, CACHED_BYTES = 384 << 10 };

size_t pith_winograd_floats(size_t outputs, size_t inputs) {
  return channel_blocks(outputs) * POINTS * channel_blocks(inputs) * LANES * LANES;
}

// The four weighted sums of a column or row of a filter.
#define TRANSFORM_WEIGHTS(a, b, c, to, step)   \
  do {                                         \
    const lanes p = a, q = b, r = c;           \
    const lanes half = SPREAD(0.5f) * (p + r); \
    (to)[0] = p;                               \
    (to)[step] = half + SPREAD(0.5f) * q;      \
    (to)[2 * (step)] = half - SPREAD(0.5f) * q; \
    (to)[3 * (step)] = r;                      \
  } while (0)

// One tap of 16 outputs from one input; those beyond the channels there are are zero.
PITH_INLINE lanes gather(const struct pith_winograd_weights *w, const float *from, size_t count) {
  if (w->output == 1 && count == LANES) return load(from);
  float values[LANES] = {0};
  for (size_t output = 0; output < count; output++) values[output] = from[output * w->output];
  return load(values);
}

// Transformed weights lie as (blocks of outputs, points, inputs, 16 outputs).
PITH_DISPATCHED(transform_blocks,
                (const struct pith_winograd_weights *w, float *transformed, size_t begin,
                 size_t end),
                (w, transformed, begin, end)) {
  const size_t padded = channel_blocks(w->inputs) * LANES;
  for (size_t block = begin; block < end; block++) {
    const size_t left = w->outputs - block * LANES, count = left < LANES ? left : LANES;
    for (size_t input = 0; input < padded; input++) {
      const float *from = w->values + block * w->output_block + input / LANES * w->input_block +
                          input % LANES * w->input;
      float *to = transformed + (block * POINTS * padded + input) * LANES;
      lanes taps[9] = {0}, rows[12];
      for (size_t tap = 0; tap < 9 && input < w->inputs; tap++)
        taps[w->is_turned ? 8 - tap : tap] = gather(w, from + tap * w->tap, count);
      UNROLL for (int x = 0; x < 3; x++)
        TRANSFORM_WEIGHTS(taps[x], taps[3 + x], taps[6 + x], rows + x, 3);
      UNROLL for (int y = 0; y < 4; y++) {
        lanes row[4];
        TRANSFORM_WEIGHTS(rows[3 * y], rows[3 * y + 1], rows[3 * y + 2], row, 1);
        UNROLL for (int x = 0; x < 4; x++)
          store(to + (size_t)(4 * y + x) * padded * LANES, row[x]);
      }
    }
  }
}

struct transformation {
  const struct pith_winograd_weights *weights;
  float *transformed;
};

static void transform_some(void *context, size_t begin, size_t end) {
  const struct transformation *job = context;
  transform_blocks(job->weights, job->transformed, begin, end);
}

void pith_winograd_transform(const struct pith_winograd_weights *weights, float *transformed) {
  struct transformation job = {weights, transformed};
  pith_parallel(channel_blocks(weights->outputs), 2, transform_some, &job);
}

struct shape {
  size_t in_blocks, out_blocks;
  size_t tiles;
  // Groups of eight tiles that go through all points together, and how many such runs there are.
  size_t blocks, runs;
  // Blocks of output channels of which more than half is there, and whether there is one more; how
  // many pairs, and what is left over, they make; and into how many parts threads divide those.
  size_t full, has_half, groups, parts;
  // Floats from one point to the next, and from one block to the next, of transformed inputs.
  size_t point, block;
};

static struct shape shape_of(const struct pith_winograd *c) {
  struct shape s;
  s.in_blocks = channel_blocks(c->inputs);
  s.out_blocks = channel_blocks(c->outputs);
  s.tiles = tiles_of(c);
  // One vector more, so that points do not compete for the same lines of the cache.
  s.point = (s.in_blocks * TILES + 1) * LANES;
  s.block = POINTS * s.point;
  const size_t all = (s.tiles + TILES - 1) / TILES;
  size_t blocks = CACHED_BYTES / (s.block * sizeof(float));
  if (blocks > MOST_BLOCKS) blocks = MOST_BLOCKS;
  if (blocks > all / (2 * c->threads)) blocks = all / (2 * c->threads);
  s.blocks = blocks ? blocks : 1;
  s.runs = (all + s.blocks - 1) / s.blocks;
  s.has_half = c->outputs % LANES > 0 && c->outputs % LANES <= LANES / 2;
  s.full = s.out_blocks - s.has_half;
  s.groups = (s.full + 1) / 2 + s.has_half;
  s.parts = s.runs < c->threads ? c->threads / s.runs : 1;
  if (s.parts > s.groups) s.parts = s.groups;
  return s;
}

// Of one thread: transformed inputs of its blocks, and points of 32 results of eight tiles.
static size_t slot_floats(const struct shape *s) {
  return s->blocks * s->block + POINTS * 2 * TILES * LANES;
}

size_t pith_winograd_scratch(const struct pith_winograd *c) {
  const struct shape s = shape_of(c);
  return c->threads * slot_floats(&s) * sizeof(float);
}

// Adds what one input channel gives to COUNT blocks of output channels.
#define ADD_CHANNEL(TYPE, COUNT)                                                     \
  do {                                                                               \
    TYPE weight[COUNT];                                                              \
    UNROLL for (int k = 0; k < COUNT; k++) weight[k] = *(const TYPE *)(weights + k * next); \
    weights += LANES;                                                                \
    UNROLL for (int tile = 0; tile < TILES; tile++) {                                \
      const TYPE value = inputs[tile * LANES + channel] - (TYPE){0};                 \
      UNROLL for (int k = 0; k < COUNT; k++) sums[k][tile] += weight[k] * value;     \
    }                                                                                \
  } while (0)

// One point of eight tiles and of COUNT blocks of output channels, or of the first half of one.
#define MULTIPLY(NAME, TYPE, COUNT)                                                         \
  PITH_INLINE void multiply_##NAME(const float *inputs, const float *weights, size_t next, \
                                    size_t channels, float *results) {                      \
    TYPE sums[COUNT][TILES];                                                                \
    UNROLL for (int k = 0; k < COUNT; k++)                                                  \
      UNROLL for (int tile = 0; tile < TILES; tile++) sums[k][tile] = (TYPE){0};            \
    for (size_t block = 0; block < channels / LANES; block++, inputs += TILES * LANES)      \
      _Pragma("clang loop unroll_count(4)") for (int channel = 0; channel < LANES; channel++) \
        ADD_CHANNEL(TYPE, COUNT);                                                           \
    _Pragma("clang loop unroll(disable)") for (size_t channel = 0; channel < channels % LANES; \
                                               channel++) ADD_CHANNEL(TYPE, COUNT);         \
    UNROLL for (int k = 0; k < COUNT; k++)                                                  \
      UNROLL for (int tile = 0; tile < TILES; tile++)                                       \
        *(TYPE *)(results + (k * TILES + tile) * LANES) = sums[k][tile];                    \
  }
MULTIPLY(half, half_lanes, 1)
MULTIPLY(one, lanes, 1)
MULTIPLY(two, lanes, 2)

PITH_INLINE void finish(const struct pith_winograd *c, lanes value, lanes bias, float *to) {
  value += bias;
  if (c->adds) value += load(to);
  const lanes low = SPREAD(c->low), high = SPREAD(c->high);
  value = SELECT(value < low, low, value);
  store(to, SELECT(value > high, high, value));
}

// The results of a tile from its points, which lie `step` floats apart.
PITH_INLINE void transform_results(const struct pith_winograd *c, const float *points, size_t step,
                              lanes bias, float *plane, struct tile tile) {
  lanes rows[8];
  UNROLL for (int x = 0; x < 4; x++) {
    const lanes a = load(points + x * step), b = load(points + (4 + x) * step);
    const lanes d = load(points + (8 + x) * step), e = load(points + (12 + x) * step);
    rows[x] = a + b + d;
    rows[4 + x] = b - d - e;
  }
  const size_t y = (size_t)tile.y, x = (size_t)tile.x;
  UNROLL for (int row = 0; row < 2; row++) {
    const lanes *p = rows + 4 * row;
    if (y + (size_t)row >= c->out_height) break;
    float *to = plane + ((y + (size_t)row) * c->out_width + x) * LANES;
    finish(c, p[0] + p[1] + p[2], bias, to);
    if (x + 1 < c->out_width) finish(c, p[1] - p[2] - p[3], bias, to + LANES);
  }
}

PITH_DISPATCHED(run_slot,
                (const struct pith_winograd *c, const float *input, const float *weights,
                 float *output, float *scratch, size_t begin, size_t end),
                (c, input, weights, output, scratch, begin, end)) {
  const struct shape s = shape_of(c);
  float *inputs = scratch, *results = scratch + s.blocks * s.block;
  const size_t plane = c->out_height * c->out_width * LANES;
  const size_t filter = s.in_blocks * LANES * LANES;
  for (size_t item = begin; item < end; item++) {
    const size_t part = item % s.parts, first = item / s.parts * s.blocks * TILES;
    const size_t last = first + s.blocks * TILES < s.tiles ? first + s.blocks * TILES : s.tiles;
    const size_t blocks = (last - first + TILES - 1) / TILES;
    for (size_t index = first; index < last; index++) {
      const size_t place = index - first;
      transform_tile(c, input, tile_at(c, index),
                     inputs + place / TILES * s.block + place % TILES * LANES, TILES * LANES,
                     s.point);
    }
    for (size_t group = s.groups * part / s.parts; group < s.groups * (part + 1) / s.parts;
         group++) {
      const int is_half = s.has_half && group + 1 == s.groups;
      const size_t k = is_half ? s.full : 2 * group;
      const size_t count = is_half || s.full - k < 2 ? 1 : 2, step = count * TILES * LANES;
      const float *filters = weights + k * POINTS * filter;
      // Half blocks leave the other half of their results as it is.
      for (size_t place = 0; is_half && place < POINTS * step; place++) results[place] = 0;
      for (size_t block = 0; block < blocks; block++) {
        for (size_t point = 0; point < POINTS; point++) {
          const float *from = inputs + block * s.block + point * s.point;
          const float *with = filters + point * filter;
          float *to = results + point * step;
          if (is_half)
            multiply_half(from, with, 0, c->inputs, to);
          else if (count == 1)
            multiply_one(from, with, 0, c->inputs, to);
          else
            multiply_two(from, with, POINTS * filter, c->inputs, to);
        }
        for (size_t index = first + block * TILES, tile = 0; tile < TILES && index < last;
             tile++, index++) {
          const struct tile at = tile_at(c, index);
          for (size_t half = 0; half < count; half++) {
            const lanes bias = c->bias ? load(c->bias + (k + half) * LANES) : (lanes){0};
            transform_results(c, results + (half * TILES + tile) * LANES, step, bias,
                              output + (at.image * s.out_blocks + k + half) * plane, at);
          }
        }
      }
    }
  }
}

struct job {
  const struct pith_winograd *convolution;
  const float *input, *weights;
  float *output, *scratch;
  struct shape shape;
};

static void run_slots(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const size_t items = job->shape.runs * job->shape.parts, slots = job->convolution->threads;
  for (size_t slot = begin; slot < end; slot++) {
    run_slot(job->convolution, job->input, job->weights, job->output,
             job->scratch + slot * slot_floats(&job->shape), items * slot / slots,
             items * (slot + 1) / slots);
  }
}

void pith_winograd_run(const struct pith_winograd *c, const float *input, const float *weights,
                       float *output, float *scratch) {
  struct job job = {c, input, weights, output, scratch, shape_of(c)};
  pith_parallel(c->threads, 1, run_slots, &job);
}
