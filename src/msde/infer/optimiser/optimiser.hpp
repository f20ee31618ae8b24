// Muon and Adam over one flat vector of parameters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Parameters become views of one flat vector, so clipping, averaging and checkpoints are a few operations on
// it instead of a few per parameter.
class FlatParameters {
 public:
  explicit FlatParameters(std::vector<torch::Tensor> parameters);
  torch::Tensor& values() { return values_; }
  torch::Tensor& gradients() { return gradients_; }
  const std::vector<torch::Tensor>& parameters() const { return parameters_; }
  torch::Tensor view_of(const torch::Tensor& flat, size_t parameter) const;  // in the parameter's shape

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<int64_t> offsets_;
  torch::Tensor values_, gradients_;
};

struct OptimiserOptions {
  bool muon = true;                                  // orthogonalised updates for weight matrices
  double clip = 1.0;                                 // global norm of the gradient
  double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;  // Adam
  double momentum = 0.95;                            // Muon
};

struct LearningRates {
  double matrices;  // Muon's; unused without Muon
  double others;    // Adam's
};

// Adam (Kingma & Ba 2015): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= lr m^ / (sqrt(v^) + eps).
// Muon (Jordan et al. 2024), for weights whose smaller side exceeds 1, taps of convolutions flattened into
// columns:
//   b = p b + (1 - p) g,  G = (1 - p) g + p b,  W -= lr .2 sqrt(max(rows, columns)) NS(G)
// NS(G) ~ U V^T of G = U S V^T by five Newton-Schulz steps: every direction of the gradient moves alike,
// which a narrow network trained on few trajectories rewards (docs/results.md).
class Optimiser {
 public:
  Optimiser(FlatParameters& parameters, OptimiserOptions options);
  double gradient_norm() const;  // global, before clipping
  // Clips, updates, zeroes the gradients, whose norm is known.
  void step(const LearningRates& lr, double gradient_norm);

  void forget();  // begins anew: no moments, no steps, no gradients, whatever they were

  // Everything needed to continue: "first" and "second" moments, both flat, and the number of steps. Muon has
  // no second moments.
  torch::Tensor first, second;
  int64_t steps = 0;

 private:
  struct Slices {
    torch::Tensor gradient, first, second, weight;  // of one parameter
  };
  Slices slices_of(size_t parameter) const;
  static double step_of_matrix(const torch::Tensor& weight, double lr);
  void update_in_plain_memory(const LearningRates& lr);  // float32 on the CPU
  void update_by_operations(const LearningRates& lr);    // the same anywhere
  FlatParameters& parameters_;
  OptimiserOptions options_;
  std::vector<size_t> matrices_, others_;  // parameters of Muon, largest first, and of Adam
  torch::Tensor is_other_;                 // 1 where Adam updates, 0 where Muon does
};

// Nearly U V^T of a matrix: singular values near 1 (quintic Newton-Schulz iteration).
torch::Tensor orthogonalised(const torch::Tensor& matrix);

// Peak-normalised learning rate at step of total: cosine rise from 1/25 over the warm-up, cosine fall to
// 1e-4.
double one_cycle(int64_t step, int64_t total, double warmup_fraction);

}  // namespace msde
