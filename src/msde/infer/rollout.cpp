#include "msde/infer/rollout.hpp"

#include <algorithm>

#include "msde/model/exogenous.hpp"

namespace msde {
namespace {

constexpr double kLeastEnergy = 1e-6;  // of the mean over the batch

// [B, n_f], `frames` after the start.
torch::Tensor forcing_at(const RolloutBatch& batch, double frames) {
  const double position = frames * static_cast<double>(batch.snapshots_per_frame);
  const int64_t last = batch.f.size(1) - 1;
  const auto k = std::clamp<int64_t>(static_cast<int64_t>(position), 0, last);
  return torch::lerp(batch.f.select(1, k), batch.f.select(1, std::min(k + 1, last)),
                     position - static_cast<double>(k));
}

}  // namespace

RolloutBatch RolloutBatch::cut(const Share& rows) const {
  auto part = *this;
  for (auto* x : {&part.first, &part.a, &part.off_norm2, &part.t, &part.mu, &part.f}) *x = rows.cut(*x);
  return part;
}

torch::Tensor roll_out(MultiscaleModel& model, const RolloutBatch& batch, const Scales& scales) {
  const auto drift = model->drift->networks();
  if (!drift || batch.a.size(1) < 2) return roll_out_by_steps(model, batch, scales);
  const PathSteps steps = {batch.dt_frames / static_cast<double>(batch.substeps), batch.a.size(1),
                           batch.substeps};
  const Exogenous in = {batch.mu, batch.f, batch.t.select(1, 0),
                        batch.dt_frames / static_cast<double>(batch.snapshots_per_frame)};
  return rk4_path(*drift, model->encode(batch.first, scales),
                  model->drift->outside(inputs_at(in, half_steps(steps))), steps);
}

torch::Tensor roll_out_by_steps(MultiscaleModel& model, const RolloutBatch& batch, const Scales& scales) {
  auto z = model->encode(batch.first, scales);
  std::vector<torch::Tensor> path = {z};
  const double h = batch.dt_frames / static_cast<double>(batch.substeps);
  for (int64_t k = 0; k + 1 < batch.a.size(1); ++k) {
    const auto t = batch.t.select(1, k).unsqueeze(1);
    auto drift = [&](double steps, const torch::Tensor& state) {
      const double frames = static_cast<double>(k) + steps / static_cast<double>(batch.substeps);
      return model->drift->forward(state, {t + steps * h, batch.mu, forcing_at(batch, frames)});
    };
    for (int64_t i = 0; i < batch.substeps; ++i) {
      const auto k1 = drift(i, z);
      const auto k2 = drift(i + 0.5, z + 0.5 * h * k1);
      const auto k3 = drift(i + 0.5, z + 0.5 * h * k2);
      const auto k4 = drift(i + 1, z + h * k3);
      z = z + h / 6 * (k1 + 2 * (k2 + k3) + k4);
    }
    path.push_back(z);
  }
  return torch::stack(path, 1);
}

torch::Tensor mean_energy(const RolloutBatch& batch, const torch::Tensor& frames) {
  auto pick = [&](const torch::Tensor& x) { return frames.defined() ? x.index_select(1, frames) : x; };
  return (pick(batch.a).square().sum(-1) + pick(batch.off_norm2)).mean();
}

torch::Tensor relative_square_error(MultiscaleModel& model, const RolloutBatch& batch, const torch::Tensor& z,
                                    const Scales& scales, const torch::Tensor& frames) {
  auto pick = [&](const torch::Tensor& x) { return frames.defined() ? x.index_select(1, frames) : x; };
  const auto a = pick(batch.a), off = pick(batch.off_norm2);
  const auto a_hat = model->decode(pick(z), scales);
  const auto norm2 = a.square().sum(-1) + off;
  // A field at rest has no relative error: frames of almost no energy count by that of the others.
  const auto mean = batch.mean_energy.defined() ? batch.mean_energy : norm2.mean();
  return ((a_hat - a).square().sum(-1) + off) / torch::max(norm2, kLeastEnergy * mean);
}

}  // namespace msde
