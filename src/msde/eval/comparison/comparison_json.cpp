// The comparison as JSON: docs/formats.md has the layout.
#include <cmath>
#include <functional>

#include "msde/eval/comparison/comparison.hpp"
#include "msde/eval/comparison/over_seeds.hpp"
#include "msde/eval/metrics/metric_table.hpp"
#include "msde/eval/scoring/evaluation_report.hpp"

namespace msde {
namespace {

using Json = nlohmann::ordered_json;

Json pooled_json(const std::vector<Outcome>& outcomes,
                 const std::function<MeanStd(const Evaluation&)>& metric) {
  std::vector<MeanStd> per_seed;
  for (const auto& outcome : outcomes) per_seed.push_back(metric(outcome.evaluation));
  const auto pooled = pool(per_seed);
  return {{"mean", pooled.mean}, {"std", pooled.std}, {"seeds", pooled.seeds}};
}

// One number per seed: their mean and standard deviation (divisor n - 1), null for one seed.
Json spread_json(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double square = 0;
  for (double value : values) square += (value - mean) * (value - mean);
  Json json = {{"mean", mean}, {"std", nullptr}, {"seeds", values}};
  if (values.size() > 1) json["std"] = std::sqrt(square / static_cast<double>(values.size() - 1));
  return json;
}

Json metrics_json(const std::vector<Outcome>& outcomes) {
  const auto& first = outcomes.front().evaluation;
  const auto number = [&](auto value) { return spread_json(over_seeds(outcomes, value)); };
  Json metrics;
  metrics["rel_l2"] = pooled_json(outcomes, [](const Evaluation& e) { return e.rel_l2; });
  metrics["rel_l2_t0"] = pooled_json(outcomes, [](const Evaluation& e) { return e.rel_l2_t0; });
  if (first.rel_l2_clean) {
    metrics["rel_l2_clean"] = pooled_json(outcomes, [](const Evaluation& e) { return *e.rel_l2_clean; });
    metrics["rel_l2_clean_t0"] =
        pooled_json(outcomes, [](const Evaluation& e) { return *e.rel_l2_clean_t0; });
  }
  if (first.rel_l2_encode_decode)
    metrics["rel_l2_encode_decode"] =
        pooled_json(outcomes, [](const Evaluation& e) { return *e.rel_l2_encode_decode; });
  if (first.rel_l2_encode_decode_clean)
    metrics["rel_l2_encode_decode_clean"] =
        pooled_json(outcomes, [](const Evaluation& e) { return *e.rel_l2_encode_decode_clean; });
  metrics["rmse"] = number([](const Outcome& o) { return o.evaluation.rmse; });
  metrics["vrmse"] = number([](const Outcome& o) { return o.evaluation.vrmse; });
  metrics["nrmse_well"] = number([](const Outcome& o) { return o.evaluation.nrmse_well; });
  if (first.calibration) {
    metrics["crps_fair"] = number([](const Outcome& o) { return o.evaluation.calibration->crps_fair; });
    metrics["ssr_adjusted"] = number([](const Outcome& o) { return o.evaluation.calibration->ssr_adjusted; });
    metrics["energy_score"] = number([](const Outcome& o) { return o.evaluation.calibration->energy_score; });
    for (const auto& [level, share] : first.calibration->coverage)
      metrics["coverage"][std::to_string(level)] =
          mean_of(over_seeds(outcomes, [level = level](const Outcome& o) {
            return o.evaluation.calibration->coverage.at(level);
          }));
  }
  return metrics;
}

Json cost_json(const std::vector<Outcome>& outcomes) {
  const auto mean = [&](auto value) { return mean_of(over_seeds(outcomes, value)); };
  return {{"train_seconds", mean([](const Outcome& o) { return o.train_seconds; })},
          {"predict_seconds_per_trajectory",
           mean([](const Outcome& o) { return o.evaluation.predict_seconds_per_trajectory; })},
          {"nfe_per_trajectory", outcomes.front().evaluation.nfe_per_trajectory},
          {"parameters", outcomes.front().parameters}};
}

Json validation_json(const std::vector<Outcome>& outcomes) {
  std::vector<double> values;
  for (const auto& outcome : outcomes)
    if (outcome.validation_rel_l2) values.push_back(*outcome.validation_rel_l2);
  return values.empty() ? Json() : spread_json(values);
}

void add_per_time(Json& row, const std::vector<Outcome>& outcomes) {
  std::vector<std::vector<double>> noisy, clean;
  for (const auto& outcome : outcomes) {
    noisy.push_back(outcome.evaluation.rel_l2_per_time);
    if (!outcome.evaluation.rel_l2_clean_per_time.empty())
      clean.push_back(outcome.evaluation.rel_l2_clean_per_time);
  }
  row["rel_l2_per_time"] = mean_of(noisy);
  if (!clean.empty()) row["rel_l2_clean_per_time"] = mean_of(clean);
}

Json row_json(const ComparisonRow& row) {
  Json json = {{"name", row.name},
               {"variant", row.variant},
               {"meaning", row.meaning},
               {"status", row.status},
               {"protocol", row.protocol}};
  if (!row.facts.is_null()) json["fit"] = row.facts;
  if (row.published) json["published"] = {{"mean", row.published->mean}, {"std", row.published->std}};
  if (!row.outcomes.empty()) {
    json["metrics"] = metrics_json(row.outcomes);
    json["cost"] = cost_json(row.outcomes);
    if (const auto validation = validation_json(row.outcomes); !validation.is_null())
      json["validation_rel_l2"] = validation;
    std::vector<int64_t> seeds;
    for (const auto& outcome : row.outcomes) seeds.push_back(outcome.seed);
    json["seeds"] = seeds;
    add_per_time(json, row.outcomes);
  }
  json["command"] = row.command;
  return json;
}

Json cost_point_json(const std::string& name, const std::string& variant,
                     const std::vector<Outcome>& outcomes) {
  const auto metrics = metrics_json(outcomes);
  Json point = {{"name", name}, {"variant", variant}, {"rel_l2", metrics["rel_l2"]["mean"]}};
  if (metrics.contains("rel_l2_clean")) point["rel_l2_clean"] = metrics["rel_l2_clean"]["mean"];
  point.update(cost_json(outcomes));
  return point;
}

Json difference_json(const Difference& d) {
  return {{"mean", d.mean}, {"low", d.low}, {"high", d.high}, {"separable", d.separable()}};
}

Json standing_json(const Standing& standing) {
  Json json = {{"row", standing.row}, {"rel_l2_difference", difference_json(standing.rel_l2)}};
  if (standing.rel_l2_clean) json["rel_l2_clean_difference"] = difference_json(*standing.rel_l2_clean);
  return json;
}

Json sizes_json(const MicroSizes& sizes) {
  Json json;
  for (const auto& size : sizes.sizes) {
    Json one = {{"n_eta", size.n_eta}, {"status", size.status}};
    if (!size.outcomes.empty()) {
      one["validation_rel_l2"] = validation_json(size.outcomes);
      one["metrics"] = metrics_json(size.outcomes);
      one["cost"] = cost_json(size.outcomes);
    }
    json["sizes"].push_back(one);
  }
  if (const auto best = preferred_n_eta(sizes)) json["preferred_by_validation"] = *best;
  return json;
}

}  // namespace

Json to_json(const Comparison& c) {
  Json json;
  json["schema"] = 1;
  json["case"] = c.case_name;
  json["split"] = c.split;
  json["protocol"] = c.protocol;
  json["n_zeta"] = c.n_zeta;
  json["n_eta"] = c.n_eta;
  json["data"] = {{"path", c.data_path}, {"hash", c.data_hash}};
  json["command"] = c.command;
  for (const auto& [name, value] : c.environment) json["environment"][name] = value;
  json["dt"] = c.dt;  // frame k of rel_l2_per_time is k dt after the start
  json["rows"] = Json::array();
  json["accuracy_against_run_time"] = Json::array();
  for (const auto& row : c.rows) {
    json["rows"].push_back(row_json(row));
    if (!row.outcomes.empty())
      json["accuracy_against_run_time"].push_back(cost_point_json(row.name, row.variant, row.outcomes));
  }
  for (const auto& row : c.rows)
    if (row.name == "multiscale")
      for (const auto& standing : standings(row, c.rows))
        json["multiscale_against"].push_back(standing_json(standing));
  for (const auto& point : c.cost_points) {
    Json one = {{"name", point.name}, {"variant", point.variant}};
    if (point.status == "ok") one = cost_point_json(point.name, point.variant, {point.outcome});
    one["resolution"] = point.resolution;
    one["status"] = point.status;
    json["accuracy_against_run_time"].push_back(one);
  }
  if (!c.micro_sizes.sizes.empty()) json["n_eta_choice"] = sizes_json(c.micro_sizes);
  for (const auto& row : json["rows"])
    if (row.contains("metrics"))
      for (const auto& [id, value] : row["metrics"].items()) json["formulas"][id] = formula_of(id);
  json["peak_rss_bytes"] = peak_rss_bytes();
  return json;
}

}  // namespace msde
