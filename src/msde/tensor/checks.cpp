#include "msde/tensor/checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace msde {

std::string shape_text(at::IntArrayRef shape) {
  std::vector<std::string> sizes;
  for (int64_t size : shape) sizes.push_back(size == any_size ? "*" : std::to_string(size));
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

std::string shape_problem(const std::string& what, const torch::Tensor& values, at::IntArrayRef expected) {
  if (!values.defined()) return fmt::format("{}: got nothing, expected shape {}", what, shape_text(expected));
  bool fits = values.dim() == static_cast<int64_t>(expected.size());
  for (int64_t axis = 0; fits && axis < values.dim(); ++axis)
    fits = expected[axis] == any_size || values.size(axis) == expected[axis];
  if (fits) return "";
  return fmt::format("{}: got shape {}, expected {}", what, shape_text(values.sizes()), shape_text(expected));
}

std::string finite_problem(const std::string& what, const torch::Tensor& values) {
  if (!values.defined()) return fmt::format("{}: got nothing, expected finite values", what);
  // A finite sum has finite terms, costs one pass and no memory; nearly every call ends here.
  if (std::isfinite(values.detach().sum().item<double>())) return "";
  const auto bad = torch::isfinite(values.detach()).logical_not();
  if (!bad.any().item<bool>()) return "";
  const int64_t count = bad.sum().item<int64_t>();
  const int64_t first = bad.flatten().to(torch::kByte).argmax().item<int64_t>();
  std::vector<int64_t> index(values.dim());
  int64_t rest = first;
  for (int64_t axis = values.dim() - 1; axis >= 0; --axis) {
    index[axis] = rest % values.size(axis);
    rest /= values.size(axis);
  }
  return fmt::format(
      "{}: got {} at index {} of shape {} ({} of {} values are not finite), expected finite values", what,
      values.detach().flatten()[first].item<double>(), shape_text(index), shape_text(values.sizes()), count,
      values.numel());
}

}  // namespace msde
