#include "msde/eval/scoring/two_files_report.hpp"

#include <fmt/format.h>

#include <cmath>

namespace msde {
namespace {

using Json = nlohmann::ordered_json;

std::string unit(const Score& score, const ScoreShape& shape) {
  const std::string name = score.row->unit;
  return name == "time" && !shape.times.defined() ? "frames" : name;
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json entry(const Score& score, const ScoreShape& shape) {
  Json json;
  if (!score.histogram.empty()) {
    json["counts"] = score.histogram;
  } else if (score.std) {
    json["mean"] = number(score.value), json["std"] = number(*score.std);
  } else {
    json["value"] = number(score.value);
  }
  if (score.undefined > 0) json["undefined"] = score.undefined;
  for (const double value : score.per_channel) json["per_channel"].push_back(number(value));
  json["formula"] = score.row->formula;
  json["unit"] = unit(score, shape);
  json["best"] = score.row->best;
  if (*score.row->source) json["source"] = score.row->source;
  return json;
}

struct Section {
  const Scores* scores;
  bool clean;
};
std::vector<Section> sections(const FileScores& scores) {
  std::vector<Section> all = {{&scores.scores, false}};
  if (scores.clean) all.push_back({&*scores.clean, true});
  return all;
}

// The id under which a score is reported, "" where it would repeat itself.
std::string name_of(const MetricRow& row, bool clean) {
  if (!clean) return row.id;
  return row.against_truth ? clean_id(row.id) : "";
}

Json kernel_of(const torch::Tensor& spectrum) {  // [C, K]
  Json rows = Json::array();
  for (int64_t c = 0; c < spectrum.size(0); ++c) {
    const auto row = spectrum[c].contiguous();
    rows.push_back(std::vector<double>(row.data_ptr<double>(), row.data_ptr<double>() + row.numel()));
  }
  return rows;
}

Json spectra_of(const FileScores& scores) {
  const auto& s = scores.scores.spectra;
  Json json = {{"wavenumber", scores.wavenumber},
               {"unit", scores.length_known ? "radians per length" : "radians per length of the axis"},
               {"formula",
                "per channel and shell round(abs(k)/dk), dk = 2 pi/max L: sum over its modes of "
                "abs(FFT_s)^2 / n_s^2; mean over b and t. All shells add up to mean_s of the square"},
               {"truth", kernel_of(s.truth)},
               {"prediction", kernel_of(s.prediction)},
               {"error", kernel_of(s.error)}};
  if (s.members.defined()) json["members"] = kernel_of(s.members);
  if (scores.clean) json["truth_clean"] = kernel_of(scores.clean->spectra.truth);
  return json;
}

std::string protocol(const FileScores& scores, const ScoredFiles& files) {
  const auto& shape = scores.shape;
  auto text =
      fmt::format("frames {} to {} of {}", shape.first_frame, shape.frames - 1, files.truth.shape()[1]);
  if (shape.first_frame > 0) text += fmt::format(", frame 0 apart");
  text += fmt::format("; trajectories: {}; ", files.truth.shape()[0]);
  text += shape.members > 0 ? fmt::format("{} members", shape.members) : std::string("no ensemble");
  if (const auto noise = files.prediction.observation_noise(); noise && shape.deviation)
    text +=
        *noise ? " with observation noise" : " without observation noise: calibrated for clean fields only";
  return text;
}

std::string value_text(const Score& score) {
  if (!std::isfinite(score.value)) return std::isnan(score.value) ? "undefined" : "infinite";
  return score.std ? fmt::format("{:.5g} +- {:.3g}", score.value, *score.std)
                   : fmt::format("{:.5g}", score.value);
}

}  // namespace

Json to_json(const FileScores& scores, const ScoredFiles& files) {
  const auto& shape = scores.shape;
  Json json = {{"schema", 1}, {"truth", files.truth.path()}, {"prediction", files.prediction.path()}};
  json["split"] =
      files.truth.kind() == "dataset" || files.prediction.kind() == "dataset" ? Json(files.split) : Json();
  json["metrics"] = Json::object(), json["t0"] = Json::object(), json["per_time"] = Json::object();
  for (const auto& [section, clean] : sections(scores)) {
    for (const auto& score : section->metrics) {
      const auto name = name_of(*score.row, clean);
      if (name.empty()) continue;
      json["metrics"][name] = entry(score, shape);
      for (const double value : score.per_time) json["per_time"][name].push_back(number(value));
    }
    for (const auto& score : section->initial)
      if (const auto name = name_of(*score.row, clean); !name.empty()) json["t0"][name] = number(score.value);
  }
  if (shape.times.defined()) {
    const auto t = shape.times.contiguous();
    json["per_time"]["t"] = std::vector<double>(t.data_ptr<double>(), t.data_ptr<double>() + t.numel());
  }
  json["spectra"] = spectra_of(scores);
  json["protocol"] = protocol(scores, files);
  json["points"] = {{"all", scores.points}, {"scored", scores.scored_points}};
  if (scores.missing_values > 0) json["missing_values"] = scores.missing_values;
  json["setup"] = {{"trajectories", files.truth.shape()[0]},
                   {"frames", shape.frames},
                   {"first_scored_frame", shape.first_frame},
                   {"members", shape.members},
                   {"eps", Divisor{}.eps},
                   {"seed", files.options.seed}};
  return json;
}

std::string score_table(const FileScores& scores, const ScoredFiles& files) {
  const bool clean = scores.clean.has_value();
  auto text = fmt::format("{} against {}: {}\n", files.prediction.path(), files.truth.path(),
                          protocol(scores, files));
  text += fmt::format("  {:<22}{:<24}{}{}\n", "metric", "value",
                      clean ? fmt::format("{:<24}", "clean truth") : "", "unit");
  for (size_t i = 0; i < scores.scores.metrics.size(); ++i) {
    const auto& score = scores.scores.metrics[i];
    if (!score.histogram.empty()) continue;  // in the JSON
    const bool twice = clean && score.row->against_truth;
    text += fmt::format("  {:<22}{:<24}{}{}", score.row->id, value_text(score),
                        clean ? fmt::format("{:<24}", twice ? value_text(scores.clean->metrics[i]) : "") : "",
                        unit(score, scores.shape));
    text += score.undefined > 0 ? fmt::format(", undefined for {} values\n", score.undefined) : "\n";
  }
  return text;
}

std::vector<std::string> score_metric_names(const ScoreShape& shape, bool has_clean) {
  std::vector<std::string> names;
  for (const bool clean : {false, true})
    for (const auto* row : available_metrics(shape)) {
      const auto name = name_of(*row, clean);
      if (name.empty() || (clean && !has_clean) || (!row->reduce && !row->of_trajectories)) continue;
      names.push_back(name);
      if (row->with_std) names.insert(names.end(), {name + ".mean", name + ".std"});
    }
  return names;
}

}  // namespace msde
