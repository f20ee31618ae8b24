// The comparison as a page for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/eval/comparison.hpp"

namespace msde {
namespace {

std::string number(const nlohmann::ordered_json& value, int digits = 4) {
  return value.is_number() && std::isfinite(value.get<double>()) ? fmt::format("{:.{}f}", value.get<double>(), digits) : "-";
}

// "0.0227 +- 0.0034", and the range over seeds where there are several.
std::string score(const nlohmann::ordered_json& metrics, const char* id) {
  if (!metrics.contains(id)) return "-";
  const auto& value = metrics[id];
  std::string text = number(value["mean"]) + " +- " + number(value["std"]);
  const auto seeds = value["seeds"].get<std::vector<double>>();
  if (seeds.size() > 1) {
    const auto [low, high] = std::minmax_element(seeds.begin(), seeds.end());
    text += fmt::format(" ({:.4f} .. {:.4f})", *low, *high);
  }
  return text;
}

std::string seconds(const nlohmann::ordered_json& value) { return fmt::format("{:.3g}", value.get<double>()); }

std::string table_row(const nlohmann::ordered_json& row) {
  const std::string name = row["name"].get<std::string>(), variant = row["variant"].get<std::string>();
  std::string text = fmt::format("| {} | {} |", name, variant);
  const std::string published =
      row.contains("published") ? number(row["published"]["mean"], 3) + " +- " + number(row["published"]["std"], 3) : "";
  if (!row.contains("metrics")) return text + fmt::format(" {} | | {} | | | | |\n", row["status"].get<std::string>(), published);
  const auto &metrics = row["metrics"], &cost = row["cost"];
  const bool calibrated = metrics.contains("crps_fair");
  text += fmt::format(" {} | {} | {} |", score(metrics, "rel_l2"), score(metrics, "rel_l2_clean"), published);
  text += fmt::format(" {} | {} |", calibrated ? fmt::format("{:.3g}", metrics["crps_fair"]["mean"].get<double>()) : "-",
                      calibrated ? number(metrics["coverage"]["90"], 3) : "-");
  text += fmt::format(" {} | {} |\n", seconds(cost["train_seconds"]), seconds(cost["predict_seconds_per_trajectory"]));
  return text;
}

std::string run_time_table(const nlohmann::ordered_json& points) {
  std::string rows;
  for (const auto& p : points) {
    if (!p.contains("resolution")) continue;
    rows += fmt::format("| {} {} | {} | {} | {} | {} | {} |\n", p["name"].get<std::string>(), p["variant"].get<std::string>(),
                        p["resolution"].get<int64_t>(), p.contains("rel_l2") ? number(p["rel_l2"]) : p["status"].get<std::string>(),
                        p.contains("rel_l2_clean") ? number(p["rel_l2_clean"]) : "-",
                        p.contains("predict_seconds_per_trajectory") ? seconds(p["predict_seconds_per_trajectory"]) : "-",
                        p.contains("nfe_per_trajectory") ? std::to_string(p["nfe_per_trajectory"].get<int64_t>()) : "-");
  }
  if (rows.empty()) return "";
  return "\nA solver that knows the equation, at several resolutions:\n\n"
         "| solver | points | rel_l2 | rel_l2_clean | predict s / trajectory | right-hand sides |\n|---|---|---|---|---|---|\n" + rows;
}

std::string size_table(const nlohmann::ordered_json& choice) {
  std::string text = "\n| n_eta | validation rel_l2 | test rel_l2 | test rel_l2_clean | train s | predict s / trajectory |\n|---|---|---|---|---|---|\n";
  for (const auto& size : choice["sizes"]) {
    if (!size.contains("metrics")) {
      text += fmt::format("| {} | {} | | | | |\n", size["n_eta"].get<int64_t>(), size["status"].get<std::string>());
      continue;
    }
    const auto validation = nlohmann::ordered_json{{"v", size["validation_rel_l2"]}};
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", size["n_eta"].get<int64_t>(), score(validation, "v"),
                        score(size["metrics"], "rel_l2"), score(size["metrics"], "rel_l2_clean"),
                        seconds(size["cost"]["train_seconds"]), seconds(size["cost"]["predict_seconds_per_trajectory"]));
  }
  if (choice.contains("preferred_by_validation"))
    text += fmt::format("\nValidation prefers n_eta = {}.\n", choice["preferred_by_validation"].get<int64_t>());
  return text;
}

// Whether the learned model wins, in plain words.
std::string verdict(const Comparison& c) {
  for (const auto& row : c.rows) {
    if (row.name != "multiscale" || row.outcomes.empty()) continue;
    const auto better = not_beaten_by(row, c.rows);
    if (better.empty()) return "\nmultiscale beats every other row.\n";
    return fmt::format("\nmultiscale does not beat: {}.\n", fmt::join(better, ", "));
  }
  return "";
}

}  // namespace

std::string to_markdown(const Comparison& c) {
  const auto json = to_json(c);
  std::string text = fmt::format("## {}\n\nSplit {}, n_zeta {}, n_eta {}; scored: {}. Data hash {}.\n\n", c.case_name, c.split,
                                 c.n_zeta, c.n_eta, c.protocol, c.data_hash);
  if (!c.rows.empty()) {
    text += "| model | variant | rel_l2 | rel_l2_clean | published | fair CRPS | coverage 90 % | train s | predict s / trajectory |\n"
            "|---|---|---|---|---|---|---|---|---|\n";
    for (const auto& row : json["rows"]) text += table_row(row);
    text += "\nMean +- standard deviation over trajectories, frames and seeds; behind it the range of the means over seeds.\n";
    text += verdict(c) + run_time_table(json["accuracy_against_run_time"]);
  }
  if (json.contains("n_eta_choice")) text += size_table(json["n_eta_choice"]);
  return text + fmt::format("\n`{}`\n", c.command);
}

}  // namespace msde
