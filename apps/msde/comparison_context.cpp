#include "apps/msde/comparison_context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/model/reduced_filter.hpp"

namespace msde {

int64_t ComparisonContext::n_zeta() const {
  return restricted_points(data.grid(), plan.settings.model.n_zeta).numel();
}

bool ComparisonContext::wants(const std::string& row) const {
  return plan.models.empty() || std::find(plan.models.begin(), plan.models.end(), row) != plan.models.end();
}

std::string ComparisonContext::command_of(const std::string& row) const {
  return fmt::format("msde compare {} -o {} --models {} --seeds {}", configuration_file(plan.folder), plan.folder, row,
                     plan.seeds);
}

Evaluation ComparisonContext::score(const Forecaster& forecaster, const Protocol& protocol) const {
  EvaluateOptions options;
  options.split = plan.split;
  options.n_steps = plan.settings.eval.n_steps;
  options.members = plan.settings.eval.members;
  options.seed = static_cast<uint64_t>(first_seed());
  options.protocol = protocol;
  return evaluate(forecaster, data, options);
}

}  // namespace msde
