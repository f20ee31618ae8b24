#include "apps/msde/blas_kernels.hpp"

#include <unistd.h>

#include <climits>
#include <cstdlib>

namespace msde {
namespace {

constexpr char core_type[] = "OPENBLAS_CORETYPE";
constexpr char tried[] =
    "MSDE_CHOSE_BLAS_KERNELS";  // ends any loop, should something drop the other variable

bool has_avx512() {
#if defined(__x86_64__)
  // What the kernels of SKYLAKEX are compiled for.
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

}  // namespace

void choose_blas_kernels(char** argv) {
  if (std::getenv(core_type) || std::getenv(tried) || !has_avx512()) return;
  setenv(core_type, "SKYLAKEX", 1);
  setenv(tried, "1", 1);
  // By its own path, so that the process keeps its name; if that has moved, by the link.
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0) {
    path[length] = '\0';
    execv(path, argv);
  }
  execv("/proc/self/exe", argv);
  // Neither worked: go on with the slower kernels, and do not claim the others.
  unsetenv(core_type);
}

}  // namespace msde
