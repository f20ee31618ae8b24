#include "apps/msde/process_environment.hpp"

#include <unistd.h>

#include <climits>
#include <cstdlib>

namespace msde {
namespace {

constexpr char chosen[] =
    "MSDE_CHOSE_ENVIRONMENT";  // ends any loop, should something drop the other variables

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

// Whether the variable was unset.
bool set_if_absent(const char* name, const char* value) {
  if (std::getenv(name)) return false;
  setenv(name, value, 1);
  return true;
}

}  // namespace

void choose_process_environment(char** argv) {
  if (std::getenv(chosen)) return;
  const bool kernels = has_avx512() && set_if_absent("OPENBLAS_CORETYPE", "SKYLAKEX");
  const bool waiting = set_if_absent("OMP_WAIT_POLICY", "PASSIVE");
  if (!kernels && !waiting) return;
  setenv(chosen, "1", 1);
  // By its own path, so that the process keeps its name; if that has moved, by the link.
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0) {
    path[length] = '\0';
    execv(path, argv);
  }
  execv("/proc/self/exe", argv);
  // Neither worked: go on as the libraries were loaded, and do not claim otherwise.
  if (kernels) unsetenv("OPENBLAS_CORETYPE");
  if (waiting) unsetenv("OMP_WAIT_POLICY");
}

}  // namespace msde
