// Makes Debian's OpenBLAS 0.3.21 use its AVX-512 kernels on processors newer than it knows, where it would
// fall back to AVX2: sgemm 2048 goes from 268 to 472 GFLOP/s on two cores (docs/performance.md).
#pragma once

namespace msde {

// OpenBLAS reads OPENBLAS_CORETYPE when it is loaded, so the program sets it and starts itself again: call
// first in main. Does nothing if the variable is set, the processor lacks AVX-512, or it was tried before.
void choose_blas_kernels(char** argv);

}  // namespace msde
