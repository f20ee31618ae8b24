// Test support: gradients against central differences, in float64.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "msde/tensor/random_tensor.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

using TensorFunction = std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs)>;

struct GradientCheckOptions {
  double step = 1e-5;        // of the central difference: truncation step^2, round-off 1e-16/step
  double tolerance = 1e-6;   // max|a - b| <= tolerance max(1, max|b|) per input
  int64_t max_entries = 64;  // per input; larger inputs are checked at evenly spread entries
};

// Checks d s/d(every input) for s = sum(projection * function(inputs)) with a fixed random projection, so
// that no direction of the output is left out. Inputs are float64 and away from kinks; they are copied, never
// changed.
inline void expect_gradient(const TensorFunction& function, const std::vector<torch::Tensor>& inputs,
                            const GradientCheckOptions& options = {}) {
  std::vector<torch::Tensor> leaves;
  for (const auto& input : inputs) {
    ASSERT_EQ(input.scalar_type(), torch::kDouble) << "gradient checks are made in float64";
    leaves.push_back(input.detach().clone().requires_grad_());
  }
  const auto output = function(leaves);
  const auto projection =
      normal({2026, Stream::test, 1}, output.sizes(), output.options().requires_grad(false));
  const auto scalar = [&](const std::vector<torch::Tensor>& at) { return (function(at) * projection).sum(); };
  const auto gradients =
      torch::autograd::grad({(output * projection).sum()}, leaves, {}, /*retain_graph=*/false,
                            /*create_graph=*/false, /*allow_unused=*/true);
  torch::NoGradGuard guard;
  for (size_t i = 0; i < leaves.size(); ++i) {
    ASSERT_TRUE(gradients[i].defined()) << "no gradient reaches input " << i;
    const auto gradient = gradients[i].contiguous().flatten();
    const auto values = leaves[i].flatten();
    const int64_t n = values.numel(), checked = std::min(n, options.max_entries);
    double worst = 0, scale = 1;
    for (int64_t c = 0; c < checked; ++c) {
      const int64_t entry = c * n / checked;
      const auto shifted = [&](double by) {
        auto at = leaves;
        at[i] = values.clone();
        at[i][entry] += by;
        at[i] = at[i].view(leaves[i].sizes());
        return scalar(at).item<double>();
      };
      const double difference = (shifted(options.step) - shifted(-options.step)) / (2 * options.step);
      worst = std::max(worst, std::abs(difference - gradient[entry].item<double>()));
      scale = std::max(scale, std::abs(difference));
    }
    EXPECT_LE(worst, options.tolerance * scale)
        << "gradient of input " << i << " of shape " << leaves[i].sizes();
  }
}

}  // namespace msde
