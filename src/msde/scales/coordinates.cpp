#include "msde/scales/coordinates.hpp"

namespace msde {

CoordinatesImpl::CoordinatesImpl(int64_t n_y, int64_t n_reduced) : n_y_(n_y), n_reduced_(n_reduced) {
  if (is_reduced()) V_ = register_buffer("basis", torch::zeros({n_y, n_reduced}));
}

void CoordinatesImpl::set_basis(const torch::Tensor& V) {
  torch::NoGradGuard no_grad;
  V_.copy_(V);
}

Snapshots CoordinatesImpl::project(const torch::Tensor& fields) const {
  if (!is_reduced())
    return {fields, torch::zeros(fields.sizes().slice(0, fields.dim() - 1), fields.options())};
  auto a = torch::matmul(fields, V_);
  // |y_perp| is formed before squaring: the difference of two nearly equal squares would lose its digits in
  // float32.
  auto off_norm2 = (fields - torch::matmul(a, V_.t())).square().sum(-1);
  return {a, off_norm2};
}

torch::Tensor CoordinatesImpl::expand(const torch::Tensor& a) const {
  return is_reduced() ? torch::matmul(a, V_.t()) : a;
}

torch::Tensor CoordinatesImpl::expand_at(const torch::Tensor& a, const torch::Tensor& points) const {
  return is_reduced() ? torch::matmul(a, V_.index_select(0, points).t()) : a.index_select(-1, points);
}

}  // namespace msde
