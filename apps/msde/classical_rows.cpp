#include "apps/msde/classical_rows.hpp"

#include <chrono>

#include "msde/baselines/baselines.hpp"
#include "msde/core/error.hpp"
#include "msde/core/log.hpp"

namespace msde {
namespace {

BaselineContext baseline_context(const ComparisonContext& c) {
  return {.data = c.data,
          .case_name = c.case_name,
          .n_zeta = c.n_zeta(),
          .n_eta = c.plan.settings.model.n_eta,
          .n_steps = c.plan.settings.eval.n_steps,
          .seed = static_cast<uint64_t>(c.first_seed())};
}

Outcome outcome_of(const FittedBaseline& fitted, double seconds, const ComparisonContext& c) {
  Outcome outcome;
  outcome.seed = c.first_seed();
  outcome.evaluation = c.score(*fitted.forecaster, c.published ? c.published->classical : Protocol{});
  outcome.train_seconds = seconds;
  outcome.parameters = fitted.parameters;
  return outcome;
}

ComparisonRow row_of(const Baseline& baseline, const ComparisonContext& c) {
  ComparisonRow row;
  row.name = baseline.name;
  row.variant = baseline.variant;
  row.meaning = baseline.meaning;
  if (row.variant != "strong") row.published = published_rel_l2(c.case_name, row.name);
  row.command = c.command_of(row.name);
  try {
    const auto start = std::chrono::steady_clock::now();
    const auto fitted = baseline.fit(baseline_context(c));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    row.facts = fitted.facts;
    row.outcomes = {outcome_of(fitted, seconds.count(), c)};
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    row.status = std::string("failed: ") + error.what();
  }
  return row;
}

}  // namespace

std::vector<ComparisonRow> classical_rows(const ComparisonContext& c) {
  std::vector<ComparisonRow> rows;
  for (const Baseline& baseline : baselines()) {
    if (!c.wants(baseline.name)) continue;
    spdlog::info("{} {}", baseline.name, baseline.variant);
    rows.push_back(row_of(baseline, c));
  }
  return rows;
}

std::vector<CostPoint> resolution_points(const ComparisonContext& c) {
  std::vector<std::pair<int64_t, FittedBaseline>> solvers;
  try {
    solvers = coarse_dns_resolutions(baseline_context(c));
  } catch (const Stopped&) {
    throw;
  } catch (const Error&) {
    return {};  // the row says why
  }
  std::vector<CostPoint> points;
  for (const auto& [unknowns, fitted] : solvers) {
    CostPoint point = {.name = "coarse_dns", .variant = "strong", .resolution = unknowns, .outcome = {}};
    try {
      point.outcome = outcome_of(fitted, 0, c);
    } catch (const NumericsError& error) {
      point.status = std::string("failed: ") + error.what();
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace msde
