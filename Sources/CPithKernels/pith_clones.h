#ifndef PITH_CLONES_H
#define PITH_CLONES_H

/// Compiles a function once per family of processors; the best is chosen when the program starts,
/// whatever `PITH_MAX_ISA` says: prefer `PITH_DISPATCHED`.
#if defined(__x86_64__) && defined(__linux__)
#define PITH_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PITH_CLONES
#endif

/// Lets sums be taken in any order, so that they can be vectorised; the order is fixed at
/// compilation, so results do not vary from run to run.
#if defined(__clang__)
#define PITH_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")
#else
#define PITH_REASSOCIATE
#endif

#define PITH_INLINE static inline __attribute__((always_inline))

#endif
