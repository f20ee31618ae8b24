#include "apps/msde/comparison/comparison_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/msde/program/errors.hpp"
#include "msde/core/error.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {

int64_t ComparisonContext::n_zeta() const {
  return restricted_points(data.grid(), plan.settings.model.n_zeta).numel();
}

bool ComparisonContext::wants(const std::string& row) const {
  return plan.models.empty() || std::find(plan.models.begin(), plan.models.end(), row) != plan.models.end();
}

std::string ComparisonContext::command_of(const std::string& row) const {
  return plan.command_for(row);
}

std::optional<MeanStd> ComparisonContext::published_figure(const std::string& row) const {
  const int64_t snapshots = data.split(plan.split).n_snapshots, asked = plan.settings.eval.n_steps;
  const ComparedSizes ours = {.grid = data.grid().shape,
                              .channels = data.grid().channels,
                              .n_zeta = n_zeta(),
                              .n_eta = plan.settings.model.n_eta,
                              .n_frames = asked > 0 ? std::min(asked, snapshots) : snapshots};
  return plan.split == "test" ? published_rel_l2(case_name, row, ours) : std::nullopt;
}

Evaluation ComparisonContext::score(const Forecaster& forecaster, const Protocol& protocol,
                                    const Dataset::Fill& fill_first) const {
  EvaluateOptions options;
  options.split = plan.split;
  options.n_steps = plan.settings.eval.n_steps;
  options.members = plan.settings.eval.members;
  options.seed = static_cast<uint64_t>(first_seed());
  options.protocol = protocol;
  options.fill_first = fill_first;
  auto evaluation = evaluate(forecaster, data, options);
  if (!std::isfinite(evaluation.rel_l2.mean))
    throw NumericsError("no scored frame has a finite relative error");
  return evaluation;
}

std::string status_of(const std::function<void()>& work) {
  try {
    work();
    return "ok";
  } catch (const Stopped&) {
    throw;
  } catch (const std::exception& error) {
    return "failed: " + first_line(error.what());
  }
}

}  // namespace msde
