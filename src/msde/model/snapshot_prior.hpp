// What a model knows of a snapshot before it is seen, for first snapshots of which values are missing.
#pragma once

#include "msde/scales/coordinates.hpp"
#include "msde/scales/field_prior.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The FieldPrior of training snapshots in coordinates of size n, of r modes; `rest` is that of a value of the field.
class SnapshotPriorImpl : public torch::nn::Module {
 public:
  SnapshotPriorImpl(int64_t n, int64_t r);
  void set(const FieldPrior& prior);  // of coordinates
  // Fields [B, n_y], without units, whose missing values, NaN, have their conditional mean: fill_missing().
  torch::Tensor fill(const torch::Tensor& fields, const Coordinates& coordinates) const;

 private:
  torch::Tensor mean_, modes_, variance_, rest_;
};
TORCH_MODULE(SnapshotPrior);

}  // namespace msde
