#include "msde/model/exogenous.hpp"

#include <algorithm>

namespace msde {

namespace {

// At times [B, T] the forcing given at in.times.
torch::Tensor forcing_between(const Exogenous& in, const torch::Tensor& times) {
  const int64_t last = in.forcing.size(1) - 1;
  if (last == 0) return in.forcing.expand({-1, times.size(1), -1});
  const auto given = in.times.contiguous();
  const auto k = (torch::searchsorted(given, times.contiguous(), /*out_int32=*/false, /*right=*/true) - 1)
                     .clamp(0, last - 1);
  const auto begin = given.gather(1, k), end = given.gather(1, k + 1);
  const auto weight = ((times - begin) / (end - begin)).clamp(0, 1).to(in.forcing.options()).unsqueeze(2);
  const auto index = k.to(in.forcing.device()).unsqueeze(2).expand({-1, -1, in.forcing.size(2)});
  return torch::lerp(in.forcing.gather(1, index), in.forcing.gather(1, index + 1), weight);
}

}  // namespace

DriftInputs inputs_at(const Exogenous& in, const torch::Tensor& times) {
  const int64_t last = in.forcing.size(1) - 1, B = in.mu.size(0), T = times.size(-1);
  DriftInputs inputs;
  inputs.t = (in.start.unsqueeze(1) + times.to(in.start.options())).unsqueeze(-1);
  inputs.mu = in.mu.unsqueeze(1).expand({B, T, -1});
  if (in.forcing.size(2) == 0) {
    inputs.f = in.forcing.new_empty({B, T, 0});
    return inputs;
  }
  if (in.times.defined()) {
    inputs.f = forcing_between(in, times.expand({B, T}));
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
