#ifndef PITH_CLONES_H
#define PITH_CLONES_H

/// Lets sums be taken in any order, so that they can be vectorised; the order is fixed at
/// compilation, so results do not vary from run to run.
#if defined(__clang__)
#define PITH_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")
#else
#define PITH_REASSOCIATE
#endif

#define PITH_INLINE static inline __attribute__((always_inline))

#endif
