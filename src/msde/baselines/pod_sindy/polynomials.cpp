#include "msde/baselines/pod_sindy/polynomials.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <vector>

namespace msde {

int64_t Polynomials::size() const {
  return constant + n + (degree == 2 ? n * (n + 1) / 2 : 0);
}

torch::Tensor Polynomials::evaluate(const torch::Tensor& x) const {
  std::vector<torch::Tensor> parts;
  if (constant) parts.push_back(torch::ones_like(x.narrow(-1, 0, 1)));
  parts.push_back(x);
  for (int64_t j = 0; degree == 2 && j < n; ++j) parts.push_back(x.narrow(-1, 0, j + 1) * x.narrow(-1, j, 1));
  return torch::cat(parts, -1);
}

void Polynomials::evaluate(const double* x, double* features) const {
  if (constant) *features++ = 1;
  for (int64_t i = 0; i < n; ++i) *features++ = x[i];
  for (int64_t j = 0; degree == 2 && j < n; ++j)
    for (int64_t i = 0; i <= j; ++i) *features++ = x[i] * x[j];
}

std::string Polynomials::name(int64_t feature) const {
  if (constant && feature-- == 0) return "1";
  if (feature < n) return fmt::format("x{}", feature);
  feature -= n;
  int64_t j = 0;
  while (feature > j) feature -= ++j;
  return fmt::format("x{} x{}", feature, j);
}

torch::Tensor Polynomials::positions_of(const Polynomials& part) const {
  if (part.n > n || part.degree > degree || part.constant > constant)
    throw std::invalid_argument("Polynomials: the part is larger than the whole");
  std::vector<int64_t> positions;
  if (part.constant) positions.push_back(0);
  for (int64_t i = 0; i < part.n; ++i) positions.push_back(constant + i);
  const int64_t quadratic = part.size() - part.n - part.constant;
  for (int64_t i = 0; i < quadratic; ++i) positions.push_back(constant + n + i);
  return torch::tensor(positions);
}

}  // namespace msde
