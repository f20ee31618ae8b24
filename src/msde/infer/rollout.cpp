#include "msde/infer/rollout.hpp"

#include "msde/model/free_runs.hpp"
#include "msde/ops/fluid.hpp"

namespace msde {
namespace {

constexpr double kLeastEnergy = 1e-6;  // of the mean over the batch

// |y|^2, with what was taken off.
torch::Tensor energy(const torch::Tensor& a, const torch::Tensor& off_norm2, const Centre& centre) {
  if (!centre.a.defined()) return a.square().sum(-1) + off_norm2;
  return (a + centre.a).square().sum(-1) + off_norm2 + centre.off_norm2;
}

}  // namespace

RolloutBatch RolloutBatch::cut(const Share& rows) const {
  auto part = *this;
  for (auto* x : {&part.first, &part.a, &part.off_norm2, &part.t, &part.mu, &part.f}) *x = rows.cut(*x);
  if (times.defined()) part.times = rows.cut(times);
  if (steps) part.steps->times = rows.cut(steps->times);
  return part;
}

torch::Tensor roll_out(MultiscaleModel& model, const RolloutBatch& batch, const Scales& scales) {
  const Exogenous in = {batch.mu, batch.f, batch.t.select(1, 0),
                        batch.dt_frames / static_cast<double>(batch.snapshots_per_frame), batch.times};
  const TimeGrid grid = {0, batch.dt_frames, batch.a.size(1) - 1, batch.substeps, batch.steps};
  return mean_path(model, in, model->encode_first(batch.first, scales), grid);
}

Centre centre_of(const Units& units, const Grid& grid, const Coordinates& coordinates) {
  if (units.scale.empty()) return {};
  std::vector<double> relative;
  double sum = 0;
  for (size_t c = 0; c < units.scale.size(); ++c) {
    relative.push_back(units.centre[c] / units.scale[c]);
    sum += relative[c] * relative[c];
  }
  auto shape = grid.shape;
  shape.insert(shape.begin(), grid.channels);
  const auto everywhere =
      torch::tensor(relative, torch::kDouble).to(torch::kFloat).repeat_interleave(grid.points()).view(shape);
  const auto field = with_solid(everywhere, grid, 0).flatten();
  const auto seen = coordinates->project(field);
  return {seen.a, seen.off_norm2.item<double>(), 1 + sum / static_cast<double>(units.scale.size())};
}

torch::Tensor mean_energy(const RolloutBatch& batch, const torch::Tensor& frames) {
  auto pick = [&](const torch::Tensor& x) { return frames.defined() ? x.index_select(1, frames) : x; };
  return energy(pick(batch.a), pick(batch.off_norm2), batch.centre).mean();
}

torch::Tensor relative_square_error(MultiscaleModel& model, const RolloutBatch& batch, const torch::Tensor& z,
                                    const Scales& scales, const torch::Tensor& frames) {
  auto pick = [&](const torch::Tensor& x) { return frames.defined() ? x.index_select(1, frames) : x; };
  const auto a = pick(batch.a), off = pick(batch.off_norm2);
  const auto a_hat = model->decode(pick(z), scales);
  const auto norm2 = energy(a, off, batch.centre);
  // A field at rest has no relative error: frames of almost no energy count by that of the others.
  const auto mean = batch.mean_energy.defined() ? batch.mean_energy : norm2.mean();
  return ((a_hat - a).square().sum(-1) + off) / torch::max(norm2, kLeastEnergy * mean);
}

}  // namespace msde
