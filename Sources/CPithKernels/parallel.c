#include "pith_parallel.h"

#if defined(__linux__)
// libgomp's entry points; declared here because the toolchain ships no omp.h.
extern void GOMP_parallel(void (*fn)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);

struct job {
  size_t count;
  void (*body)(void *, size_t, size_t);
  void *context;
};

static void run_part(void *data) {
  const struct job *job = data;
  size_t threads = (size_t)omp_get_num_threads();
  size_t index = (size_t)omp_get_thread_num();
  size_t begin = job->count * index / threads;
  size_t end = job->count * (index + 1) / threads;
  if (begin < end) job->body(job->context, begin, end);
}

void pith_parallel(size_t count, size_t grain, void (*body)(void *, size_t, size_t),
                   void *context) {
  if (count < grain || omp_get_max_threads() == 1) {
    if (count) body(context, 0, count);
    return;
  }
  struct job job = {count, body, context};
  GOMP_parallel(run_part, &job, 0, 0);
}

void pith_set_threads(int threads) { omp_set_num_threads(threads); }
int pith_threads(void) { return omp_get_max_threads(); }

#else

void pith_parallel(size_t count, size_t grain, void (*body)(void *, size_t, size_t),
                   void *context) {
  (void)grain;
  if (count) body(context, 0, count);
}

void pith_set_threads(int threads) { (void)threads; }
int pith_threads(void) { return 1; }

#endif
