#include "apps/msde/program/process_environment.hpp"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <string>
#include <vector>

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

struct Choice {
  const char *name, *value;
};

std::vector<Choice> choices() {
  std::vector<Choice> all = {{"OMP_WAIT_POLICY", "PASSIVE"}, {"GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"}};
  if (has_avx512()) all.push_back({"OPENBLAS_CORETYPE", "SKYLAKEX"});
  return all;
}

}  // namespace

std::vector<std::string> set_process_environment() {
  std::vector<std::string> made;
  if (std::getenv(chosen)) return made;
  for (const auto& [name, value] : choices()) {
    if (std::getenv(name)) continue;
    setenv(name, value, 1);
    made.push_back(name);
  }
  if (!made.empty()) setenv(chosen, "1", 1);
  return made;
}

void choose_process_environment(char** argv) {
  const auto made = set_process_environment();
  if (made.empty()) return;
  // By its own path, so that the process keeps its name; if that has moved, by the link.
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0) {
    path[length] = '\0';
    execv(path, argv);
  }
  execv("/proc/self/exe", argv);
  // Neither worked: go on as the libraries were loaded, and do not claim otherwise.
  for (const auto& name : made) unsetenv(name.c_str());
}

}  // namespace msde
