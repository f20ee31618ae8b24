#include "apps/msde/comparison/classical_references.hpp"

#include <algorithm>

#include "msde/baselines/baselines.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {
namespace {

std::vector<Reference> fitted(const Settings& settings, const Dataset& training) {
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
      references.push_back({baseline.name, baseline.fit(context).forecaster});
    } catch (const Stopped&) {
      throw;
    } catch (const Error& error) {
      spdlog::warn("{} is not beside the scores: {}", baseline.name, error.what());
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
