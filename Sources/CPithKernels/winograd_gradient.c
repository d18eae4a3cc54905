#include "pith_dispatch.h"
#include "pith_parallel.h"
#include "pith_winograd_tiles.h"

// The gradient of the transformed weights is, for each point, a product of matrices (inputs,
// tiles) x (tiles, outputs), whose sums stay in memory while tiles are taken 32 at a time; those of
// the weights follow from them in the end.

enum { TILES = 32, SHARED_BYTES = 512 << 10 };

struct shape {
  size_t in_blocks, out_blocks, tiles;
  // Threads take ranges of tiles, and each has sums of its own, or ranges of outputs.
  int is_by_tiles;
  size_t slots;
  // Floats of the sums of one block of outputs, and of transformed inputs and upstream gradients.
  size_t sums, inputs, upstream;
};

static struct shape shape_of(const struct pith_winograd *c) {
  struct shape s;
  s.in_blocks = channel_blocks(c->inputs);
  s.out_blocks = channel_blocks(c->outputs);
  s.tiles = tiles_of(c);
  s.sums = POINTS * s.in_blocks * LANES * LANES;
  s.is_by_tiles = s.sums * s.out_blocks * sizeof(float) <= SHARED_BYTES;
  const size_t most = s.is_by_tiles ? (s.tiles + TILES - 1) / TILES : s.out_blocks;
  s.slots = c->threads < most ? c->threads : most;
  s.inputs = POINTS * s.in_blocks * TILES * LANES;
  s.upstream = POINTS * TILES * LANES;
  return s;
}

// Of one slot: the sums, if they are not shared, and what is transformed.
static size_t slot_floats(const struct shape *s) {
  return s->inputs + s->upstream + (s->is_by_tiles ? s->sums * s->out_blocks : 0);
}

size_t pith_winograd_gradient_scratch(const struct pith_winograd *c) {
  const struct shape s = shape_of(c);
  return (s.slots * slot_floats(&s) + (s.is_by_tiles ? 0 : s.sums * s.out_blocks)) * sizeof(float);
}

// The points of a tile's upstream gradients, one block of channels.
PITH_INLINE void transform_upstream(const struct pith_winograd *c, const float *plane,
                                    struct tile tile, float *to) {
  const size_t y = (size_t)tile.y, x = (size_t)tile.x;
  const float *from = plane + (y * c->out_width + x) * LANES;
  const int is_wide = x + 1 < c->out_width, is_high = y + 1 < c->out_height;
  const lanes none = {0};
  const lanes a = load(from), b = is_wide ? load(from + LANES) : none;
  const lanes d = is_high ? load(from + c->out_width * LANES) : none;
  const lanes e = is_wide && is_high ? load(from + (c->out_width + 1) * LANES) : none;
  const lanes rows[8] = {a, b, a + d, b + e, a - d, b - e, none - d, none - e};
  UNROLL for (int row = 0; row < 4; row++) {
    const lanes p = rows[2 * row], q = rows[2 * row + 1];
    float *point = to + (size_t)(4 * row) * TILES * LANES;
    store(point, p);
    store(point + TILES * LANES, p + q);
    store(point + 2 * TILES * LANES, p - q);
    store(point + 3 * TILES * LANES, none - q);
  }
}

// Adds one point of some tiles, of COUNT inputs and of a block of outputs or its first half.
#define ADD_PRODUCTS(NAME, TYPE, COUNT)                                                         \
  PITH_INLINE void add_##NAME(const float *inputs, const float *upstream, size_t tiles,         \
                              float *sums) {                                                    \
    TYPE all[COUNT];                                                                            \
    UNROLL for (int input = 0; input < COUNT; input++)                                          \
      all[input] = *(const TYPE *)(sums + input * LANES);                                       \
    for (size_t tile = 0; tile < tiles; tile++, inputs += LANES, upstream += LANES) {           \
      const TYPE value = *(const TYPE *)upstream;                                               \
      UNROLL for (int input = 0; input < COUNT; input++)                                        \
        all[input] += value * (inputs[input] - (TYPE){0});                                      \
    }                                                                                           \
    UNROLL for (int input = 0; input < COUNT; input++)                                          \
      *(TYPE *)(sums + input * LANES) = all[input];                                             \
  }
ADD_PRODUCTS(16_by_16, lanes, 16)
ADD_PRODUCTS(16_by_8, half_lanes, 16)
ADD_PRODUCTS(8_by_16, lanes, 8)
ADD_PRODUCTS(8_by_8, half_lanes, 8)

