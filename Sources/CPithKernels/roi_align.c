#include "pith_roi_align.h"

#include <math.h>

#include "pith_parallel.h"

struct work {
  const struct pith_roi_align *job;
  const float *images, *regions;
  const int64_t *image_of_region;
  float *y;
};

/// One sample as four elements of a plane with their shares.
struct sample {
  size_t place[4];
  float share[4];
};

static struct sample sample_at(const struct pith_roi_align *job, float y, float x) {
  struct sample s = {{0}, {0}};
  const float height = (float)job->height, width = (float)job->width;
  if (!(y >= -1 && y <= height && x >= -1 && x <= width)) return s;
  y = fmaxf(y, 0);
  x = fmaxf(x, 0);
  size_t top = (size_t)y, left = (size_t)x;
  size_t bottom = top + 1, right = left + 1;
  if (top >= job->height - 1) {
    top = bottom = job->height - 1;
    y = (float)top;
  }
  if (left >= job->width - 1) {
    left = right = job->width - 1;
    x = (float)left;
  }
  const float down = y - (float)top, along = x - (float)left;
  s.place[0] = top * job->width + left;
  s.place[1] = top * job->width + right;
  s.place[2] = bottom * job->width + left;
  s.place[3] = bottom * job->width + right;
  s.share[0] = (1 - down) * (1 - along);
  s.share[1] = (1 - down) * along;
  s.share[2] = down * (1 - along);
  s.share[3] = down * along;
  return s;
}

/// Regions are data: a cell far larger than the image takes no more samples than cover that twice.
static size_t sample_count(size_t wanted, float cell, size_t extent) {
  if (wanted) return wanted;
  const float count = ceilf(cell), most = 2 * (float)extent + 2;
  return count >= 1 ? (size_t)fminf(count, most) : 0;
}

static void align_region(const struct work *work, size_t region) {
  const struct pith_roi_align *job = work->job;
  const size_t cells = job->output_height * job->output_width;
  float *y = work->y + region * job->channels * cells;
  const int64_t image = work->image_of_region[region];
  const int exists = image >= 0 && (uint64_t)image < job->images && job->height && job->width;
  const float *box = work->regions + region * 4;
  const float left = box[0] * job->scale - job->offset, top = box[1] * job->scale - job->offset;
  float width = box[2] * job->scale - job->offset - left;
  float height = box[3] * job->scale - job->offset - top;
  if (job->offset == 0) {
    width = fmaxf(width, 1);
    height = fmaxf(height, 1);
  }
  const float cell_height = height / (float)job->output_height;
  const float cell_width = width / (float)job->output_width;
  const size_t down = sample_count(job->samples, cell_height, job->height);
  const size_t along = sample_count(job->samples, cell_width, job->width);
  const size_t plane = job->height * job->width;
  for (size_t cell = 0; cell < cells; cell++) {
    for (size_t c = 0; c < job->channels; c++) y[c * cells + cell] = 0;
    if (!exists) continue;
    const float *channels = work->images + (size_t)image * job->channels * plane;
    const float cell_top = top + (float)(cell / job->output_width) * cell_height;
    const float cell_left = left + (float)(cell % job->output_width) * cell_width;
    for (size_t n = 0; n < down * along; n++) {
      const struct sample s = sample_at(
          job, cell_top + ((float)(n / along) + 0.5f) * cell_height / (float)down,
          cell_left + ((float)(n % along) + 0.5f) * cell_width / (float)along);
      for (size_t c = 0; c < job->channels; c++) {
        const float *x = channels + c * plane;
        float parts[4];
        for (int i = 0; i < 4; i++) parts[i] = s.share[i] * x[s.place[i]];
        float *result = y + c * cells + cell;
        if (job->largest) {
          const float value = fmaxf(fmaxf(parts[0], parts[1]), fmaxf(parts[2], parts[3]));
          *result = n == 0 ? value : fmaxf(*result, value);
        } else {
          *result += (parts[0] + parts[1] + parts[2] + parts[3]) / (float)(down * along);
        }
      }
    }
  }
}

static void align_regions(void *context, size_t begin, size_t end) {
  for (size_t region = begin; region < end; region++) align_region(context, region);
}

void pith_roi_align(const struct pith_roi_align *job, const float *images, const float *regions,
                    const int64_t *image_of_region, float *y) {
  struct work work = {job, images, regions, image_of_region, y};
  pith_parallel(job->regions, 2, align_regions, &work);
}
