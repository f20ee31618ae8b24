#include "apps/msde/commands/score_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <utility>
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
  if (reference == "mean") return "the training mean";
  if (reference == "climatology") return "the monthly climatology";
  return reference;
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

// How the model's rel_l2 stands against another's, by the paired bootstrap over test forecasts, or, where these are too
// few, by its value.
enum class Verdict { better, not_separable, worse, below, not_below };

struct Compared {
  Verdict verdict;
  std::string text;  // "better: -0.021 (-0.027 .. -0.016)"
};

Compared compared(double own, double other, const Json& difference) {
  const bool known =
      difference.is_object() && difference["low"].is_number() && difference["high"].is_number();
  if (!known) return {own < other ? Verdict::below : Verdict::not_below, fmt::format("{:+.2g}", own - other)};
  const double low = difference["low"].get<double>(), high = difference["high"].get<double>();
  const auto [verdict, word] = high < 0  ? std::pair(Verdict::better, "better")
                               : low > 0 ? std::pair(Verdict::worse, "worse")
                                         : std::pair(Verdict::not_separable, "not separable");
  return {verdict, fmt::format("{}: {:+.2g} ({:+.2g} .. {:+.2g})", word, own - other, low, high)};
}

// What the numbers behind an error are.
std::string meaning_of_differences(const Json& evaluation, bool too_few) {
  const Json setup = evaluation.value("setup", Json::object());
  const auto count = [&](const char* key) {
    return setup.contains(key) && setup[key].is_number_integer() ? setup[key].get<int64_t>() : 1;
  };
  const int64_t forecasts = count("trajectories"), block = count("starts_per_block");
  const std::string which = (forecasts == 1 ? "one forecast" : fmt::format("{} forecasts", forecasts)) +
                            (block > 1 ? fmt::format(", blocks of {} of which overlap", block) : "");
  return too_few
             ? fmt::format(
                   "  (this model's less it; {}: too few to tell it from chance, see eval.start_every)\n",
                   which)
             : fmt::format("  (this model's less it, and the 95 % interval of a paired bootstrap over {})\n",
                           which);
}

std::string listed(const std::vector<std::string>& names) {
  const auto last = names.end() - 1;
  return names.size() == 1 ? *last : fmt::format("{} and {}", fmt::join(names.begin(), last, ", "), *last);
}

// "better than A and B; not separable from C"
std::string summary(const std::vector<std::pair<std::string, Verdict>>& verdicts) {
  const std::pair<Verdict, const char*> phrases[] = {{Verdict::better, "better than"},
                                                     {Verdict::below, "below"},
                                                     {Verdict::not_separable, "not separable from"},
                                                     {Verdict::not_below, "not below"},
                                                     {Verdict::worse, "worse than"}};
  std::vector<std::string> parts;
  for (const auto& [verdict, phrase] : phrases) {
    std::vector<std::string> names;
    for (const auto& [name, found] : verdicts)
      if (found == verdict) names.push_back(name);
    if (!names.empty()) parts.push_back(fmt::format("{} {}", phrase, listed(names)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

// What any forecast must beat, and whether this one does.
std::string reference_lines(const Json& evaluation) {
  if (!evaluation.contains("reference")) return "";
  const auto rel_l2 = [](const Json& scores) {
    const auto& mean = scores["rel_l2"]["mean"];
    return mean.is_number() ? std::optional(mean.get<double>()) : std::nullopt;
  };
  const auto own = rel_l2(evaluation["metrics"]);
  std::string text;
  std::vector<std::pair<std::string, Verdict>> verdicts;
  bool is_least = true, too_few = false;
  for (const auto& [name, scores] : evaluation["reference"].items()) {
    const auto error = rel_l2(scores);
    const std::string meaning = meaning_of(name);
    text += fmt::format("  {:<36}{}", "rel_l2 of " + meaning,
                        error ? fmt::format("{:.4g}", *error) : "undefined");
    if (error && own) {
      const auto found = compared(*own, *error, scores.value("difference", Json()));
      text += "  " + found.text;
      verdicts.emplace_back(meaning, found.verdict);
      is_least = is_least && *own < *error;
      too_few = too_few || found.verdict == Verdict::below || found.verdict == Verdict::not_below;
    }
    text += "\n";
  }
  if (verdicts.empty()) return text + "no comparison: rel_l2 is undefined where the truth is zero\n";
  return text + meaning_of_differences(evaluation, too_few) + summary(verdicts) +
         (is_least ? "\n" : "; see docs/your_data.md\n") + channel_lines(evaluation);
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
