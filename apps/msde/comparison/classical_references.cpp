#include "apps/msde/comparison/classical_references.hpp"

#include <algorithm>
#include <exception>

#include "apps/msde/program/errors.hpp"
#include "msde/baselines/baselines.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/infer/data/fill_gaps.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {
namespace {

std::vector<Reference> fitted(const Settings& settings, const Dataset& stored) {
  const bool has_gaps = stored.check_values().values > 0;
  const auto training =
      has_gaps ? with_gaps_filled(stored, static_cast<uint64_t>(settings.train.elbo.seed)) : stored;
  Dataset::Fill fill_first;
  if (has_gaps) fill_first = [training](const torch::Tensor& first) { return training.fill(first); };
  const auto& wanted = settings.eval.against;
  const BaselineContext context = {
      .data = training,
      .case_name = training.case_name().empty() ? settings.case_name : training.case_name(),
      .n_zeta = restricted_points(training.grid(), settings.model.n_zeta).numel(),
      .n_eta = settings.model.n_eta,
      .n_steps = settings.eval.n_steps,
      .seed = static_cast<uint64_t>(settings.train.elbo.seed)};
  std::vector<Reference> references;
  for (const Baseline& baseline : baselines()) {
    if (baseline.variant != "strong" ||
        std::find(wanted.begin(), wanted.end(), baseline.name) == wanted.end())
      continue;
    spdlog::info("{}: fitted to the training data", baseline.name);
    try {
      references.push_back({baseline.name, baseline.fit(context).forecaster, fill_first});
    } catch (const Stopped&) {
      throw;
    } catch (const std::exception& error) {
      spdlog::warn("{} is not beside the scores: {}", baseline.name, first_line(error.what()));
    }
  }
  return references;
}

}  // namespace

FitReferences classical_references(const Settings& settings) {
  if (settings.eval.against.empty()) return {};
  return [settings](const Dataset& training) { return fitted(settings, training); };
}

}  // namespace msde
