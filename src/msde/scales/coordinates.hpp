// The coordinates in which the model sees a field: the fine grid itself, or an orthonormal reduced basis.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// Snapshots as the model sees them: y = V a + y_perp with |y|^2 = |a|^2 + |y_perp|^2.
struct Snapshots {
  torch::Tensor a;          // [.., n] coordinates
  torch::Tensor off_norm2;  // [..] |y_perp|^2, zero on the fine grid
};

// V has orthonormal columns [n_y, n]; an undefined V is the identity (n = n_y).
class CoordinatesImpl : public torch::nn::Module {
 public:
  // n_reduced = 0: the fine grid. V is filled by set_basis or by loading.
  CoordinatesImpl(int64_t n_y, int64_t n_reduced);
  void set_basis(const torch::Tensor& V);  // [n_y, n_reduced]

  Snapshots project(const torch::Tensor& fields) const;  // [.., n_y] (flattened fields) -> coordinates
  torch::Tensor expand(const torch::Tensor& a) const;    // [.., n] -> [.., n_y]
  // The same at some points of the flattened fine grid, int64 [K]: [.., n] -> [.., K]
  torch::Tensor expand_at(const torch::Tensor& a, const torch::Tensor& points) const;

  const torch::Tensor& basis() const { return V_; }  // undefined on the fine grid

  bool is_reduced() const { return n_reduced_ > 0; }
  int64_t fine_size() const { return n_y_; }
  int64_t size() const { return is_reduced() ? n_reduced_ : n_y_; }

 private:
  int64_t n_y_, n_reduced_;
  torch::Tensor V_;
};
TORCH_MODULE(Coordinates);

}  // namespace msde
