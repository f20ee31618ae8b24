#include "msde/field/forecaster.hpp"

#include <algorithm>
#include <vector>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kBlockBytes = int64_t{16} << 20;  // of members, float32, that are made at a time

}  // namespace

torch::Tensor frame_times(const ForecastRequest& r) {
  if (r.times.empty()) return r.t0 + r.dt * torch::arange(r.n_steps + 1, torch::kDouble);
  TORCH_CHECK(static_cast<int64_t>(r.times.size()) == r.n_steps + 1, "got ", r.times.size(), " times of ",
              r.n_steps + 1, " frames");
  return torch::tensor(r.times, torch::kDouble);
}

void make_members(const ForecastRequest& r, Forecast& forecast,
                  const std::function<torch::Tensor(int64_t start, int64_t count)>& block) {
  const int64_t frames = r.n_steps + 1;
  const int64_t frame_bytes = std::max<int64_t>(1, 4 * r.members * r.first.numel());
  const int64_t per_block = std::clamp<int64_t>(kBlockBytes / frame_bytes, 1, frames);
  for (int64_t start = 0; start < frames; start += per_block) {
    const int64_t count = std::min(per_block, frames - start);
    const auto members = block(start, count);
    if (r.visit_members) {
      r.visit_members(start, members);
      continue;
    }
    if (!forecast.members.defined()) {
      auto shape = members.sizes().vec();
      shape[2] = frames;
      forecast.members = torch::empty(shape, members.options());
    }
    forecast.members.narrow(2, start, count).copy_(members);
  }
}

torch::Tensor observation_noise(const ForecastRequest& r, int64_t member, int64_t start, int64_t count) {
  const int64_t B = r.first.size(0), n_y = r.first[0].numel(), frames = r.n_steps + 1;
  const RandomKey key{r.seed, Stream::decoder_noise, static_cast<uint64_t>(member)};
  std::vector<torch::Tensor> noise;
  for (int64_t b = 0; b < B; ++b)
    noise.push_back(
        normal(key, {count, n_y}, torch::kFloat, static_cast<uint64_t>((b * frames + start) * n_y)));
  return torch::stack(noise);
}

torch::Tensor Forecaster::reconstruction(const torch::Tensor&, const torch::Tensor&) const {
  return {};
}

}  // namespace msde
