// The BLAS that LibTorch calls: which one it is, and what makes it right and fast under msde's threads.
#pragma once

#include <string>

namespace msde {

// A system may put any library in the place of libblas.so.3. msde's threads each work on rows, windows or
// matrices of their own and call LibTorch, and so the BLAS, at once. Debian bookworm's variants then need:
enum class BlasCare {
  none,  // OpenBLAS on OpenMP takes one thread inside a parallel region; BLIS, MKL, reference: safe as they
         // are
  one_thread,  // OpenBLAS on pthreads shares every product out among its own threads, which all of msde's
               // wait for
  lock,        // serial OpenBLAS hands two threads the same buffer: results are wrong (openblas_memory.cpp)
  refused      // serial OpenBLAS whose memory is out of reach of the lock: msde takes one thread
};

struct Blas {
  std::string file;                 // that dgemm_ comes from; "" where LibTorch holds a BLAS of its own
  std::string name;                 // "OpenBLAS 0.3.21 ..", "BLIS", "ATLAS", "MKL", "reference" or "unknown"
  std::string kernels = "unknown";  // OpenBLAS: for which processor; else "unknown"
  std::string threading = "unknown";  // OpenBLAS: "OpenMP", "pthreads" or "serial"; else "unknown"
  BlasCare care = BlasCare::none;
};

// Looks at the library that is loaded and, the first time, does what it needs, for the whole process. Before
// any thread calls LibTorch; set_threads() and load_model() do.
const Blas& adapted_blas();

// What `care` is, for people.
std::string describe(BlasCare care);

}  // namespace msde
