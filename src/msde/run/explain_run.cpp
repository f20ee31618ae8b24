#include "msde/run/explain_run.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/infer/data/fill_gaps.hpp"
#include "msde/infer/explain.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/run_data.hpp"

namespace msde {
namespace {

using json = nlohmann::ordered_json;

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

}  // namespace

json explain_run(const RunLayout& run, const Settings& settings) {
  auto model = load_model(run.model());
  const auto path = data_of(run, settings);
  if (!std::filesystem::exists(path))
    throw DataError(
        path +
        ": the data that the run was trained on are not there; the manifest of the run says where they were");
  auto data = open_data(settings, path);
  if (data.check_values().of_training > 0)
    data = with_gaps_filled(data, static_cast<uint64_t>(settings.train.elbo.seed));
  const auto e = explain(model, data);
  json j = {{"schema", 1}, {"case", model->spec().case_name}, {"states", e.states}};
  j["learned_share"] = e.learned_share;
  j["prior"] = json();
  if (!e.prior_at.empty()) {
    auto terms = json::array();
    for (const auto& term : e.prior)
      terms.push_back({{"term", term.text},
                       {"candidate", term.is_candidate},
                       {"coefficient", term.coefficient},
                       {"share", term.share},
                       {"learned", term.learned}});
    j["prior"] = {
        {"at", e.prior_at}, {"terms", std::move(terms)}, {"learned_along_terms", e.learned_along_prior}};
  }
  j["macro_drift"] = json::array();
  for (const auto& regression : e.macro) {
    auto terms = json::array();
    for (const auto& term : regression.terms)
      terms.push_back({{"term", term.text}, {"coefficient", term.coefficient}});
    j["macro_drift"].push_back(
        {{"channel", regression.channel}, {"r2", regression.r2}, {"terms", std::move(terms)}});
  }
  j["macro_drift_without_micro"] = number_or_null(e.macro_needs_micro);
  j["micro_drift_without_macro"] = number_or_null(e.micro_needs_macro);
  j["micro_energy"] = number_or_null(e.micro_energy);
  j["micro_inside_macro_range"] = number_or_null(e.micro_inside_macro_range);
  return j;
}

std::string explanation_text(const json& j) {
  std::string text = fmt::format("{}: the drift at {} training snapshots\n", j["case"].get<std::string>(),
                                 j["states"].get<int64_t>());
  const auto percent = [](const json& share) { return fmt::format("{:.3g} %", 100 * share.get<double>()); };
  if (!j["prior"].is_null()) {
    text += fmt::format(
        "prior, at {} fields: coefficient, share of the drift, what the learned part adds along it\n",
        j["prior"]["at"] == "macro" ? "coarse" : "decoded");
    for (const auto& term : j["prior"]["terms"])
      text +=
          fmt::format("  {:<40} {:>12.5g}  {:>8}  {:>12.3g}{}\n", term["term"].get<std::string>(),
                      term["coefficient"].get<double>(), percent(term["share"]),
                      term["learned"].get<double>(), term["candidate"].get<bool>() ? "  (candidate)" : "");
    text += fmt::format("  of the learned part the terms could say    {}\n",
                        percent(j["prior"]["learned_along_terms"]));
  }
  text += fmt::format("learned part of the drift                    {}\n", percent(j["learned_share"]));
  for (const auto& regression : j["macro_drift"]) {
    std::string sum;
    for (const auto& term : regression["terms"])
      sum += fmt::format("{}{:.4g} {}", sum.empty() ? "" : " + ", term["coefficient"].get<double>(),
                         term["term"].get<std::string>());
    text += fmt::format("macro drift of {}, R2 {:.3f}: {}\n", regression["channel"].get<std::string>(),
                        regression["r2"].get<double>(), sum.empty() ? "none of the terms tried" : sum);
  }
  const auto line = [&](const char* key, const char* meaning) {
    if (!j[key].is_null()) text += fmt::format("{:<44} {}\n", meaning, percent(j[key]));
  };
  line("macro_drift_without_micro", "macro drift changes without micro states by");
  line("micro_drift_without_macro", "micro drift changes without macro states by");
  line("micro_energy", "energy of the microscale");
  line("micro_inside_macro_range", "of it where the macroscale could be");
  return text;
}

}  // namespace msde
