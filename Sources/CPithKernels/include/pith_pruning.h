#ifndef PITH_PRUNING_H
#define PITH_PRUNING_H

#include <stddef.h>
#include <stdint.h>

/// How a window moves over the channels of one image. Axes are (height, width).
struct pith_patches {
  size_t channels;
  size_t input[2], kernel[2], output[2];
  size_t strides[2], dilations[2], pads[2];
};

/// Writes what the window sees at each place of output rows `begin`..<`end` as one row of
/// (channels, kernel height, kernel width) numbers; padding is zero. `image` is (C, H, W).
void pith_patches(const struct pith_patches *patches, const float *image, size_t begin, size_t end,
                  double *rows);

/// The same at one place of the output, counted along its rows.
void pith_patch(const struct pith_patches *patches, const float *image, size_t place, double *row);

/// Removes the weights of each row one after the other, always the one whose loss is least, the
/// others making up for it: loss = w_p^2 / (2 H^-1_pp), w -= w_p / H^-1_pp H^-1_p.
///
/// `inverse` is H^-1 (order, order), `weights` (rows, order). Writes to `order_of` (rows, order)
/// which weight went when, and to `losses` what each removal of that order cost. Rows are
/// independent and run on all threads. Returns 0 where there was no memory.
int pith_removal_order(const double *inverse, size_t order, const double *weights, size_t rows,
                       uint32_t *order_of, double *losses);

/// sums[i] += values[i]^2, magnitudes[i] += |values[i]|.
void pith_add_moments(const float *values, size_t count, double *squares, double *magnitudes);

#endif
