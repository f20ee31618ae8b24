#include "msde/infer/learned_drift.hpp"

#include "msde/tensor/evenly_spread.hpp"

namespace msde {

torch::Tensor learned_drift_square(MultiscaleModel& model, const torch::Tensor& z, const torch::Tensor& t,
                                   const torch::Tensor& mu, const torch::Tensor& f) {
  constexpr int64_t kTimes = 8;
  const auto times = evenly_spread(z.size(1), kTimes).to(z.device());
  const int64_t K = times.numel();
  const auto at = [&](const torch::Tensor& x) { return x.index_select(1, times); };
  const DriftInputs inputs = {at(t).unsqueeze(-1), mu.unsqueeze(1).expand({mu.size(0), K, mu.size(1)}),
                              at(f)};
  return model->drift->learned(at(z).detach(), inputs).square().mean();
}

}  // namespace msde
