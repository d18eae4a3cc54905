#ifndef PITH_ROI_ALIGN_H
#define PITH_ROI_ALIGN_H

#include <stddef.h>
#include <stdint.h>

/// Regions (x1, y1, x2, y2) of images (images, channels, height, width), each sampled bilinearly to
/// (channels, output_height, output_width).
struct pith_roi_align {
  size_t images, channels, height, width, regions, output_height, output_width;
  /// Samples along each side of a cell; 0 for as many as there are pixels.
  size_t samples;
  float scale;
  /// Half a pixel that coordinates are moved by, or 0, when regions have a least size of 1.
  float offset;
  /// Whether a cell takes its largest sample, not their mean.
  int largest;
};

/// A region of an image that is not there gives zeros.
void pith_roi_align(const struct pith_roi_align *job, const float *images, const float *regions,
                    const int64_t *image_of_region, float *y);

#endif
