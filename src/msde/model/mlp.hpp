// Fully connected networks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/ops/activation.hpp"
#include "msde/ops/mlp.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct MlpOptions {
  int64_t inputs = 1;
  std::vector<int64_t> hidden;  // empty: an affine map
  int64_t outputs = 1;
  Activation activation = Activation::silu;
};

// x [.., inputs] -> [.., outputs]; the activation follows every layer but the last.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(MlpOptions options);
  torch::Tensor forward(const torch::Tensor& x);

  // Of [a_i, b] for many a_i that share one b:
  // per_cell [.., n, p], shared [.., q] with p + q = inputs; returns [.., n, outputs].
  torch::Tensor forward_shared(const torch::Tensor& per_cell, const torch::Tensor& shared);

  // Value and derivative along one input direction: for inputs = 1, f(x) and f'(x), both [.., outputs].
  struct ValueAndSlope {
    torch::Tensor value, slope;
  };
  ValueAndSlope value_and_slope(const torch::Tensor& x);

  void fix();                                     // training leaves it as it is
  void set_linear(const torch::Tensor& weights);  // [inputs, outputs], without hidden layers: x W

  const MlpOptions& options() const { return options_; }
  MlpParameters parameters_in_order() const;

 private:
  MlpOptions options_;
  std::vector<torch::Tensor> weights_, biases_;  // weights [in, out]: x W + b
};
TORCH_MODULE(Mlp);

// Xavier-normal weights (every parameter of two or more axes); biases stay as they are. Keyed by (seed,
// number), so the same network for the same seed whatever was drawn before. Returns the number after the last
// one used.
uint64_t initialise(torch::nn::Module& module, uint64_t seed, uint64_t first_number);

}  // namespace msde
