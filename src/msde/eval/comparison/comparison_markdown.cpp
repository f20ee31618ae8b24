// The comparison as a page for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "msde/eval/comparison/comparison.hpp"

namespace msde {
namespace {

// Four decimals, and more where these would hide the value: 0.0227, 0.00031.
std::string number(const nlohmann::ordered_json& value) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) return "-";
  const double x = value.get<double>();
  return x == 0 || std::abs(x) >= .001 ? fmt::format("{:.4f}", x) : fmt::format("{:.2g}", x);
}

// "0.0227 +- 0.0034", and the range over seeds where there are several.
std::string score(const nlohmann::ordered_json& metrics, const char* id) {
  if (!metrics.contains(id)) return "-";
  const auto& value = metrics[id];
  std::string text = number(value["mean"]) + " +- " + number(value["std"]);
  const auto seeds = value["seeds"].get<std::vector<double>>();
  if (seeds.size() > 1) {
    const auto [low, high] = std::minmax_element(seeds.begin(), seeds.end());
    text += " (" + number(*low) + " .. " + number(*high) + ")";
  }
  return text;
}

std::string seconds(const nlohmann::ordered_json& value) {
  return fmt::format("{:.3g}", value.get<double>());
}

std::string table_row(const nlohmann::ordered_json& row) {
  const std::string name = row["name"].get<std::string>(), variant = row["variant"].get<std::string>();
  std::string text = fmt::format("| {} | {} |", name, variant);
  const std::string published =
      row.contains("published") ? number(row["published"]["mean"]) + " +- " + number(row["published"]["std"])
                                : "";
  if (!row.contains("metrics"))
    return text + fmt::format(" {} | | {} | | | | |\n", row["status"].get<std::string>(), published);
  const auto &metrics = row["metrics"], &cost = row["cost"];
  if (row["status"] != "ok") text += " " + row["status"].get<std::string>() + "; of the others:";
  const bool calibrated = metrics.contains("crps_fair");
  text += fmt::format(" {} | {} | {} |", score(metrics, "rel_l2"), score(metrics, "rel_l2_clean"), published);
  text += fmt::format(" {} | {} |",
                      calibrated ? fmt::format("{:.3g}", metrics["crps_fair"]["mean"].get<double>()) : "-",
                      calibrated ? number(metrics["coverage"]["90"]) : "-");
  text += fmt::format(" {} | {} |\n", seconds(cost["train_seconds"]),
                      seconds(cost["predict_seconds_per_trajectory"]));
  if (!metrics.contains("rel_l2_encode_decode")) return text;
  const auto alone = [&](const char* what, const char* noisy, const char* clean) {
    text += fmt::format("| {} | encoding and decoding alone, {} | {} | {} | | | | | |\n", name, what,
                        score(metrics, noisy), score(metrics, clean));
  };
  alone("first frames", "rel_l2_t0", "rel_l2_clean_t0");
  alone("all frames", "rel_l2_encode_decode", "rel_l2_encode_decode_clean");
  return text;
}

std::string run_time_table(const nlohmann::ordered_json& points) {
  std::string rows;
  for (const auto& p : points) {
    if (!p.contains("resolution")) continue;
    rows += fmt::format(
        "| {} {} | {} | {} | {} | {} | {} |\n", p["name"].get<std::string>(), p["variant"].get<std::string>(),
        p["resolution"].get<int64_t>(),
        p.contains("rel_l2") ? number(p["rel_l2"]) : p["status"].get<std::string>(),
        p.contains("rel_l2_clean") ? number(p["rel_l2_clean"]) : "-",
        p.contains("predict_seconds_per_trajectory") ? seconds(p["predict_seconds_per_trajectory"]) : "-",
        p.contains("nfe_per_trajectory") ? std::to_string(p["nfe_per_trajectory"].get<int64_t>()) : "-");
  }
  if (rows.empty()) return "";
  return "\nA solver that knows the equation, at several resolutions:\n\n"
         "| solver | points | rel_l2 | rel_l2_clean | predict s / trajectory | right-hand sides "
         "|\n|---|---|---|---|---|---|\n" +
         rows;
}

