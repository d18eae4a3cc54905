#ifndef PITH_PLANES_H
#define PITH_PLANES_H

#include <stddef.h>

/// Images of floats as one plane per channel, whose rows and planes may have margins between them.
struct pith_planes {
  size_t channels, height, width;
  size_t pitch;  // floats from a row to the next
  size_t plane;  // floats from a channel to the next
  size_t image;  // floats from an image to the next
  size_t first;  // floats before the first element
};

/// Sets all floats of an image that are no elements to zero.
void pith_clear_margins(const struct pith_planes *planes, float *image);

/// Brings all images to where `target` wants them, whose margins become zero.
void pith_move_planes(size_t images, const struct pith_planes *source, const float *from,
                      const struct pith_planes *target, float *to);

#endif
