#include "msde/model/fused/choose.hpp"

#include "msde/core/numbers/runge_kutta.hpp"
#include "msde/model/fused/mean_path.hpp"
#include "msde/model/fused/member_paths.hpp"
#include "msde/model/fused/window_elbo.hpp"

namespace msde {
namespace {

PathSteps steps_of(const TimeGrid& grid) {
  if (grid.unequal) return {.n_frames = grid.n_outputs + 1, .frame_ends = grid.unequal->frame_ends};
  return {grid.dt / static_cast<double>(grid.substeps), grid.n_outputs + 1, grid.substeps};
}

// [.., K] of all, the first of each two, and the others in between.
torch::Tensor alternating(const torch::Tensor& first, const torch::Tensor& second) {
  return torch::stack({first, second}, -1).flatten(-2);
}

torch::Tensor half_steps(const TimeGrid& grid, const PathSteps& steps) {
  if (grid.unequal)
    return torch::cat({alternating(grid.unequal->at(0), grid.unequal->at(.5)),
                       grid.unequal->times.narrow(1, steps.n_steps(), 1)},
                      1);
  return torch::arange(2 * steps.n_steps() + 1, torch::kDouble) * (steps.h / 2);
}

torch::Tensor lengths_of(const TimeGrid& grid) {
  return grid.unequal ? grid.unequal->lengths().to(torch::kFloat).contiguous() : torch::Tensor();
}

}  // namespace

std::optional<FusedDrift> fused_drift(const MultiscaleModel& model) {
  return model->drift->fused();
}

std::optional<torch::Tensor> fused_mean_path(const MultiscaleModel& model, const Exogenous& in,
                                             const torch::Tensor& z0, const TimeGrid& grid) {
  if (grid.n_outputs == 0) return std::nullopt;
  const auto drift = fused_drift(model);
  if (!drift) return std::nullopt;
  const auto steps = steps_of(grid);
  return rk4_path(*drift, z0, model->drift->outside(inputs_at(in, half_steps(grid, steps))), steps,
                  lengths_of(grid));
}

std::optional<torch::Tensor> fused_member_paths(const MultiscaleModel& model, const Exogenous& in,
                                                const torch::Tensor& start, const TimeGrid& grid,
                                                uint64_t seed, bool noise) {
  if (grid.n_outputs == 0) return std::nullopt;
  const auto drift = fused_drift(model);
  if (!drift) return std::nullopt;
  MemberSteps members;
  members.steps = steps_of(grid);
  members.seed = seed;
  members.lengths = lengths_of(grid);
  const auto t = inputs_at(in, grid.unequal ? grid.unequal->times : step_times(members.steps)).t;
  const std::vector<int64_t> shape = {start.size(1), t.size(1), start.size(2)};
  members.dispersion = noise ? model->dispersion->diagonal(t).to(torch::kFloat).expand(shape).contiguous()
                             : torch::zeros(shape);
  const auto outside = model->drift->outside(
      inputs_at(in, grid.unequal ? alternating(grid.unequal->at(0), grid.unequal->at(Sra1::node))
                                 : drift_times(members.steps)));
  members.outside = outside.to(torch::kFloat).contiguous();
  return member_paths(*drift, start, members);
}

std::optional<FusedElbo> fused_window_elbo(const MultiscaleModel& model, const Scales& scales,
                                           const FusedWindows& windows) {
  if (!torch::GradMode::is_enabled() || model->n_eta() == 0) return std::nullopt;
  if (!scales.matrices || !scales.micro_is_orthogonal || !model->dispersion->is_constant())
    return std::nullopt;
  const auto encoder = model->encoder->fused();
  const auto decoder = model->decoder->fused(model->encoder->units());
  const auto drift = fused_drift(model);
  if (!encoder || !decoder || !drift) return std::nullopt;
  return window_elbo(model, *scales.matrices, {*encoder, *decoder, *drift}, windows);
}

}  // namespace msde
