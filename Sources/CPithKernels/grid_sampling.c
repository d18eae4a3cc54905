#include "pith_grid_sampling.h"

#include <math.h>
#include <string.h>

#include "pith_parallel.h"

// The elements along one axis that a coordinate lies between: their places (-1 for none), weights,
// and how the weights change with the coordinate.
struct taps {
  int count;
  long places[4];
  float weights[4];
  float slopes[4];
};

// Mirrors a number until it is within low...high; `sign` tells in which direction it then runs.
static float reflect(float x, float low, float high, float *sign) {
  float range = high - low;
  if (range <= 0) {
    *sign = 0;
    return low;
  }
  float phase = fmodf(x - low, 2 * range);
  if (phase < 0) phase += 2 * range;
  *sign = phase > range ? -1 : 1;
  return low + (phase > range ? 2 * range - phase : phase);
}

static long padded(float place, long extent, enum pith_sampling_padding padding, float low,
                   float high) {
  if (place >= 0 && place < (float)extent) return (long)place;
  if (padding == PITH_PAD_ZEROS) return -1;
  if (padding == PITH_PAD_BORDER) return place < 0 ? 0 : extent - 1;
  float sign;
  long inside = (long)reflect(place, low, high, &sign);
  return inside < 0 ? 0 : inside >= extent ? extent - 1 : inside;
}

static void cubic_weights(float s, float *w, float *d) {
  const float a = -0.75f;
  float p = s + 1, q = 1 - s, r = 2 - s;
  w[0] = ((a * p - 5 * a) * p + 8 * a) * p - 4 * a;
  w[1] = ((a + 2) * s - (a + 3)) * s * s + 1;
  w[2] = ((a + 2) * q - (a + 3)) * q * q + 1;
  w[3] = ((a * r - 5 * a) * r + 8 * a) * r - 4 * a;
  d[0] = (3 * a * p - 10 * a) * p + 8 * a;
  d[1] = (3 * (a + 2) * s - 2 * (a + 3)) * s;
  d[2] = -(3 * (a + 2) * q - 2 * (a + 3)) * q;
  d[3] = -((3 * a * r - 10 * a) * r + 8 * a);
}

static struct taps taps_at(const struct pith_grid_sampling *form, float coordinate, long extent) {
  float size = (float)extent, slope = form->aligned ? (size - 1) / 2 : size / 2;
  float low = form->aligned ? 0 : -0.5f, high = form->aligned ? size - 1 : size - 0.5f;
  float x = form->aligned ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  // What is no number, or far away, lies outside.
  if (!(x > -1e9f)) x = -1e9f;
  if (x > 1e9f) x = 1e9f;
  if (form->mode == PITH_SAMPLE_NEAREST) x = rintf(x);
  if (x < low || x > high) {
    float sign = 0;
    if (form->padding == PITH_PAD_BORDER && form->mode != PITH_SAMPLE_CUBIC) {
      x = x < 0 ? 0 : size - 1;
      slope = 0;
    } else if (form->padding == PITH_PAD_REFLECTION) {
      x = reflect(x, low, high, &sign);
      slope *= sign;
    }
  }
  struct taps taps;
  float floor = floorf(x), s = x - floor;
  switch (form->mode) {
    case PITH_SAMPLE_NEAREST:
      taps.count = 1;
      taps.weights[0] = 1;
      taps.slopes[0] = 0;
      floor = truncf(x);
      break;
    case PITH_SAMPLE_LINEAR:
      taps.count = 2;
      taps.weights[0] = 1 - s;
      taps.weights[1] = s;
      taps.slopes[0] = -1;
      taps.slopes[1] = 1;
      break;
    default:
      taps.count = 4;
      cubic_weights(s, taps.weights, taps.slopes);
      floor -= 1;
  }
  for (int i = 0; i < taps.count; i++) {
    taps.places[i] = padded(floor + (float)i, extent, form->padding, low, high);
    taps.slopes[i] *= slope;
  }
  return taps;
}

enum { MOST_CORNERS = 64 };

// The elements of a plane that a point lies between.
struct corners {
  int count;
  size_t places[MOST_CORNERS];
  float weights[MOST_CORNERS];
  float slopes[PITH_MAX_SAMPLED_AXES][MOST_CORNERS];
};

static void find_corners(const struct pith_grid_sampling *form, const float *point,
                         struct corners *corners) {
  struct taps taps[PITH_MAX_SAMPLED_AXES];
  int all = 1;
  for (int axis = 0; axis < form->axes; axis++) {
    taps[axis] = taps_at(form, point[form->axes - 1 - axis], (long)form->extents[axis]);
    all *= taps[axis].count;
  }
  corners->count = 0;
  for (int index = 0; index < all; index++) {
    size_t place = 0;
    float weight = 1, slopes[PITH_MAX_SAMPLED_AXES];
    int inside = 1, rest = index;
    for (int axis = 0; axis < form->axes; axis++) slopes[axis] = 1;
    for (int axis = 0; axis < form->axes; axis++) {
      int tap = rest % taps[axis].count;
      rest /= taps[axis].count;
      if (taps[axis].places[tap] < 0) inside = 0;
      place = place * form->extents[axis] + (size_t)(inside ? taps[axis].places[tap] : 0);
      weight *= taps[axis].weights[tap];
      for (int other = 0; other < form->axes; other++)
        slopes[other] *= other == axis ? taps[axis].slopes[tap] : taps[axis].weights[tap];
    }
    if (!inside) continue;
    corners->places[corners->count] = place;
    corners->weights[corners->count] = weight;
    for (int axis = 0; axis < form->axes; axis++)
      corners->slopes[axis][corners->count] = slopes[axis];
    corners->count++;
  }
}

