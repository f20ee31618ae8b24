#include "msde/model/seen_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace msde {
namespace {

using torch::Tensor;

constexpr double kRounding = std::numeric_limits<float>::epsilon();
constexpr double kStoredRounding = 16 * kRounding;  // of a float32 mean of thousands of equal values
constexpr SeenRange kAnything = {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
constexpr int kNeighbours = 4;  // what such a mean may be off, in float32 numbers

Tensor joined_rows(const Tensor& x) {
  return x.flatten(0, -2).to(torch::kCPU, torch::kDouble);
}

// Characters of the shortest decimal number that is this float32: 2e-02 has 1, 1.9999998e-02 has 9.
size_t digits(float x) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific).ptr;
  return static_cast<size_t>(std::find(text, end, 'e') - text);
}

float typical(float mean, float scale) {
  std::vector<float> candidates;
  if (scale <= kStoredRounding * std::abs(mean)) {
    candidates = {mean + scale, mean - scale};
  } else if (scale == 1) {
    candidates = {mean};
    float below = mean, above = mean;
    for (int i = 0; i < kNeighbours; ++i) {
      candidates.push_back(above = std::nextafter(above, std::numeric_limits<float>::infinity()));
      candidates.push_back(below = std::nextafter(below, -std::numeric_limits<float>::infinity()));
    }
  } else {
    return mean;
  }
  // The first of equals: the nearest neighbour.
  return *std::min_element(candidates.begin(), candidates.end(),
                           [](float a, float b) { return digits(a) < digits(b); });
}

}  // namespace

std::vector<SeenRange> seen_ranges(const Tensor& x) {
  std::vector<SeenRange> ranges;
  if (x.size(-1) == 0) return ranges;
  const auto rows = joined_rows(x);
  const auto low = rows.amin(0), high = rows.amax(0);
  for (int64_t i = 0; i < low.numel(); ++i) ranges.push_back({low[i].item<double>(), high[i].item<double>()});
  return ranges;
}

SeenInputs seen_inputs(const Tensor& mu, const Tensor& forcing) {
  return {.known = true, .mu = seen_ranges(mu), .f = seen_ranges(forcing)};
}

std::vector<SeenRange> ranges_of(const Standardisation& units) {
  const auto constant =
      units.scale.to(torch::kDouble) <= kStoredRounding * units.mean.to(torch::kDouble).abs();
  const auto value = typical_values(units);
  std::vector<SeenRange> ranges;
  for (int64_t i = 0; i < value.numel(); ++i) {
    const double x = value[i].item<double>();
    ranges.push_back(constant[i].item<bool>() ? SeenRange{x, x} : kAnything);
  }
  return ranges;
}

SeenInputs joined(const SeenInputs& other, const SeenInputs& own) {
  SeenInputs all = own;
  const auto widen = [](std::vector<SeenRange>& ranges, const std::vector<SeenRange>& by) {
    for (size_t i = 0; i < std::min(ranges.size(), by.size()); ++i)
      if (by[i].low != kAnything.low)
        ranges[i] = {std::min(ranges[i].low, by[i].low), std::max(ranges[i].high, by[i].high)};
  };
  widen(all.mu, other.mu);
  widen(all.f, other.f);
  return all;
}

bool is_constant(const SeenRange& range) {
  return range.high - range.low <= kRounding * std::max(std::abs(range.low), std::abs(range.high));
}

bool all_constant(const std::vector<SeenRange>& ranges) {
  return std::all_of(ranges.begin(), ranges.end(), is_constant);
}

Standardisation standardisation(const Tensor& x) {
  const auto rows = joined_rows(x);
  Standardisation units = {rows.mean(0).to(torch::kFloat),
                           rows.std(0, /*unbiased=*/false)
                               .clamp_min(std::numeric_limits<float>::min())  // nothing is divided by zero
                               .to(torch::kFloat)};
  const auto ranges = seen_ranges(x);
  for (size_t i = 0; i < ranges.size(); ++i)
    if (is_constant(ranges[i])) units.scale[static_cast<int64_t>(i)] = 1;
  return units;
}

Tensor typical_values(const Standardisation& units) {
  const auto mean = units.mean.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const auto scale = units.scale.detach().to(torch::kCPU, torch::kFloat).contiguous();
  auto values = mean.clone();
  for (int64_t i = 0; i < mean.numel(); ++i)
    values[i] = typical(mean.data_ptr<float>()[i], scale.data_ptr<float>()[i]);
  return values.to(units.mean.options());
}

}  // namespace msde
