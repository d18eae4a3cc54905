#ifndef PITH_GRID_SAMPLING_H
#define PITH_GRID_SAMPLING_H

#include <stddef.h>

enum pith_sampling_mode { PITH_SAMPLE_NEAREST, PITH_SAMPLE_LINEAR, PITH_SAMPLE_CUBIC };
enum pith_sampling_padding { PITH_PAD_ZEROS, PITH_PAD_BORDER, PITH_PAD_REFLECTION };

enum { PITH_MAX_SAMPLED_AXES = 3 };

/// Images (images, channels, extents...) looked at where a grid (images, points, axes) says, whose
/// coordinates run from -1 to 1 and have the last axis first. With `aligned` these are the centres
/// of the outermost elements, else their outer edges.
struct pith_grid_sampling {
  int axes;
  enum pith_sampling_mode mode;
  enum pith_sampling_padding padding;
  int aligned;
  size_t images;
  size_t channels;
  size_t points;
  size_t extents[PITH_MAX_SAMPLED_AXES];
};

/// y (images, channels, points)
void pith_sample_grid(const struct pith_grid_sampling *form, const float *x, const float *grid,
                      float *y);

/// The gradients of x and of the grid; either may be null.
void pith_sample_grid_gradient(const struct pith_grid_sampling *form, const float *x,
                               const float *grid, const float *dy, float *dx, float *dgrid);

/// A deformable window over images (channels, height, width): columns (channels, taps, positions)
/// of what each tap sees where `offsets` (groups, taps, 2, positions) moves it, times `mask`
/// (groups, taps, positions), which may be null.
struct pith_deformable_window {
  size_t channels;
  size_t height;
  size_t width;
  size_t groups;
  size_t kernel[2];
  size_t positions[2];
  size_t strides[2];
  size_t dilations[2];
  size_t begins[2];
};

void pith_deformed_columns(const struct pith_deformable_window *window, const float *x,
                           const float *offsets, const float *mask, float *columns);

#endif
