#include "msde/tensor/blas/openblas_memory.hpp"

#include <dlfcn.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "msde/tensor/blas/library_file.hpp"

// Every function of OpenBLAS takes its buffer by blas_memory_alloc and gives it back by blas_memory_free
// (driver/others/memory.c). Built without threads it marks buffers as taken without a lock. Both are ordinary
// functions of a shared library, so those of the program come first: these here, which call the library's.
namespace {

std::atomic<long> taken = 0;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool library_has_no_lock() {
  const auto parallel = next<int (*)()>("openblas_get_parallel");
  return parallel != nullptr && parallel() == 0;
}

std::unique_lock<std::mutex> lock_where_needed() {
  static const bool needed = library_has_no_lock();
  static std::mutex mutex;
  return needed ? std::unique_lock(mutex) : std::unique_lock(mutex, std::defer_lock);
}

}  // namespace

extern "C" {

void* blas_memory_alloc(int position) {
  static const auto alloc = next<void* (*)(int)>("blas_memory_alloc");
  const auto lock = lock_where_needed();
  taken.fetch_add(1, std::memory_order_relaxed);
  return alloc(position);
}

void blas_memory_free(void* buffer) {
  static const auto free = next<void (*)(void*)>("blas_memory_free");
  const auto lock = lock_where_needed();
  free(buffer);
}
}

namespace msde {
namespace {

bool is_openblas(void* function) {
  return library_file(function).string().find("openblas") != std::string::npos;
}

// Another library's functions, BLIS beside OpenBLAS's LAPACK say, need no lock.
template <class Function>
bool is_guarded(const char* name, const std::function<void(Function)>& call) {
  void* function = dlsym(RTLD_DEFAULT, name);
  if (!is_openblas(function)) return true;
  const long before = taken;
  call(reinterpret_cast<Function>(function));
  return taken > before;
}

using Dgemm = void (*)(const char*, const char*, const int*, const int*, const int*, const double*,
                       const double*, const int*, const double*, const int*, const double*, double*,
                       const int*);
using Spotrf = void (*)(const char*, const int*, float*, const int*, int*);

}  // namespace

bool openblas_memory_is_guarded() {
  constexpr int n = 512;
  const double one = 1, zero = 0;
  std::vector<double> x(n * n), product(n * n);
  std::vector<float> identity(n * n);
  for (int i = 0; i < n; ++i) identity[static_cast<size_t>(i * (n + 1))] = 1;
  int info = 0;
  const auto multiply = [&](Dgemm dgemm) {
    dgemm("N", "N", &n, &n, &n, &one, x.data(), &n, x.data(), &n, &zero, product.data(), &n);
  };
  const auto factorise = [&](Spotrf spotrf) { spotrf("L", &n, identity.data(), &n, &info); };
  return is_guarded<Dgemm>("dgemm_", multiply) && is_guarded<Spotrf>("spotrf_", factorise);
}

}  // namespace msde