std::string size_table(const nlohmann::ordered_json& choice, const std::string& split) {
  std::string text = fmt::format(
      "\n| n_eta | validation rel_l2 | {0} rel_l2 | {0} rel_l2_clean | train s | predict s / trajectory |\n",
      split);
  text += "|---|---|---|---|---|---|\n";
  for (const auto& size : choice["sizes"]) {
    if (!size.contains("metrics") || size["status"] != "ok") {
      text += fmt::format("| {} | {} | | | | |\n", size["n_eta"].get<int64_t>(),
                          size["status"].get<std::string>());
      continue;
    }
    nlohmann::ordered_json validation;
    if (!size["validation_rel_l2"].is_null()) validation["v"] = size["validation_rel_l2"];
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", size["n_eta"].get<int64_t>(),
                        score(validation, "v"), score(size["metrics"], "rel_l2"),
                        score(size["metrics"], "rel_l2_clean"), seconds(size["cost"]["train_seconds"]),
                        seconds(size["cost"]["predict_seconds_per_trajectory"]));
  }
  if (choice.contains("preferred_by_validation"))
    text +=
        fmt::format("\nValidation prefers n_eta = {}.\n", choice["preferred_by_validation"].get<int64_t>());
  return text;
}

// Who wins by one metric, in plain words.
std::string verdict(const std::vector<Standing>& all, const std::string& metric,
                    const std::function<std::optional<Difference>(const Standing&)>& difference_of) {
  std::vector<std::string> beaten, even, better;
  for (const auto& standing : all) {
    const auto d = difference_of(standing);
    if (!d) continue;
    (!d->separable() ? even : d->mean < 0 ? beaten : better).push_back(standing.row);
  }
  if (beaten.empty() && even.empty() && better.empty()) return "";
  std::string text = fmt::format("\nBy {}, multiscale beats {}", metric,
                                 beaten.empty() ? "no row" : fmt::format("{}", fmt::join(beaten, ", ")));
  if (!even.empty()) text += fmt::format("; is not separable from {}", fmt::join(even, ", "));
  if (!better.empty()) text += fmt::format("; does not beat {}", fmt::join(better, ", "));
  return text + ".\n";
}

// What the intervals can say of few or overlapping forecasts.
std::string resampled(const Evaluation& e) {
  const int64_t N = e.n_trajectories, block = e.starts_per_block;
  if (N == 1) return " One test forecast is too few to separate anything: let more start (eval.start_every).";
  if (N < 2 * block)
    return fmt::format(" {} test forecasts that overlap in time are too few to separate anything.", N);
  return block > 1 ? fmt::format(" Blocks of {} starts that overlap in time are resampled together.", block)
                   : "";
}

std::string verdicts(const Comparison& c) {
  std::string text;
  for (const auto& row : c.rows) {
    if (row.name != "multiscale") continue;
    const auto all = standings(row, c.rows);
    text += verdict(all, "rel_l2", [](const Standing& s) { return std::optional(s.rel_l2); });
    text += verdict(all, "rel_l2_clean", [](const Standing& s) { return s.rel_l2_clean; });
    if (!text.empty())
      text +=
          "\nBeaten: the 95 % interval of the difference, bootstrapped over trajectories in pairs, lies "
          "below zero." +
          resampled(row.outcomes[0].evaluation) + "\n";
  }
  std::vector<std::string> failed;
  for (const auto& row : c.rows)
    if (!is_whole(row)) failed.push_back(row.name + (row.variant.empty() ? "" : " (" + row.variant + ")"));
  if (!failed.empty())
    text += fmt::format("\nNot compared, since they failed in part or whole: {}.\n", fmt::join(failed, ", "));
  if (c.split != "test")
    text += fmt::format("\nSplit {} was used to choose and to fit: these are no test scores.\n", c.split);
  return text;
}

}  // namespace

std::string to_markdown(const Comparison& c) {
  const auto json = to_json(c);
  std::string text = fmt::format("## {}\n\nSplit {}, n_zeta {}, n_eta {}; scored: {}. Data hash {}.\n\n",
                                 c.case_name, c.split, c.n_zeta, c.n_eta, c.protocol, c.data_hash);
  if (!c.rows.empty()) {
    text +=
        "| model | variant | rel_l2 | rel_l2_clean | published | fair CRPS | coverage 90 % | train s | "
        "predict s / trajectory |\n"
        "|---|---|---|---|---|---|---|---|---|\n";
    for (const auto& row : json["rows"]) text += table_row(row);
    text +=
        "\nMean +- standard deviation over trajectories, frames and seeds; behind it the range of the means "
        "over seeds.\n";
    text += verdicts(c) + run_time_table(json["accuracy_against_run_time"]);
  }
  if (json.contains("n_eta_choice")) text += size_table(json["n_eta_choice"], c.split);
  return text + fmt::format("\n`{}`\n", c.command);
}

}  // namespace msde
