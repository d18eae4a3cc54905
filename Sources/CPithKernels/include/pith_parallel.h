#ifndef PITH_PARALLEL_H
#define PITH_PARALLEL_H

#include <stddef.h>

/// Runs `body(context, begin, end)` over parts of 0..<count on the threads that oneDNN uses
/// (OpenMP), or in this thread where there is no OpenMP or `count` is below `grain`.
/// Which part a thread gets depends only on `count` and the number of threads.
void pith_parallel(size_t count, size_t grain, void (*body)(void *context, size_t begin, size_t end),
                   void *context);

/// Sets and gets the number of threads of the pool shared with oneDNN.
void pith_set_threads(int threads);
int pith_threads(void);

#endif
