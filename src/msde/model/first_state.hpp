// What a forecast makes of its first snapshot beside encoding it.
#pragma once

#include "msde/scales/snapshot_mixture.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The coordinates of a first snapshot less its noise: their expectation under a mixture of K Gaussians, of training
// snapshots of K spans of time; the coordinates themselves where validation has preferred that.
class FirstStateImpl : public torch::nn::Module {
 public:
  FirstStateImpl(int64_t K, int64_t n);
  void set(const SnapshotMixture& mixture);
  void leave_as_it_is();
  torch::Tensor expected(const torch::Tensor& a) const;  // [B, n] -> [B, n]

 private:
  torch::Tensor mean_, gain_, whitening_, log_scale_, used_;
};
TORCH_MODULE(FirstState);

}  // namespace msde
