#include "msde/eval/metrics/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace msde {
namespace {

using torch::Tensor;

// Values of each axis, combined on the grid as sqrt(sum_d value_d^2), flat in C order.
Tensor norm_over_axes(const std::vector<Tensor>& axes) {
  const auto D = static_cast<int64_t>(axes.size());
  Tensor sum = torch::zeros({}, torch::kDouble);
  for (int64_t d = 0; d < D; ++d) {
    std::vector<int64_t> shape(D, 1);
    shape[d] = axes[d].size(0);
    sum = sum + axes[d].pow(2).view(shape);
  }
  return sum.sqrt().flatten();
}

Tensor mode_numbers(int64_t n) {  // 0, 1, .., -1 as in the FFT
  return torch::fft::fftfreq(n, 1. / static_cast<double>(n), torch::kDouble).round();
}

}  // namespace

ModeGroups radial_shells(const std::vector<int64_t>& shape, const std::vector<double>& length) {
  const double dk = 2 * M_PI / *std::max_element(length.begin(), length.end());
  std::vector<Tensor> k;
  for (size_t d = 0; d < shape.size(); ++d) k.push_back(mode_numbers(shape[d]) * (2 * M_PI / length[d] / dk));
  ModeGroups groups;
  groups.group = (norm_over_axes(k) + 1e-9).round().to(torch::kLong);  // halves go up, whatever the rounding
  groups.count = groups.group.max().item<int64_t>() + 1;
  for (int64_t i = 0; i < groups.count; ++i) groups.wavenumber.push_back(static_cast<double>(i) * dk);
  return groups;
}

ModeGroups log_bins(const std::vector<int64_t>& shape) {
  constexpr int64_t bins = 3;
  std::vector<Tensor> k;
  for (const int64_t n : shape) k.push_back(mode_numbers(n) * (2 * M_PI / static_cast<double>(n)));
  const double first = 2 * M_PI / static_cast<double>(*std::max_element(shape.begin(), shape.end()));
  const double last = M_PI * std::sqrt(static_cast<double>(shape.size()));
  ModeGroups groups{torch::zeros({1}, torch::kLong), bins, {0}};
  const auto norm = norm_over_axes(k);
  for (int64_t i = 1; i < bins; ++i) {
    const double edge = first * std::pow(last / first, static_cast<double>(i) / bins);
    // A mode on an edge belongs to the upper bin, whatever the rounding.
    groups.group = groups.group + (norm >= edge * (1 - 1e-9)).to(torch::kLong);
    groups.wavenumber.push_back(edge);
  }
  return groups;
}

ModeGroups pdebench_shells(const std::vector<int64_t>& shape) {
  const bool line = shape.size() == 1;
  const int64_t half = *std::min_element(shape.begin(), shape.end()) / 2;
  ModeGroups groups;
  groups.count = line ? half + 1 : half;
  std::vector<Tensor> m;
  for (const int64_t n : shape) {
    const auto number = torch::arange(n, torch::kDouble);
    // What is outside of the quadrant is sent beyond every shell.
    m.push_back(number.masked_fill(number >= (line ? groups.count : n / 2), 1e9));
  }
  groups.group = (norm_over_axes(m) + 1e-9).floor().clamp_max(groups.count).to(torch::kLong);
  for (int64_t i = 0; i < groups.count; ++i) groups.wavenumber.push_back(static_cast<double>(i));
  return groups;
}

Tensor power(const Tensor& fields, int64_t dimensions) {
  std::vector<int64_t> axes(dimensions);
  std::iota(axes.begin(), axes.end(), -dimensions);
  const auto transformed =
      torch::fft::fftn(fields.to(torch::kDouble), c10::nullopt, axes).flatten(-dimensions);
  return torch::view_as_real(transformed).pow(2).sum(-1) /
         std::pow(static_cast<double>(transformed.size(-1)), 2);
}

Tensor sum_of_groups(const Tensor& power, const ModeGroups& groups) {
  auto shape = power.sizes().vec();
  shape.back() = groups.count + 1;
  return torch::zeros(shape, power.options()).index_add_(-1, groups.group, power).narrow(-1, 0, groups.count);
}

}  // namespace msde
