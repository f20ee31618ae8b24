#include "msde/tensor/blas/blas.hpp"

#include <ATen/Context.h>
#include <dlfcn.h>

#include <utility>

#include "msde/tensor/blas/library_file.hpp"
#include "msde/tensor/blas/openblas_memory.hpp"

namespace msde {
namespace {

template <class Function>
Function find(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

std::string ask(const char* function) {
  const auto answer = find<const char* (*)()>(function);
  return answer ? answer() : "unknown";
}

// Debian's folders; these libraries do not say their name themselves. A LibTorch from elsewhere has MKL
// inside.
std::string name_by_file(const std::string& file) {
  if (at::hasMKL()) return "MKL";
  for (const auto& [part, name] :
       {std::pair{"blis", "BLIS"}, {"atlas", "ATLAS"}, {"mkl", "MKL"}, {"/blas/", "reference"}})
    if (file.find(part) != std::string::npos) return name;
  return "unknown";
}

// OpenBLAS may also serve the LAPACK alone, beside another BLAS.
BlasCare adapt_openblas(int threading) {
  if (threading == 1) {
    find<void (*)(int)>("openblas_set_num_threads")(1);
    return BlasCare::one_thread;
  }
  if (threading != 0) return BlasCare::none;
  return openblas_memory_is_guarded() ? BlasCare::lock : BlasCare::refused;
}

Blas adapt() {
  Blas blas;
  blas.file = library_file(dlsym(RTLD_DEFAULT, "dgemm_"));  // sgemm_ may be msde's (ops/sgemm.cpp)
  blas.name = name_by_file(blas.file);
  const auto parallel = find<int (*)()>("openblas_get_parallel");
  if (parallel == nullptr) return blas;
  const int threading = parallel();
  blas.care = adapt_openblas(threading);
  if (blas.name != "unknown") return blas;  // OpenBLAS serves the LAPACK alone
  blas.name = ask("openblas_get_config");
  blas.kernels = ask("openblas_get_corename");
  constexpr const char* names[] = {"serial", "pthreads", "OpenMP"};
  if (threading >= 0 && threading < 3) blas.threading = names[threading];
  return blas;
}

}  // namespace

const Blas& adapted_blas() {
  static const Blas blas = adapt();
  return blas;
}

std::string describe(BlasCare care) {
  switch (care) {
    case BlasCare::none:
      return "none needed";
    case BlasCare::one_thread:
      return "held to one thread; msde's own threads call it";
    case BlasCare::lock:
      return "a lock around its buffers, which it lacks";
    case BlasCare::refused:
      return "msde takes one thread: this BLAS is not safe with more";
  }
  return "unknown";
}

}  // namespace msde
