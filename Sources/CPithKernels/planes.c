#include "pith_planes.h"

#include "pith_dispatch.h"
#include "pith_parallel.h"
#include "pith_rows.h"

PITH_INLINE void clear_ends(const struct pith_planes *p, float *image) {
  size_t end = p->first + p->channels * p->plane;
  clear_row(image, p->first);
  clear_row(image + end, p->image - end);
}

void pith_clear_margins(const struct pith_planes *p, float *image) {
  clear_ends(p, image);
  for (size_t channel = 0; channel < p->channels; channel++) {
    float *start = image + p->first + channel * p->plane, *end = start + p->height * p->pitch;
    for (float *row = start; row < end; row += p->pitch)
      clear_row(row + p->width, p->pitch - p->width);
    clear_row(end, p->plane - p->height * p->pitch);
  }
}

PITH_INLINE void move_channel(const struct pith_planes *source, const float *from,
                              const struct pith_planes *target, float *to, size_t width) {
  for (size_t y = 0; y < source->height; y++) {
    move_row(from + y * source->pitch, to + y * target->pitch, width);
    clear_row(to + y * target->pitch + width, target->pitch - width);
  }
}

struct task {
  const struct pith_planes *source, *target;
  const float *from;
  float *to;
};

PITH_DISPATCHED(move_channels,
                (const struct pith_planes *source, const float *from,
                 const struct pith_planes *target, float *to, size_t begin, size_t end),
                (source, from, target, to, begin, end)) {
  for (size_t index = begin; index < end; index++) {
    size_t image = index / source->channels, channel = index % source->channels;
    const float *row = from + image * source->image + source->first + channel * source->plane;
    float *start = to + image * target->image;
    float *target_row = start + target->first + channel * target->plane;
    if (channel == 0) clear_ends(target, start);
    switch (source->width) {
      case 8: move_channel(source, row, target, target_row, 8); break;
      case 16: move_channel(source, row, target, target_row, 16); break;
      case 32: move_channel(source, row, target, target_row, 32); break;
      default: move_channel(source, row, target, target_row, source->width);
    }
    size_t end = target->height * target->pitch;
    clear_row(target_row + end, target->plane - end);
  }
}

static void move_some(void *context, size_t begin, size_t end) {
  const struct task *task = context;
  move_channels(task->source, task->from, task->target, task->to, begin, end);
}

void pith_move_planes(size_t images, const struct pith_planes *source, const float *from,
                      const struct pith_planes *target, float *to) {
  struct task task = {source, target, from, to};
  pith_parallel(images * source->channels, 8, move_some, &task);
}
