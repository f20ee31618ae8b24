#include "msde/model/exogenous.hpp"

#include <algorithm>

namespace msde {

DriftInputs inputs_at(const Exogenous& in, const torch::Tensor& times) {
  const int64_t last = in.forcing.size(1) - 1, B = in.mu.size(0), T = times.size(0);
  DriftInputs inputs;
  inputs.t = (in.start.unsqueeze(1) + times.to(in.start.options())).unsqueeze(-1);
  inputs.mu = in.mu.unsqueeze(1).expand({B, T, -1});
  if (in.forcing.size(2) == 0) {
    inputs.f = in.forcing.new_empty({B, T, 0});
    return inputs;
  }
  const auto position = (times / in.dt).clamp(0, static_cast<double>(last));
  const auto k = position.floor().clamp_max(static_cast<double>(std::max<int64_t>(last - 1, 0)));
  const auto weight = (position - k).to(in.forcing.options()).unsqueeze(1);
  const auto before = k.to(torch::TensorOptions(in.forcing.device()).dtype(torch::kLong));
  inputs.f = torch::lerp(in.forcing.index_select(1, before),
                         in.forcing.index_select(1, (before + 1).clamp_max(last)), weight);
  return inputs;
}

}  // namespace msde
