#include "pith_copy.h"

#include <stdint.h>
#include <string.h>

#include "pith_parallel.h"

// Side of the square of elements that is turned at once where the two arrays disagree about which
// axis is innermost: 32 cache lines of each array are in use at a time.
enum { TILE = 32 };

struct copy_job {
  const struct pith_region *region;
  const char *from;
  char *to;
  int outer[PITH_MAX_RANK];  // axes that are stepped through one by one
  int outer_count;
  int run;      // innermost axis of the target
  int across;   // innermost axis of the source, split into tiles; -1 where it is `run`
  size_t tiles;  // number of tiles along `across`
};

#define COPY_TILE(type)                                                                     \
  for (size_t i = 0; i < rows; i++) {                                                       \
    const char *source = from + (ptrdiff_t)i * region->from[across];                        \
    char *target = to + (ptrdiff_t)i * region->to[across];                                  \
    for (size_t j = 0; j < columns; j++)                                                    \
      *(type *)(target + (ptrdiff_t)j * to_step) =                                          \
          *(const type *)(source + (ptrdiff_t)j * from_step);                               \
  }

static void copy_tile(const struct copy_job *job, const char *from, char *to, size_t rows,
                      size_t columns) {
  const struct pith_region *region = job->region;
  int across = job->across;
  ptrdiff_t from_step = region->from[job->run], to_step = region->to[job->run];
  switch (region->element) {
    case 1: COPY_TILE(uint8_t) break;
    case 2: COPY_TILE(uint16_t) break;
    case 4: COPY_TILE(uint32_t) break;
    default: COPY_TILE(uint64_t) break;
  }
}

#define COPY_RUN(type)                                                                      \
  for (size_t j = 0; j < count; j++)                                                        \
    *(type *)(to + (ptrdiff_t)j * to_step) = *(const type *)(from + (ptrdiff_t)j * from_step);

static void copy_run(const struct copy_job *job, const char *from, char *to) {
  const struct pith_region *region = job->region;
  size_t count = region->extents[job->run];
  ptrdiff_t from_step = region->from[job->run], to_step = region->to[job->run];
  ptrdiff_t element = (ptrdiff_t)region->element;
  if (from_step == element && to_step == element) {
    memcpy(to, from, count * region->element);
    return;
  }
  if (from_step == 0 && to_step == element) {
    pith_fill(to, count, from, region->element);
    return;
  }
  switch (element) {
    case 1: COPY_RUN(uint8_t) break;
    case 2: COPY_RUN(uint16_t) break;
    case 4: COPY_RUN(uint32_t) break;
    default: COPY_RUN(uint64_t) break;
  }
}

static void copy_part(void *context, size_t begin, size_t end) {
  const struct copy_job *job = context;
  const struct pith_region *region = job->region;
  for (size_t index = begin; index < end; index++) {
    size_t rest = index;
    size_t tile = rest % job->tiles;
    rest /= job->tiles;
    const char *from = job->from;
    char *to = job->to;
    for (int k = job->outer_count - 1; k >= 0; k--) {
      int axis = job->outer[k];
      ptrdiff_t at = (ptrdiff_t)(rest % region->extents[axis]);
      rest /= region->extents[axis];
      from += at * region->from[axis];
      to += at * region->to[axis];
    }
    if (job->across < 0) {
      copy_run(job, from, to);
      continue;
    }
    size_t first = tile * TILE;
    size_t rows = region->extents[job->across] - first;
    if (rows > TILE) rows = TILE;
    from += (ptrdiff_t)first * region->from[job->across];
    to += (ptrdiff_t)first * region->to[job->across];
    size_t length = region->extents[job->run];
    for (size_t column = 0; column < length; column += TILE) {
      size_t columns = length - column < TILE ? length - column : TILE;
      copy_tile(job, from + (ptrdiff_t)column * region->from[job->run],
                to + (ptrdiff_t)column * region->to[job->run], rows, columns);
    }
  }
}

void pith_copy_region(const void *from, void *to, const struct pith_region *region) {
  if (region->rank == 0) {
    memcpy(to, from, region->element);
    return;
  }
  struct copy_job job = {.region = region, .from = from, .to = to, .across = -1, .tiles = 1};
  job.run = region->rank - 1;
  ptrdiff_t element = (ptrdiff_t)region->element;
  if (region->from[job.run] != element && region->from[job.run] != 0) {
    for (int axis = 0; axis < job.run; axis++)
      if (region->from[axis] == element && region->extents[axis] > 1) job.across = axis;
  }
  size_t count = 1;
  for (int axis = 0; axis < job.run; axis++) {
    if (axis == job.across) continue;
    job.outer[job.outer_count++] = axis;
    count *= region->extents[axis];
  }
  size_t work = region->extents[job.run];
  if (job.across >= 0) {
    job.tiles = (region->extents[job.across] + TILE - 1) / TILE;
    count *= job.tiles;
    work *= TILE;
  }
  pith_parallel(count, 1 + 32768 / (work + 1), copy_part, &job);
}

void pith_fill(void *to, size_t count, const void *value, size_t element) {
  switch (element) {
    case 1:
      memset(to, *(const uint8_t *)value, count);
      break;
    case 2: {
      uint16_t word = *(const uint16_t *)value, *out = to;
      for (size_t i = 0; i < count; i++) out[i] = word;
      break;
    }
    case 4: {
      uint32_t word = *(const uint32_t *)value, *out = to;
      for (size_t i = 0; i < count; i++) out[i] = word;
      break;
    }
    default: {
      uint64_t word = *(const uint64_t *)value, *out = to;
      for (size_t i = 0; i < count; i++) out[i] = word;
      break;
    }
  }
}
