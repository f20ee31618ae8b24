#include "msde/eval/scoring/evaluation_report.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "msde/eval/metrics/metric_table.hpp"
#include "msde/eval/scoring/paired_bootstrap.hpp"
#include "msde/eval/scoring/quality_gate.hpp"

namespace msde {
namespace {

using Json = nlohmann::ordered_json;

// Null where a number is not finite, as in the file: a document means the same before it is written and after.
Json as_read_back(const Json& document) {
  return Json::parse(document.dump());
}

Json mean_and_std(const MeanStd& value) {
  return {{"mean", value.mean}, {"std", value.std}};
}

void add_channels(Json* metrics, const std::string& key, const std::vector<double>& values) {
  if (!values.empty()) (*metrics)[key] = values;
}

Json metrics_of(const Evaluation& e) {
  Json metrics;
  metrics["rel_l2"] = mean_and_std(e.rel_l2);
  metrics["rel_l2_t0"] = mean_and_std(e.rel_l2_t0);
  if (e.rel_l2_clean) metrics["rel_l2_clean"] = mean_and_std(*e.rel_l2_clean);
  if (e.rel_l2_clean_t0) metrics["rel_l2_clean_t0"] = mean_and_std(*e.rel_l2_clean_t0);
  if (e.rel_l2_encode_decode) metrics["rel_l2_encode_decode"] = mean_and_std(*e.rel_l2_encode_decode);
  if (e.rel_l2_encode_decode_clean)
    metrics["rel_l2_encode_decode_clean"] = mean_and_std(*e.rel_l2_encode_decode_clean);
  metrics["rmse"] = e.rmse;
  metrics["vrmse"] = e.vrmse;
  metrics["nrmse_well"] = e.nrmse_well;
  add_channels(&metrics, "rel_l2_per_channel", e.rel_l2_per_channel);
  add_channels(&metrics, "rel_l2_clean_per_channel", e.rel_l2_clean_per_channel);
  add_channels(&metrics, "rmse_per_channel", e.rmse_per_channel);
  if (e.calibration) {
    const auto& c = *e.calibration;
    metrics["crps_fair"] = c.crps_fair;
    metrics["ssr_adjusted"] = c.ssr_adjusted;
    metrics["energy_score"] = c.energy_score;
    for (const auto& [level, fraction] : c.coverage) metrics["coverage"][std::to_string(level)] = fraction;
    metrics["rank_histogram"] = c.rank_histogram;
    add_channels(&metrics, "crps_fair_per_channel", c.crps_fair_per_channel);
    add_channels(&metrics, "ssr_adjusted_per_channel", c.ssr_adjusted_per_channel);
    for (const auto& [level, fractions] : c.coverage_per_channel)
      metrics["coverage_per_channel"][std::to_string(level)] = fractions;
  }
  metrics["rel_l2_per_time"] = e.rel_l2_per_time;
  if (!e.rel_l2_clean_per_time.empty()) metrics["rel_l2_clean_per_time"] = e.rel_l2_clean_per_time;
  return metrics;
}

Json lead_times_of(const Evaluation& e) {
  Json parts = Json::array();
  for (const LeadTime& part : e.lead_times) {
    Json json = {{"frames", {part.first, part.last}}, {"rel_l2", part.rel_l2}};
    if (e.calibration)
      json.update({{"crps_fair", part.crps_fair},
                   {"ssr_adjusted", part.ssr_adjusted},
                   {"coverage_90", part.coverage_90}});
    parts.push_back(json);
  }
  return parts;
}

}  // namespace

Json reference_row(const Evaluation& e, const Evaluation& model) {
  Json row = {{"rel_l2", mean_and_std(e.rel_l2)}};
  const Difference difference =
      paired_bootstrap(model.rel_l2_per_trajectory, e.rel_l2_per_trajectory, model.starts_per_block);
  row["difference"] = {{"mean", difference.mean}, {"low", difference.low}, {"high", difference.high}};
  if (e.rel_l2_clean) row["rel_l2_clean"] = mean_and_std(*e.rel_l2_clean);
  row["rmse"] = e.rmse;
  add_channels(&row, "rel_l2_per_channel", e.rel_l2_per_channel);
  add_channels(&row, "rmse_per_channel", e.rmse_per_channel);
  return as_read_back(row);
}

int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

Json to_json(const Evaluation& e, const RunFacts& facts) {
  Json document;
  document["schema"] = 1;
  document["case"] = e.case_name;
  document["split"] = e.split;
  document["n_zeta"] = facts.n_zeta;
  document["n_eta"] = facts.n_eta;
  if (!facts.channels.empty()) document["channels"] = facts.channels;
  document["metrics"] = metrics_of(e);
  document["lead_times"] = lead_times_of(e);
  document["cost"] = {{"train_seconds", facts.train_seconds},
                      {"predict_seconds_per_trajectory", e.predict_seconds_per_trajectory},
                      {"nfe_per_trajectory", e.nfe_per_trajectory},
                      {"peak_rss_bytes", facts.peak_rss_bytes},
                      {"parameters", facts.parameters}};
  document["protocol"] = e.protocol.meaning;
  document["setup"] = {{"forecaster", e.forecaster},
                       {"trajectories", e.n_trajectories},
                       {"frames", e.n_frames},
                       {"starts_per_block", e.starts_per_block},
                       {"first_scored_frame", e.protocol.first_frame},
                       {"truth", "noisy observations; rel_l2_clean: clean fields"},
                       {"members", e.members},
                       {"members_left", e.members_left},
                       {"decoder_noise", e.decoder_noise},
                       {"seed", e.seed},
                       {"ensemble_seconds_per_trajectory", e.ensemble_seconds_per_trajectory}};
  for (const auto& [key, value] : document["metrics"].items()) document["formulas"][key] = formula_of(key);
  return as_read_back(document);
}

namespace {

bool is_number_or_null(const Json& value) {
  return value.is_number() || value.is_null();
}

bool all_of(const Json& values, bool (*holds)(const Json&)) {
  return std::all_of(values.begin(), values.end(), holds);
}

// A number, an array of them, or an object of these, as scores are.
bool is_score(const Json& value) {
  if (value.is_object())
    for (const char* number : {"mean", "std", "value"})
      if (value.contains(number) && !is_number_or_null(value[number])) return false;
  if (value.is_structured()) return all_of(value, is_score);
  return is_number_or_null(value);
}

bool is_lead_time(const Json& part) {
  return part.is_object() && part.contains("frames") && part["frames"].is_array() &&
         part["frames"].size() == 2 &&
         all_of(part["frames"], [](const Json& frame) { return frame.is_number_integer(); }) &&
         is_score(part);
}

bool is_difference(const Json& difference) {  // older documents have none
  return difference.is_null() || (difference.is_object() && difference.contains("mean") &&
                                  difference.contains("low") && difference.contains("high"));
}

bool is_reference(const Json& row) {
  return row.is_object() && row.contains("rel_l2") && row["rel_l2"].is_object() &&
         row["rel_l2"].contains("mean") && is_score(row) && is_difference(row.value("difference", Json()));
}

}  // namespace

bool is_evaluation(const Json& d) {
  if (!d.is_object()) return false;
  for (const char* text : {"case", "split", "protocol"})
    if (!d.contains(text) || !d[text].is_string()) return false;
  for (const char* count : {"n_zeta", "n_eta"})
    if (!d.contains(count) || !d[count].is_number_integer()) return false;
  for (const char* scores : {"metrics", "cost"})
    if (!d.contains(scores) || !d[scores].is_object() || !is_score(d[scores])) return false;
  const Json& metrics = d["metrics"];
  if (!metrics.contains("rel_l2") || !metrics["rel_l2"].is_object()) return false;
  for (const auto& [name, value] : metrics.items())
    if (value.is_object() && value.contains("mean") != value.contains("std")) return false;
  if (metrics.contains("coverage_per_channel") && !metrics["coverage_per_channel"].contains("90"))
    return false;
  if (d.contains("channels") &&
      !(d["channels"].is_array() && all_of(d["channels"], [](const Json& name) { return name.is_string(); })))
    return false;
  if (d.contains("lead_times") && !(d["lead_times"].is_array() && all_of(d["lead_times"], is_lead_time)))
    return false;
  return !d.contains("reference") || (d["reference"].is_object() && all_of(d["reference"], is_reference));
}

std::vector<std::string> evaluation_metric_names() {
  Evaluation everything;
  everything.rel_l2_clean.emplace(), everything.rel_l2_clean_t0.emplace();
  everything.rel_l2_encode_decode.emplace(), everything.rel_l2_encode_decode_clean.emplace();
  everything.calibration = Calibration{.coverage = {{50, 0}, {80, 0}, {90, 0}, {95, 0}}};
  return gate_metrics(to_json(everything, {}));
}

}  // namespace msde