// Sums lie as (blocks of outputs, points, blocks of inputs, 16 inputs, 16 outputs).
PITH_DISPATCHED(add_tiles,
                (const struct pith_winograd *c, const float *input, const float *upstream,
                 float *scratch, float *sums, size_t first, size_t last, size_t begin, size_t end),
                (c, input, upstream, scratch, sums, first, last, begin, end)) {
  const struct shape s = shape_of(c);
  const size_t plane = c->out_height * c->out_width * LANES, point = TILES * LANES;
  float *inputs = scratch, *gradients = scratch + s.inputs;
  for (size_t start = first; start < last; start += TILES) {
    const size_t count = last - start < TILES ? last - start : TILES;
    for (size_t tile = 0; tile < count; tile++)
      transform_tile(c, input, tile_at(c, start + tile), inputs + tile * LANES, POINTS * point,
                     point);
    for (size_t block = begin; block < end; block++) {
      for (size_t tile = 0; tile < count; tile++) {
        const struct tile at = tile_at(c, start + tile);
        transform_upstream(c, upstream + (at.image * s.out_blocks + block) * plane, at,
                           gradients + tile * LANES);
      }
      const int is_half = c->outputs - block * LANES <= LANES / 2;
      for (size_t index = 0; index < POINTS; index++) {
        for (size_t other = 0; other < s.in_blocks; other++) {
          const int is_short = c->inputs - other * LANES <= LANES / 2;
          const float *from = inputs + (other * POINTS + index) * point;
          const float *with = gradients + index * point;
          float *to = sums + block * s.sums + (index * s.in_blocks + other) * LANES * LANES;
          if (is_half && is_short)
            add_8_by_8(from, with, count, to);
          else if (is_half)
            add_16_by_8(from, with, count, to);
          else if (is_short)
            add_8_by_16(from, with, count, to);
          else
            add_16_by_16(from, with, count, to);
        }
      }
    }
  }
}

// The three weighted sums of a column or row of points.
#define TRANSFORM_SUMS(a, b, c, d, to, step)      \
  do {                                            \
    const lanes q = b, r = c;                     \
    const lanes both = SPREAD(0.5f) * (q + r);    \
    (to)[0] = (a) + both;                         \
    (to)[step] = SPREAD(0.5f) * (q - r);          \
    (to)[2 * (step)] = both + (d);                \
  } while (0)

// The gradients of one block of outputs, from the sums of `slots` threads.
PITH_DISPATCHED(finish_block,
                (const struct shape *s, const float *sums, size_t step, size_t slots, size_t block,
                 float *gradient),
                (s, sums, step, slots, block, gradient)) {
  for (size_t input = 0; input < s->in_blocks * LANES; input++) {
    const float *from = sums + block * s->sums + input * LANES;
    lanes points[POINTS], rows[12];
    for (size_t point = 0; point < POINTS; point++) {
      const float *place = from + point * s->in_blocks * LANES * LANES;
      points[point] = load(place);
      for (size_t slot = 1; slot < slots; slot++) points[point] += load(place + slot * step);
    }
    UNROLL for (int x = 0; x < 4; x++)
      TRANSFORM_SUMS(points[x], points[4 + x], points[8 + x], points[12 + x], rows + x, 4);
    const size_t first = (block * s->in_blocks + input / LANES) * 9 * LANES + input % LANES;
    float *to = gradient + first * LANES;
    UNROLL for (int y = 0; y < 3; y++) {
      lanes row[3];
      TRANSFORM_SUMS(rows[4 * y], rows[4 * y + 1], rows[4 * y + 2], rows[4 * y + 3], row, 1);
      UNROLL for (int x = 0; x < 3; x++) store(to + (3 * y + x) * LANES * LANES, row[x]);
    }
  }
}

struct job {
  const struct pith_winograd *convolution;
  const float *input, *upstream;
  float *gradient, *scratch;
  struct shape shape;
};

// The sums of a slot, or those that all slots share.
static float *sums_of(const struct job *job, size_t slot) {
  const struct shape *s = &job->shape;
  return s->is_by_tiles ? job->scratch + slot * slot_floats(s) + s->inputs + s->upstream
                        : job->scratch + s->slots * slot_floats(s);
}

static void add_slots(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const struct shape *s = &job->shape;
  for (size_t slot = begin; slot < end; slot++) {
    const size_t first = slot * s->tiles / s->slots, last = (slot + 1) * s->tiles / s->slots;
    const size_t from = slot * s->out_blocks / s->slots, to = (slot + 1) * s->out_blocks / s->slots;
    float *scratch = job->scratch + slot * slot_floats(s), *sums = sums_of(job, slot);
    const size_t some = s->is_by_tiles ? 0 : from, rest = s->is_by_tiles ? s->out_blocks : to;
    for (size_t place = some * s->sums; place < rest * s->sums; place++) sums[place] = 0;
    add_tiles(job->convolution, job->input, job->upstream, scratch, sums,
              s->is_by_tiles ? first : 0, s->is_by_tiles ? last : s->tiles, some, rest);
  }
}

static void finish_blocks(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  for (size_t block = begin; block < end; block++)
    finish_block(&job->shape, sums_of(job, 0), slot_floats(&job->shape),
                 job->shape.is_by_tiles ? job->shape.slots : 1, block, job->gradient);
}

void pith_winograd_weight_gradient(const struct pith_winograd *c, const float *input,
                                   const float *upstream, float *gradient, float *scratch) {
  struct job job = {c, input, upstream, gradient, scratch, shape_of(c)};
  pith_parallel(job.shape.slots, 1, add_slots, &job);
  pith_parallel(job.shape.out_blocks, 2, finish_blocks, &job);
}
