#include "msde/field/units.hpp"

#include <cmath>

namespace msde {
namespace {

// [C] -> [C, 1, ..], against fields of D grid axes.
torch::Tensor per_channel(const std::vector<double>& values, int64_t D,
                          torch::ScalarType type = torch::kDouble) {
  std::vector<int64_t> shape(static_cast<size_t>(D) + 1, 1);
  shape[0] = static_cast<int64_t>(values.size());
  return torch::tensor(values, torch::kDouble).to(type).view(shape);
}

}  // namespace

torch::Tensor Units::without(const torch::Tensor& fields, int64_t D) const {
  if (scale.empty()) return fields;
  return (fields.to(torch::kDouble) - per_channel(centre, D)).div_(per_channel(scale, D)).to(torch::kFloat);
}

torch::Tensor Units::with(const torch::Tensor& fields, int64_t D) const {
  if (scale.empty()) return fields;
  const auto type = need_float64() ? torch::kDouble : fields.scalar_type();
  auto varies = scale;
  for (size_t c = 0; c < constant.size(); ++c)
    if (constant[c]) varies[c] = 0;
  return torch::addcmul(per_channel(centre, D, type), fields.to(type), per_channel(varies, D, type));
}

bool Units::need_float64() const {
  constexpr double kLarge = 1e3;
  for (size_t c = 0; c < scale.size(); ++c)
    if (std::abs(centre[c]) > kLarge * scale[c]) return true;
  return false;
}

}  // namespace msde
