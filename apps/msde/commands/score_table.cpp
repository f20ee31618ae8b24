#include "apps/msde/commands/score_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <optional>
#include <vector>

namespace msde {

namespace {

using Json = nlohmann::ordered_json;

// Numbered where their names are not known.
std::string channel_name(const Json& evaluation, size_t c) {
  const bool named = evaluation.contains("channels") && c < evaluation["channels"].size();
  return named ? evaluation["channels"][c].get<std::string>() : std::to_string(c);
}

// "u .016, v .021"
std::string per_channel(const Json& values, const Json& evaluation) {
  std::vector<std::string> text;
  for (size_t c = 0; c < values.size(); ++c) {
    const auto name = channel_name(evaluation, c);
    text.push_back(values[c].is_number() ? fmt::format("{} {:.4g}", name, values[c].get<double>())
                                         : name + " undefined");
  }
  return fmt::format("{}", fmt::join(text, ", "));
}

// How scores grow with the lead time.
std::string lead_time_lines(const Json& evaluation) {
  if (!evaluation.contains("lead_times") || evaluation["lead_times"].empty()) return "";
  std::string text;
  for (const auto& part : evaluation["lead_times"]) {
    text += fmt::format("  {:<32}", fmt::format("frames {} to {}", part["frames"][0].get<int64_t>(),
                                                part["frames"][1].get<int64_t>()));
    std::vector<std::string> scores;
    for (const auto& [name, value] : part.items())
      if (value.is_number()) scores.push_back(fmt::format("{} {:.4g}", name, value.get<double>()));
    text += fmt::format("{}\n", fmt::join(scores, ", "));
  }
  return text;
}

std::string meaning_of(const std::string& reference) {
  return reference == "mean" ? "the training mean" : reference;
}

// Channels in which one of the references is as good, whatever the pooled score says.
std::string channel_lines(const Json& evaluation) {
  constexpr auto kScore = "rel_l2_per_channel";
  const Json& metrics = evaluation["metrics"];
  if (!metrics.contains(kScore)) return "";
  std::string text;
  for (size_t c = 0; c < metrics[kScore].size(); ++c)
    for (const auto& [reference, scores] : evaluation["reference"].items()) {
      const Json own = metrics[kScore][c], other = scores.value(kScore, Json::array())[c];
      if (own.is_number() && other.is_number() && other.get<double>() <= own.get<double>())
        text += fmt::format("channel {}: {} is as good or better: rel_l2 {:.4g}, this model {:.4g}\n",
                            channel_name(evaluation, c), meaning_of(reference), other.get<double>(),
                            own.get<double>());
    }
  return text;
}

// What any forecast must beat, and whether this one does.
std::string reference_lines(const Json& evaluation) {
  if (!evaluation.contains("reference")) return "";
  const auto rel_l2 = [](const Json& scores) {
    const auto& mean = scores["rel_l2"]["mean"];
    return mean.is_number() ? std::optional(mean.get<double>()) : std::nullopt;
  };
  const auto own = rel_l2(evaluation["metrics"]);
  std::string text, best;
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::string> names;
  for (const auto& [name, scores] : evaluation["reference"].items()) {
    const auto error = rel_l2(scores);
    const std::string meaning = meaning_of(name);
    text += fmt::format("  {:<32}{}\n", "rel_l2 of " + meaning,
                        error ? fmt::format("{:.4g}", *error) : "undefined");
    if (!error) continue;
    names.push_back(meaning);
    if (*error < least) least = *error, best = meaning;
  }
  if (!own || best.empty()) return text + "no comparison: rel_l2 is undefined where the truth is zero\n";
  return text +
         (*own < least ? fmt::format("better than {}\n", fmt::join(names, " and "))
                       : fmt::format("{} is as good or better: rel_l2 {:.4g}, this model {:.4g}; see "
                                     "docs/your_data.md\n",
                                     best, least, *own)) +
         channel_lines(evaluation);
}

}  // namespace

std::string score_table(const nlohmann::ordered_json& evaluation) {
  const auto& metrics = evaluation.at("metrics");
  std::string text =
      fmt::format("{}, split {}, n_zeta {}, n_eta {}: {}\n", evaluation.at("case").get<std::string>(),
                  evaluation.at("split").get<std::string>(), evaluation.at("n_zeta").get<int64_t>(),
                  evaluation.at("n_eta").get<int64_t>(), evaluation.at("protocol").get<std::string>());
  auto line = [&](const std::string& name, const std::string& value) {
    text += fmt::format("  {:<32}{}\n", name, value);
  };
  auto number = [](const nlohmann::ordered_json& x) {
    return x.is_number() ? fmt::format("{:.4g}", x.get<double>()) : std::string("undefined");
  };
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number() || value.is_null()) line(name, number(value));
    if (value.is_array() && name.ends_with("_per_channel")) line(name, per_channel(value, evaluation));
    if (value.is_object() && value.contains("mean"))
      line(name, number(value["mean"]) + " +- " + number(value["std"]));
    if (name == "coverage")
      for (const auto& [level, share] : value.items()) line("coverage " + level + " %", number(share));
    if (name == "coverage_per_channel")
      line("coverage 90 % per channel", per_channel(value["90"], evaluation));
  }
  for (const auto& [name, value] : evaluation.at("cost").items()) line(name, number(value));
  return text + lead_time_lines(evaluation) + reference_lines(evaluation);
}

}  // namespace msde
