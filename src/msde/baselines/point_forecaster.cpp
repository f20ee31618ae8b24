#include "msde/baselines/point_forecaster.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/tensor/checks.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

void check_frames_finite(const torch::Tensor& fields, const std::string& name, const ForecastRequest& r) {
  const auto bad = fields.isfinite().logical_not().any(1).nonzero();
  if (bad.size(0) == 0) return;
  const auto k = bad[0][0].item<int64_t>();
  throw NumericsError(fmt::format("{}: blow-up at t = {:.6g}: the field of frame {} is not finite", name,
                                  frame_times(r)[k].item<double>(), k));
}

}  // namespace

PointForecaster::PointForecaster(std::string name, Grid grid, PathFunction path)
    : name_(std::move(name)), grid_(std::move(grid)), path_(std::move(path)) {}

void PointForecaster::dress(torch::Tensor std_per_frame) {
  std_ = std::move(std_per_frame);
}

torch::Tensor PointForecaster::frame_std(int64_t n_frames) const {
  const auto frame = torch::arange(n_frames).clamp_max(std_.numel() - 1);
  return std_.index_select(0, frame).to(torch::kFloat);
}

Forecast PointForecaster::forecast(const ForecastRequest& r) const {
  const torch::NoGradGuard no_grad;
  std::vector<int64_t> snapshot = {any_size, grid_.channels};
  snapshot.insert(snapshot.end(), grid_.shape.begin(), grid_.shape.end());
  check_shape("first snapshot", r.first, snapshot);
  check_finite<DataError>("first snapshot", r.first);
  const int64_t B = r.first.size(0), frames = r.n_steps + 1;
  FrameTimes times = {.t0 = r.t0, .dt = r.dt, .n_steps = r.n_steps, .at = frame_times(r)};

  Forecast out;
  out.point = torch::empty({B, frames, grid_.size()}, torch::kFloat);
  for (int64_t b = 0; b < B; ++b) {
    Path path;
    if (r.mu.defined() && r.mu.size(-1) > 0) times.mu = r.mu[b][0].item<double>();
    try {
      path = path_(r.first[b].flatten().to(torch::kCPU, torch::kDouble), times);
    } catch (const NumericsError& error) {
      throw NumericsError(fmt::format("{}: {}", name_, error.what()));
    }
    out.point[b].copy_(path.fields);
    check_frames_finite(out.point[b], name_, r);
    out.drift_evaluations = std::max(out.drift_evaluations, path.evaluations);
  }
  auto shape = r.first.sizes().vec();
  shape.insert(shape.begin() + 1, frames);
  out.point = out.point.view(shape);
  if (r.members == 0) return out;

  const auto std = std_.defined() ? frame_std(frames).unsqueeze(1) : torch::Tensor();
  make_members(r, out, [&](int64_t start, int64_t count) {
    auto members = out.point.narrow(1, start, count).unsqueeze(0).repeat_interleave(r.members, 0);
    if (!r.decoder_noise || !std.defined()) return members;
    for (int64_t m = 0; m < r.members; ++m) {
      auto noise = observation_noise(r, m, start, count) * std.narrow(0, start, count);
      members[m].add_(noise.view_as(members[m]));
    }
    return members;
  });
  return out;
}

}  // namespace msde
