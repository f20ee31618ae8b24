#include "msde/model/multiscale.hpp"

#include <fmt/format.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/model/positive.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/scales/kernel_filter.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

double ModelSpec::noise() const {
  if (channel_noise.empty()) return noise_std;
  double sum = 0;
  for (const double s : channel_noise) sum += s * s;
  return std::sqrt(sum / static_cast<double>(channel_noise.size()));
}

torch::Tensor ModelSpec::noise_of_values() const {
  if (channel_noise.empty()) return torch::full({grid.size()}, noise_std);
  return torch::tensor(channel_noise, torch::kDouble).to(torch::kFloat).repeat_interleave(grid.points());
}

MultiscaleModelImpl::MultiscaleModelImpl(ModelSpec spec) : spec_(std::move(spec)) {
  spec_.options = with_preset(spec_.options);
  const ModelOptions& o = spec_.options;
  const Grid& grid = spec_.grid;
  n_zeta_ = restricted_points(grid, o.n_zeta).numel();

  coordinates = register_module("coordinates", Coordinates(grid.size(), spec_.n_reduced));
  const int64_t n = coordinates->size();
  if (spec_.n_prior > 0) prior = register_module("prior", SnapshotPrior(n, spec_.n_prior));
  if (spec_.n_first > 0) first_state = register_module("first_state", FirstState(spec_.n_first, n));
  if (coordinates->is_reduced())
    filter = std::make_shared<ReducedFilter>(n, n_zeta_);
  else
    filter = std::make_shared<KernelFilter>(grid, o.n_zeta, o.n_sigma);
  register_module("filter", filter);
  encoder = register_module("encoder", Encoder(o, grid, n, n_zeta_));
  decoder = register_module("decoder", Decoder(o, grid, n, n_zeta_));
  drift = register_module("drift", Drift(o, grid, spec_.n_mu, spec_.n_f));
  drift->inputs.set_seen(spec_.seen);
  if (!o.prior.empty()) {
    const LatentParts parts = {coordinates, filter, encoder, decoder};
    drift->add_prior(read_prior(o.prior, names_in(spec_)),
                     o.prior.at == "decoded" ? decoded_space(spec_, parts) : macro_space(spec_, parts),
                     o.prior);
  }
  dispersion = register_module("dispersion", Dispersion(n_z(), o.dispersion == "linear"));
  // The published 2D cases smooth in plain time.
  const bool learned_warp = o.preset == "paper" && grid.dimensions() == 1;
  posterior = register_module("posterior", PosteriorKernel(learned_warp));

  if (!spec_.frame_period.empty()) {
    auto shape = grid.shape;
    shape.insert(shape.begin(), grid.channels);
    frame_reference_ = register_buffer("frame_reference", torch::zeros(shape));
  }
  initial_mean = register_parameter("initial_mean", torch::zeros({n_z()}));
  initial_raw = register_parameter("initial_raw", torch::full({n_z()}, softplus_inverse(1.0)));
  integration_step = register_buffer("integration_step", torch::ones({1}));
  observation_variance = register_buffer("observation_variance", torch::ones({grid.size()}));
  initial_scale = register_buffer("initial_scale", torch::ones({1}));
  set_time_unit(spec_.units.time_origin, spec_.units.time_scale);
}

void MultiscaleModelImpl::set_time_unit(double origin, double scale) {
  torch::NoGradGuard no_grad;
  spec_.units.time_origin = origin, spec_.units.time_scale = scale;
  dispersion->set_time_range(spec_.units.time_without(spec_.t_begin), spec_.units.time_without(spec_.t_end));
  integration_step.fill_(spec_.dt / scale);
}

std::optional<StartFrame> MultiscaleModelImpl::frame() const {
  if (!frame_reference_.defined()) return std::nullopt;
  return StartFrame{frame_reference_.cpu(), spec_.frame_period};
}

void MultiscaleModelImpl::set_frame_reference(const torch::Tensor& reference) {
  torch::NoGradGuard no_grad;
  frame_reference_.copy_(reference);
}

Dataset MultiscaleModelImpl::seen(const Dataset& stored) const {
  const auto data = stored.in(spec_.units);
  const auto frame = this->frame();
  return frame ? data.in_frame(*frame) : data;
}

torch::Tensor MultiscaleModelImpl::fill_seen(const torch::Tensor& fields) const {
  const auto rows = with_solid(fields, spec_.grid, 0);
  if (!rows.isnan().any().item<bool>()) return rows;
  if (prior.is_empty())
    throw DataError(
        "the first snapshot misses values, and this model, which an earlier msde has trained, cannot fill "
        "them; train it "
        "again");
  return prior->fill(rows.flatten(1), coordinates).view_as(fields);
}

