#include "msde/physics/quadratic_map.hpp"

#include <algorithm>

namespace msde {
namespace {

// Rows and columns of the upper triangle.
std::pair<torch::Tensor, torch::Tensor> pairs(int64_t n) {
  const auto index = torch::triu_indices(n, n);
  return {index[0], index[1]};
}

}  // namespace

int64_t monomial_count(int64_t n, int64_t degree) {
  return 1 + (degree >= 1 ? n : 0) + (degree >= 2 ? n * (n + 1) / 2 : 0);
}

torch::Tensor monomials(const torch::Tensor& z, int64_t degree) {
  std::vector<torch::Tensor> parts = {torch::ones_like(z.narrow(-1, 0, 1))};
  if (degree >= 1) parts.push_back(z);
  if (degree >= 2) {
    const auto [j, k] = pairs(z.size(-1));
    parts.push_back(z.index_select(-1, j.to(z.device())) * z.index_select(-1, k.to(z.device())));
  }
  return torch::cat(parts, -1);
}

torch::Tensor coefficients_of(const std::function<torch::Tensor(const torch::Tensor&)>& F, int64_t n,
                              int64_t degree, int64_t rows_at_once) {
  torch::NoGradGuard no_grad;
  const auto at = [&](int64_t count_of_all, const std::function<torch::Tensor(int64_t, int64_t)>& points) {
    std::vector<torch::Tensor> values;
    for (int64_t first = 0; first < count_of_all; first += rows_at_once)
      values.push_back(F(points(first, std::min(rows_at_once, count_of_all - first))));
    return torch::cat(values);
  };
  const auto I = torch::eye(n, torch::kDouble);
  const auto constant = F(torch::zeros({1, n}, torch::kDouble));
  std::vector<torch::Tensor> rows = {constant};
  if (degree >= 1) {
    const auto plus = at(n, [&](int64_t first, int64_t count) { return I.narrow(0, first, count); });
    const auto minus = at(n, [&](int64_t first, int64_t count) { return -I.narrow(0, first, count); });
    rows.push_back((plus - minus) / 2);
    if (degree >= 2) {
      const auto square = (plus + minus) / 2 - constant;
      const auto [j, k] = pairs(n);
      const auto sums = at(j.numel(), [&, j = j, k = k](int64_t first, int64_t count) {
        return I.index_select(0, j.narrow(0, first, count)) + I.index_select(0, k.narrow(0, first, count));
      });
      const auto mixed = sums - plus.index_select(0, j) - plus.index_select(0, k) + constant;
      rows.push_back(torch::where((j == k).unsqueeze(1), square.index_select(0, j), mixed));
    }
  }
  return torch::cat(rows);
}

}  // namespace msde
