#include "apps/msde/comparison/classical_rows.hpp"

#include "msde/baselines/baselines.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/stopwatch.hpp"

namespace msde {
namespace {

BaselineContext baseline_context(const ComparisonContext& c) {
  return {.data = c.filled,
          .case_name = c.case_name,
          .n_zeta = c.n_zeta(),
          .n_eta = c.plan.settings.model.n_eta,
          .n_steps = c.plan.settings.eval.n_steps,
          .seed = static_cast<uint64_t>(c.first_seed())};
}

struct Fit {
  Outcome outcome;
  nlohmann::ordered_json facts;
};

Protocol protocol_of(const std::string& row, const ComparisonContext& c) {
  return c.published ? c.published->of_baseline(row) : Protocol{};
}

Fit fit_and_score(const std::function<FittedBaseline()>& fit, const ComparisonContext& c,
                  const Protocol& protocol) {
  const Stopwatch begun;
  const auto fitted = fit();
  const double seconds = begun.seconds();
  Outcome outcome;
  outcome.seed = c.first_seed();
  outcome.evaluation =
      c.score(*fitted.forecaster, protocol, [&](const torch::Tensor& first) { return c.filled.fill(first); });
  outcome.train_seconds = seconds;
  outcome.parameters = fitted.parameters;
  return {outcome, fitted.facts};
}

ComparisonRow row_of(const Baseline& baseline, const ComparisonContext& c) {
  ComparisonRow row;
  row.name = baseline.name;
  row.variant = baseline.variant;
  row.meaning = baseline.meaning;
  if (row.variant != "strong") row.published = c.published_figure(row.name);
  row.command = c.command_of(row.name);
  const Protocol protocol = protocol_of(row.name, c);
  row.protocol = protocol.meaning;
  row.status = status_of([&] {
    const auto fit = fit_and_score([&] { return baseline.fit(baseline_context(c)); }, c, protocol);
    row.facts = fit.facts;
    row.outcomes = {fit.outcome};
  });
  return row;
}

}  // namespace

std::vector<ComparisonRow> classical_rows(const ComparisonContext& c) {
  std::vector<ComparisonRow> rows;
  for (const Baseline& baseline : baselines()) {
    if (!c.wants(baseline.name)) continue;
    const bool by_name = !c.plan.models.empty();
    if (!by_name && baseline.applies && !baseline.applies(c.data)) continue;
    spdlog::info("{}{}", baseline.name, baseline.variant.empty() ? "" : " " + baseline.variant);
    rows.push_back(row_of(baseline, c));
  }
  return rows;
}

std::vector<CostPoint> resolution_points(const ComparisonContext& c) {
  std::vector<CostPoint> points;
  for (const auto& solver : coarse_dns_resolutions(baseline_context(c))) {
    CostPoint point = {
        .name = "coarse_dns", .variant = "strong", .resolution = solver.unknowns, .outcome = {}};
    point.status = status_of(
        [&] { point.outcome = fit_and_score(solver.fit, c, protocol_of("coarse_dns", c)).outcome; });
    points.push_back(point);
  }
  return points;
}

}  // namespace msde
