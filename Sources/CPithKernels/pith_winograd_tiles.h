#ifndef PITH_WINOGRAD_TILES_H
#define PITH_WINOGRAD_TILES_H

#include "pith_rows.h"
#include "pith_winograd.h"

// Tiles of 2 x 2 results. The patch of 4 x 4 inputs that a tile is made of becomes 16 numbers per
// channel, the points.

// Functions that take or give vectors are inlined, whatever the processor they are compiled for.
#pragma GCC diagnostic ignored "-Wpsabi"

enum { POINTS = 16 };

PITH_INLINE lanes load(const float *from) { return *(const lanes *)from; }
PITH_INLINE void store(float *to, lanes value) { *(lanes *)to = value; }

/// Blocks of 16 channels.
PITH_INLINE size_t channel_blocks(size_t channels) { return (channels + LANES - 1) / LANES; }

/// An image, and where in its results the tile begins.
struct tile {
  size_t image;
  ptrdiff_t y, x;
};

PITH_INLINE size_t tiles_of(const struct pith_winograd *c) {
  return c->images * ((c->out_height + 1) / 2) * ((c->out_width + 1) / 2);
}

PITH_INLINE struct tile tile_at(const struct pith_winograd *c, size_t index) {
  const size_t columns = (c->out_width + 1) / 2, in_image = (c->out_height + 1) / 2 * columns;
  const size_t rest = index % in_image;
  return (struct tile){
      index / in_image, 2 * (ptrdiff_t)(rest / columns), 2 * (ptrdiff_t)(rest % columns)};
}

/// The four sums of a column or row of a patch.
#define TRANSFORM_INPUT(a, b, c, d, to, step) \
  do {                                        \
    const lanes p = a, q = b, r = c, t = d;   \
    (to)[0] = p - r;                          \
    (to)[step] = q + r;                       \
    (to)[2 * (step)] = r - q;                 \
    (to)[3 * (step)] = q - t;                 \
  } while (0)

/// The points of a patch, `point` floats apart.
PITH_INLINE void transform_patch(const lanes patch[16], float *to, size_t point) {
  lanes rows[16];
  UNROLL for (int x = 0; x < 4; x++)
    TRANSFORM_INPUT(patch[x], patch[4 + x], patch[8 + x], patch[12 + x], rows + x, 4);
  UNROLL for (int y = 0; y < 4; y++) {
    lanes row[4];
    TRANSFORM_INPUT(rows[4 * y], rows[4 * y + 1], rows[4 * y + 2], rows[4 * y + 3], row, 1);
    UNROLL for (int x = 0; x < 4; x++) store(to + (size_t)(4 * y + x) * point, row[x]);
  }
}

/// The points of a tile's inputs: those of each block of channels `block` floats apart, and of one
/// block `point` floats.
PITH_INLINE void transform_tile(const struct pith_winograd *c, const float *input, struct tile tile,
                                float *to, size_t block, size_t point) {
  const ptrdiff_t top = tile.y - (ptrdiff_t)c->pad_top, left = tile.x - (ptrdiff_t)c->pad_left;
  const ptrdiff_t height = (ptrdiff_t)c->height, width = (ptrdiff_t)c->width;
  const size_t plane = c->height * c->width * LANES, blocks = channel_blocks(c->inputs);
  const float *image = input + tile.image * blocks * plane;
  const int is_inside = top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width;
  for (size_t index = 0; index < blocks; index++, to += block, image += plane) {
    lanes patch[16];
    if (is_inside) {
      const float *from = image + (top * width + left) * LANES;
      UNROLL for (int y = 0; y < 4; y++)
        UNROLL for (int x = 0; x < 4; x++) patch[4 * y + x] = load(from + (y * width + x) * LANES);
    } else {
      UNROLL for (int y = 0; y < 4; y++)
        UNROLL for (int x = 0; x < 4; x++) {
          const ptrdiff_t row = top + y, column = left + x;
          const int is_there = row >= 0 && row < height && column >= 0 && column < width;
          patch[4 * y + x] = is_there ? load(image + (row * width + column) * LANES) : (lanes){0};
        }
    }
    transform_patch(patch, to, point);
  }
}

#endif
