#include "msde/core/process/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kProgram =
    400 * kMiB;  // libraries, networks, a step of training: measured, docs/results_2d.md
constexpr int64_t kLeast = 640 * kMiB;

struct Unit {
  const char* name;
  double bytes;
};
const Unit units[] = {{"", 1},      {"B", 1},       {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
                      {"TB", 1e12}, {"KiB", 1024.}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};

}  // namespace

MemoryPlan memory_plan(int64_t bytes) {
  MemoryPlan plan;
  if (bytes == 0) return plan;
  if (bytes < kLeast)
    throw ConfigError(fmt::format("got {} bytes, expected at least {} MiB", bytes, kLeast / kMiB));
  const int64_t left = bytes - kProgram;
  plan.cache_bytes = std::min(plan.cache_bytes, left / 16);
  plan.coefficient_bytes = std::min(plan.coefficient_bytes, left / 4);
  plan.block_bytes = std::min(plan.block_bytes, left / 32);
  plan.basis_bytes = left - 6 * plan.block_bytes;
  return plan;
}

int64_t parse_bytes(const std::string& text) {
  if (text.empty()) return 0;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  const std::string name(rest, end);
  const auto* unit =
      std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return name == u.name; });
  if (problem != std::errc() || unit == std::end(units) || !(value > 0) || !(value * unit->bytes < 0x1p60))
    throw ConfigError("'" + text +
                      "' is not an amount of memory; expected for example \"1GiB\", \"800MiB\", \"2GB\"");
  return std::llround(value * unit->bytes);
}

}  // namespace msde
