#include "msde/model/forecaster.hpp"

#include <cmath>

#include "msde/model/clock_forcing.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/tensor/checks.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kDecodeRows = 4096;  // latent states decoded at a time

// [.., n_z] -> fields [.., C, *grid]
torch::Tensor decode_fields(MultiscaleModel& model, const torch::Tensor& z, const Scales& scales) {
  auto rows = z.reshape({-1, z.size(-1)});
  auto fields = torch::empty({rows.size(0), model->coordinates->fine_size()}, z.options());
  for (int64_t start = 0; start < rows.size(0); start += kDecodeRows) {
    const int64_t count = std::min(kDecodeRows, rows.size(0) - start);
    fields.narrow(0, start, count)
        .copy_(model->coordinates->expand(model->decode(rows.narrow(0, start, count), scales)));
  }
  auto shape = z.sizes().slice(0, z.dim() - 1).vec();
  shape.push_back(model->spec().grid.channels);
  shape.insert(shape.end(), model->spec().grid.shape.begin(), model->spec().grid.shape.end());
  return fields.view(shape);
}

// Fields as the model sees them and back, each of a batch in the frame of its own first snapshot.
class Frames {
 public:
  // first [B, C, *grid] without units.
  Frames(const MultiscaleModel& model, const torch::Tensor& first) : period_(model->spec().frame_period) {
    if (const auto frame = model->frame())
      for (int64_t i = 0; i < first.size(0); ++i) places_.push_back(frame->places(first[i]));
  }
  torch::Tensor seen(const torch::Tensor& fields, int64_t batch_axis) const {
    return each(fields, batch_axis, /*backwards=*/false);
  }
  torch::Tensor back(const torch::Tensor& fields, int64_t batch_axis) const {
    return each(fields, batch_axis, /*backwards=*/true);
  }

 private:
  torch::Tensor each(const torch::Tensor& fields, int64_t batch_axis, bool backwards) const {
    if (places_.empty()) return fields;
    if (places_.size() == 1) return moved(fields, period_, places_[0], backwards);
    std::vector<torch::Tensor> parts;
    for (size_t i = 0; i < places_.size(); ++i)
      parts.push_back(
          moved(fields.narrow(batch_axis, static_cast<int64_t>(i), 1), period_, places_[i], backwards));
    return torch::cat(parts, batch_axis);
  }
  std::vector<int64_t> period_;
  std::vector<std::vector<int64_t>> places_;  // empty: there is no frame
};

}  // namespace

ModelForecaster::ModelForecaster(MultiscaleModel model, PredictOptions options)
    : model_(std::move(model)), options_(options) {}

torch::Tensor ModelForecaster::reconstruction(const torch::Tensor& snapshots,
                                              const torch::Tensor& first) const {
  torch::NoGradGuard no_grad;
  const Units& units = model_->spec().units;
  const int64_t D = model_->spec().grid.dimensions();
  const auto like = model_->initial_mean.options();
  const bool can_fill = !model_->prior.is_empty();
  const auto scales = model_->scales();
  // One trajectory: its frame is that of its first snapshot, and time stands where others have a batch.
  const Frames frame(model_, units.without(can_fill ? model_->fill(first) : first, D));
  const auto seen = frame.seen(units.without(snapshots, D).unsqueeze(0), 0)[0];
  const auto whole = can_fill ? model_->fill_seen(seen) : seen.nan_to_num(0.);
  const auto a = model_->coordinates->project(whole.flatten(1).to(like)).a;
  const auto decoded_there = decode_fields(model_, model_->encode(a, scales), scales).cpu();
  auto decoded = units.with(frame.back(decoded_there.unsqueeze(0), 0)[0], D);
  if (!can_fill)  // what cannot be encoded has no score
    decoded.index_fill_(0, snapshots.isnan().flatten(1).any(1).nonzero().squeeze(1), std::nan(""));
  return decoded;
}

Forecast ModelForecaster::forecast(const ForecastRequest& r) const {
  torch::NoGradGuard no_grad;
  const ModelSpec& spec = model_->spec();
  std::vector<int64_t> snapshot = {any_size, spec.grid.channels};
  snapshot.insert(snapshot.end(), spec.grid.shape.begin(), spec.grid.shape.end());
  check_shape("first snapshot", r.first, snapshot);
  check_shape("mu", r.mu, {r.first.size(0), spec.n_mu});
  check_shape("forcing", r.forcing, {r.first.size(0), r.n_steps + 1, spec.n_given_f()});

  const auto device = model_->initial_mean.device();
  const auto scales = model_->scales();
  const Units& units = spec.units;
  const int64_t D = spec.grid.dimensions();
  const double dt = r.dt / units.time_scale;
  const auto z_type = model_->initial_mean.scalar_type();
  const auto whole = units.without(model_->fill(r.first), D);
  const Frames frames(model_, whole);
  const auto first = frames.seen(whole, 0).to(z_type).flatten(1).to(device);
  const auto a = model_->coordinates->project(first).a;
  const auto z0 = model_->encode_first(a, scales);
  const auto times = frame_times(r).expand({r.first.size(0), -1});
  Exogenous in = {r.mu.to(device), with_clock(r.forcing, times, spec.own_clock()).to(device),
                  torch::full({z0.size(0)}, units.time_without(r.t0), z0.options()), dt};
  const int64_t substeps = options_.substeps > 0 ? options_.substeps : model_->substeps(dt);
  TimeGrid grid = {0, dt, r.n_steps, substeps};
  if (!r.times.empty()) {
    in.times = (times - times.narrow(1, 0, 1)) / units.time_scale;
    grid.unequal = unequal_steps(in.times, [&](double longest) {
      return options_.substeps > 0 ? options_.substeps : model_->substeps(longest);
    });
  }
  check(grid);

  Forecast out;
  const auto mean = mean_path(model_, in, z0, grid);
  check_finite("the forecast's latent state", mean);
  out.point = units.with(frames.back(decode_fields(model_, mean, scales).cpu(), 0), D);
  out.zeta = mean.narrow(-1, 0, model_->n_zeta()).cpu();
  if (model_->n_eta() > 0) out.eta = mean.narrow(-1, model_->n_zeta(), model_->n_eta()).cpu();
  out.drift_evaluations = grid.n_steps() * drift_evaluations_per_step(Scheme::rk4);
  if (r.members == 0) return out;

  const std::vector<int64_t> shape = {r.members, z0.size(0), z0.size(1)};
  const auto spread = model_->initial_scale * (0.5 * model_->encoder->log_variance()).exp();
  const auto start = z0 + spread * normal({r.seed, Stream::first_state, 0}, shape, z0.options());
  const auto held = hold_members_that_leave(  // [M, B, T, n_z]
      without_error(model_, ensemble_paths(model_, in, start, grid, options_.scheme, r.seed), mean,
                    integration_error(model_, in, mean, grid, options_.scheme)),
      mean);
  const auto& paths = held.paths;
  out.members_left = held.left;
  const auto std = (model_->observation_variance.cpu() / static_cast<double>(r.decoder_draws)).sqrt();
  make_members(r, out, [&](int64_t start_frame, int64_t count) {
    auto members = decode_fields(model_, paths.narrow(2, start_frame, count), scales).cpu();
    if (!r.decoder_noise) return units.with(frames.back(members, 1), D);
    for (int64_t m = 0; m < r.members; ++m)
      members[m].add_(observation_noise(r, m, start_frame, count).mul_(std).view_as(members[m]));
    return units.with(frames.back(members, 1), D);
  });
  return out;
}

}  // namespace msde
