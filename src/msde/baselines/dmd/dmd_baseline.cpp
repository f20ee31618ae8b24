#include "msde/baselines/dmd/dmd_baseline.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "msde/baselines/dmd/dmd.hpp"
#include "msde/baselines/snapshots.hpp"
#include "msde/baselines/validation.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr int64_t most_modes = 200;

std::unique_ptr<PointForecaster> forecaster(const std::string& name, const LinearModel& model,
                                            const Dataset& data) {
  const auto path = [model, dt = data.dt()](const torch::Tensor& first, const FrameTimes& times) {
    if (std::abs(times.dt / dt - 1) > 1e-4)
      throw DataError(
          fmt::format("dmd: got snapshots {} apart, expected {} as in the training data", times.dt, dt));
    const auto a = iterate_map(model.map, first.unsqueeze(0).matmul(model.modes)[0], times.n_steps);
    return Path{a.matmul(model.modes.t()), times.n_steps};
  };
  return std::make_unique<PointForecaster>(name, data.grid(), path);
}

struct Candidate {
  std::string method;
  int64_t rank = 0, n_unstable = 0;
  double spectral_radius = 0, error = std::numeric_limits<double>::infinity();
  torch::Tensor map;
};

void keep_better(std::optional<Candidate>* best, const Candidate& candidate) {
  if (std::isfinite(candidate.error) && (!*best || candidate.error < (*best)->error)) *best = candidate;
}

double validation_error(const ReducedData& reduced, const torch::Tensor& map) {
  std::vector<torch::Tensor> paths;
  for (const auto& a : reduced.val)
    paths.push_back(iterate_map(map, a[0].narrow(0, 0, map.size(0)), a.size(0) - 1));
  return relative_error(reduced, paths);
}

}  // namespace

FittedBaseline fit_dmd_reference(const BaselineContext& context) {
  const auto shape = context.data.split("train");
  constexpr double tikhonov = .01;
  const auto model = projected_dmd(trajectory_rows(context.data, "train", 0, shape.n_snapshots),
                                   context.n_zeta + context.n_eta, tikhonov);
  const auto moduli = torch::linalg_eigvals(model.map).abs();
  const nlohmann::ordered_json facts = {
      {"rank", model.map.size(0)},
      {"tikhonov", tikhonov},
      {"training_trajectories", 1},
      {"spectral_radius", moduli.max().item<double>()},
      {"modes_unstable", (moduli > 1 + kUnitTolerance).sum().item<int64_t>()},
      {"modes_clipped", 0}};
  return finish(forecaster("dmd (reference)", model, context.data), facts,
                model.modes.numel() + model.map.numel(), context);
}

FittedBaseline fit_dmd_strong(const BaselineContext& context) {
  const auto reduced = reduce(context, most_modes);
  const auto moments = pair_moments(reduced.train);
  std::optional<Candidate> clipped, free;
  int64_t tried = 0, failed = 0;
  for (const int64_t rank : candidate_ranks(reduced.rank())) {
    for (const std::string method : {"least squares", "total least squares"}) {
      try {
        const auto map = method == "least squares" ? least_squares_map(moments, rank)
                                                   : total_least_squares_map(moments, rank);
        const auto stable = clip_to_unit_circle(map);
        Candidate candidate{.method = method,
                            .rank = rank,
                            .n_unstable = stable.n_unstable,
                            .spectral_radius = stable.spectral_radius,
                            .map = map};
        candidate.error = validation_error(reduced, map);
        ++tried, failed += !std::isfinite(candidate.error);
        keep_better(&free, candidate);
        candidate.map = stable.map;
        candidate.error = validation_error(reduced, stable.map);
        ++tried, failed += !std::isfinite(candidate.error);
        keep_better(&clipped, candidate);
      } catch (const c10::Error&) {  // LAPACK found no eigenvectors or a singular matrix
        tried += 2, failed += 2;
      } catch (const NumericsError&) {
        tried += 2, failed += 2;
      }
    }
  }
  if (!clipped && !free)
    throw NumericsError(fmt::format("dmd: all {} candidates failed on validation data", tried));
  const bool clip = !free || (clipped && clipped->error <= free->error);
  const Candidate& best = clip ? *clipped : *free;

  nlohmann::ordered_json facts = {{"rank", best.rank},
                                  {"retained_energy", reduced.retained_energy(best.rank)},
                                  {"method", best.method},
                                  {"spectral_radius", best.spectral_radius},
                                  {"modes_unstable", best.n_unstable},
                                  {"modes_clipped", clip ? best.n_unstable : 0}};
  if (clipped) facts["validation_rel_l2_clipped"] = clipped->error;
  if (free) facts["validation_rel_l2_unclipped"] = free->error;
  facts["candidates"] = tried, facts["candidates_failed"] = failed;
  const LinearModel model{reduced.modes.narrow(1, 0, best.rank).contiguous(), best.map};
  return finish(forecaster("dmd (strong)", model, context.data), facts,
                model.modes.numel() + model.map.numel(), context);
}

}  // namespace msde
