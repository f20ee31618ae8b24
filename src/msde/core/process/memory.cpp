#include "msde/core/process/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr double kGiB = 1024. * 1024 * 1024;

std::optional<int64_t> meminfo_available() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  int64_t kilobytes = 0;
  while (file >> word)
    if (word == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  return std::nullopt;
}

std::optional<int64_t> number_in(const std::string& path) {  // nothing for "max" and absent files
  std::ifstream file(path);
  int64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

// Of control groups, version 2: the folder of this process is the last field of /proc/self/cgroup.
std::optional<int64_t> control_group_leaves() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  if (!std::getline(file, line) || line.rfind("0::", 0) != 0) return std::nullopt;
  const std::string folder = "/sys/fs/cgroup" + line.substr(3);
  const auto limit = number_in(folder + "/memory.max"), used = number_in(folder + "/memory.current");
  if (!limit || !used) return std::nullopt;
  return std::max<int64_t>(0, *limit - *used);
}

}  // namespace

int64_t available_memory() {
  constexpr int64_t unknown = std::numeric_limits<int64_t>::max();
  return std::min(meminfo_available().value_or(unknown), control_group_leaves().value_or(unknown));
}

void require_memory(const std::string& what, double bytes, const std::string& advice) {
  const auto available = static_cast<double>(available_memory());
  if (bytes <= available) return;
  throw ConfigError(fmt::format("{}: needs {:.3g} GiB of memory, {:.3g} GiB are available; {}", what,
                                bytes / kGiB, available / kGiB, advice));
}

}  // namespace msde