static size_t plane_of(const struct pith_grid_sampling *form) {
  size_t plane = 1;
  for (int axis = 0; axis < form->axes; axis++) plane *= form->extents[axis];
  return plane;
}

struct job {
  const struct pith_grid_sampling *form;
  const float *x, *grid, *dy;
  float *y, *dx, *dgrid;
};

static void sample_part(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const struct pith_grid_sampling *form = job->form;
  size_t plane = plane_of(form);
  for (size_t index = begin; index < end; index++) {
    size_t image = index / form->points, point = index % form->points;
    struct corners corners;
    if (plane)
      find_corners(form, job->grid + index * (size_t)form->axes, &corners);
    else
      corners.count = 0;
    for (size_t channel = 0; channel < form->channels; channel++) {
      const float *x = job->x + (image * form->channels + channel) * plane;
      float sum = 0;
      for (int i = 0; i < corners.count; i++) sum += corners.weights[i] * x[corners.places[i]];
      job->y[(image * form->channels + channel) * form->points + point] = sum;
    }
  }
}

void pith_sample_grid(const struct pith_grid_sampling *form, const float *x, const float *grid,
                      float *y) {
  struct job job = {.form = form, .x = x, .grid = grid, .y = y};
  pith_parallel(form->images * form->points, 4096 / (form->channels + 1) + 1, sample_part, &job);
}

// Images are cut over the threads: the points of one may fall on the same elements.
static void gradient_part(void *context, size_t begin, size_t end) {
  const struct job *job = context;
  const struct pith_grid_sampling *form = job->form;
  size_t plane = plane_of(form), axes = (size_t)form->axes;
  for (size_t image = begin; image < end; image++) {
    if (job->dx)
      memset(job->dx + image * form->channels * plane, 0, form->channels * plane * sizeof(float));
    for (size_t point = 0; point < form->points; point++) {
      size_t index = image * form->points + point;
      struct corners corners = {.count = 0};
      if (plane) find_corners(form, job->grid + index * axes, &corners);
      float slopes[PITH_MAX_SAMPLED_AXES] = {0};
      for (size_t channel = 0; channel < form->channels; channel++) {
        size_t row = image * form->channels + channel;
        float d = job->dy[row * form->points + point];
        for (int i = 0; i < corners.count; i++) {
          size_t place = row * plane + corners.places[i];
          if (job->dx) job->dx[place] += d * corners.weights[i];
          for (size_t axis = 0; job->dgrid && axis < axes; axis++)
            slopes[axis] += d * corners.slopes[axis][i] * job->x[place];
        }
      }
      for (size_t axis = 0; job->dgrid && axis < axes; axis++)
        job->dgrid[index * axes + axes - 1 - axis] = slopes[axis];
    }
  }
}

void pith_sample_grid_gradient(const struct pith_grid_sampling *form, const float *x,
                               const float *grid, const float *dy, float *dx, float *dgrid) {
  struct job job = {.form = form, .x = x, .grid = grid, .dy = dy, .dx = dx, .dgrid = dgrid};
  pith_parallel(form->images, 2, gradient_part, &job);
}

// A point of a plane, zero outside.
static float bilinear(const float *x, long height, long width, float row, float column) {
  if (!(row > -1 && row < (float)height && column > -1 && column < (float)width)) return 0;
  float top = floorf(row), left = floorf(column), v = row - top, u = column - left;
  long i = (long)top, j = (long)left;
  float a = i >= 0 && j >= 0 ? x[i * width + j] : 0;
  float b = i >= 0 && j + 1 < width ? x[i * width + j + 1] : 0;
  float c = i + 1 < height && j >= 0 ? x[(i + 1) * width + j] : 0;
  float d = i + 1 < height && j + 1 < width ? x[(i + 1) * width + j + 1] : 0;
  return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d);
}

void pith_deformed_columns(const struct pith_deformable_window *window, const float *x,
                           const float *offsets, const float *mask, float *columns) {
  size_t taps = window->kernel[0] * window->kernel[1];
  size_t positions = window->positions[0] * window->positions[1];
  size_t plane = window->height * window->width;
  for (size_t channel = 0; channel < window->channels; channel++) {
    size_t group = channel / (window->channels / window->groups);
    for (size_t tap = 0; tap < taps; tap++) {
      const float *rows = offsets + (group * taps + tap) * 2 * positions;
      const float *weights = mask ? mask + (group * taps + tap) * positions : NULL;
      float *to = columns + (channel * taps + tap) * positions;
      for (size_t position = 0; position < positions; position++) {
        float row = (float)(position / window->positions[1] * window->strides[0] +
                            tap / window->kernel[1] * window->dilations[0]) -
                    (float)window->begins[0] + rows[position];
        float column = (float)(position % window->positions[1] * window->strides[1] +
                               tap % window->kernel[1] * window->dilations[1]) -
                       (float)window->begins[1] + rows[positions + position];
        float value = bilinear(x + channel * plane, (long)window->height, (long)window->width,
                               row, column);
        to[position] = weights ? weights[position] * value : value;
      }
    }
  }
}