torch::Tensor MultiscaleModelImpl::fill(const torch::Tensor& fields) const {
  const auto missing = with_solid(fields, spec_.grid, 0).isnan();
  if (!missing.any().item<bool>()) return fields;
  const int64_t D = spec_.grid.dimensions();
  auto rows = with_solid(spec_.units.without(fields, D), spec_.grid, 0);
  if (const auto frame = this->frame()) {  // each in its own
    std::vector<torch::Tensor> filled;
    for (int64_t i = 0; i < rows.size(0); ++i) {
      const auto places = frame->places(rows[i]);
      filled.push_back(moved(fill_seen(moved(rows.narrow(0, i, 1), frame->period, places)), frame->period,
                             places,
                             /*backwards=*/true));
    }
    rows = torch::cat(filled);
  } else {
    rows = fill_seen(rows);
  }
  return torch::where(missing, spec_.units.with(rows, D).to(fields.scalar_type()), fields);
}

int64_t MultiscaleModelImpl::substeps(double dt) const {
  constexpr double kRoundOff = 1e-4;  // the step is a float32
  constexpr double kMost = 1e15;      // more than anyone waits for, and a whole number
  return std::max<int64_t>(
      1, std::llround(std::min(kMost, std::ceil(dt / integration_step.item<double>() - kRoundOff))));
}

int64_t MultiscaleModelImpl::parameter_count() const {
  int64_t n = 0;
  for (const auto& p : parameters()) n += p.numel();
  return n;
}

std::vector<torch::Tensor> MultiscaleModelImpl::trained_parameters() const {
  std::vector<torch::Tensor> trained;
  for (const auto& p : parameters())
    if (p.requires_grad()) trained.push_back(p);
  return trained;
}

int64_t MultiscaleModelImpl::trained_count() const {
  int64_t n = 0;
  for (const auto& p : trained_parameters()) n += p.numel();
  return n;
}

namespace {

// DataError unless `got`, what the data have, is what the model was trained on.
void require_same(const Dataset& data, const std::string& what, const std::string& got,
                  const std::string& expected) {
  if (got != expected)
    throw DataError(data.path() + ": got " + what + " " + got + ", expected " + expected +
                    " as the model was trained on");
}

}  // namespace

void check_grid_fits(const ModelSpec& spec, const Dataset& data) {
  const Grid& grid = data.grid();
  require_same(data, "a grid of shape", shape_text(grid.shape), shape_text(spec.grid.shape));
  require_same(data, "a number of channels of", std::to_string(grid.channels),
               std::to_string(spec.grid.channels));
  const auto fluid = [](const Grid& g) { return std::to_string(g.fluid_points()) + " points of fluid"; };
  require_same(data, "a mask with", fluid(grid), fluid(spec.grid));
  if (grid.mask && *grid.mask != *spec.grid.mask)
    throw DataError(data.path() + ": got other points of fluid than the model was trained on");
  for (size_t axis = 0; axis < grid.boundary.size(); ++axis)
    if (!data.facts().boundary_is_assumed(axis) && grid.boundary[axis] != spec.grid.boundary[axis])
      require_same(data, "the boundary", boundary_words(grid.boundary), boundary_words(spec.grid.boundary));
}

void require_clock_of(const ModelSpec& spec, const Dataset& data) {
  const auto text = [](const TimeUnits& time) {
    return fmt::format("'{}'{}{}", time.units, time.calendar.empty() ? "" : ", " + time.calendar,
                       time.in_months ? ", counted in months" : "");
  };
  const TimeUnits &got = data.labels().units.time, &expected = spec.labels.units.time;
  if (!spec.clock.empty() && !got.units.empty() && !count_alike(got, expected))
    throw DataError(fmt::format(
        "{}: got times in {}, expected {} as the model was trained on: data.clock reads dates from them",
        data.path(), text(got), text(expected)));
}

void check_fits(const ModelSpec& spec, const Dataset& data) {
  check_grid_fits(spec, data);
  require_same(data, "a number of parameters mu of", std::to_string(data.n_mu()), std::to_string(spec.n_mu));
  require_same(data, "a number of forcings f of", std::to_string(data.n_f()),
               std::to_string(spec.n_given_f()));
  require_clock_of(spec, data);
}

void initialise_networks(MultiscaleModel& model, uint64_t seed) {
  uint64_t number = 0;
  const std::vector<std::shared_ptr<torch::nn::Module>> parts = {model->encoder.ptr(), model->decoder.ptr(),
                                                                 model->drift.ptr(), model->posterior.ptr()};
  for (const auto& part : parts) number = initialise(*part, seed, number);
  if (model->drift->prior() != nullptr) model->drift->leave_to_prior();
}

}  // namespace msde
