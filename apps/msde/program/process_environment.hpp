// What OpenBLAS, OpenMP and the C library read from the environment before main: set for the program that is
// started next.
#pragma once

#include <string>
#include <vector>

namespace msde {

// - OPENBLAS_CORETYPE=SKYLAKEX where the processor has AVX-512: the OpenBLAS of Debian bookworm (0.3.21)
//   does not know newer processors and takes their AVX2 kernels, up to 1.7 times slower (design measurement:
//   sgemm 268 -> 472 GFLOP/s).
// - OMP_WAIT_POLICY=PASSIVE: threads that wait sleep. Spinning ones cost a factor of 70 as soon as anything
//   else runs on the same cores (docs/results.md).
// - GLIBC_TUNABLES=glibc.malloc.hugetlb=1: large tensors lie in huge pages where the kernel gives them to
//   those who ask. Clearing small ones took up to a fifth of a step (docs/performance.md).
// Variables that are set already stay as they are, and all do where MSDE_CHOSE_ENVIRONMENT is set. Returns
// the names of those that are set now.
std::vector<std::string> set_process_environment();

// The same for this program, by starting it again where something was missing. Call it early in main.
void choose_process_environment(char** argv);

}  // namespace msde
