#include "msde/eval/scoring/quality_gate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "msde/core/error.hpp"

namespace msde {
namespace {

using Json = nlohmann::ordered_json;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// A score that is not finite is null in JSON.
double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

// Numbers below `object`, by dotted path; {"mean", "std"} also answers to its own name with the mean,
// {"value", "formula", ..} only to its own name.
void collect(const Json& object, const std::string& prefix, std::map<std::string, double>* values) {
  for (const auto& [key, value] : object.items()) {
    const auto path = prefix + key;
    if (value.is_number() || value.is_null()) (*values)[path] = number(value);
    if (!value.is_object()) continue;
    if (value.contains("value")) {
      (*values)[path] = number(value["value"]);
      continue;
    }
    if (value.contains("mean")) (*values)[path] = number(value["mean"]);
    collect(value, path + ".", values);
  }
}

double score(const QualityGate& gate, const Json& evaluation) {
  const auto values = metric_values(evaluation);
  check_metric_known(gate, gate_metrics(evaluation));
  return values.at(gate.metric);
}

bool holds(double value, const std::string& comparison, double bound) {
  if (comparison == ">") return value > bound;
  if (comparison == ">=") return value >= bound;
  if (comparison == "<") return value < bound;
  return value <= bound;
}

}  // namespace

QualityGate parse_quality_gate(const std::string& text) {
  const auto bad = [&] {
    return ConfigError("--fail-if: got '" + text + "', expected METRIC OP NUMBER with OP one of > >= < <=, " +
                       "for example 'rel_l2>0.03'");
  };
  const auto at = text.find_first_of("<>");
  if (at == std::string::npos) throw bad();
  const size_t length = at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
  QualityGate gate{trimmed(text.substr(0, at)), text.substr(at, length), 0};
  const auto bound = trimmed(text.substr(at + length));
  const auto [end, error] = std::from_chars(bound.data(), bound.data() + bound.size(), gate.bound);
  constexpr auto name_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
  if (gate.metric.empty() || gate.metric.find_first_not_of(name_characters) != std::string::npos ||
      error != std::errc{} || end != bound.data() + bound.size() || !std::isfinite(gate.bound))
    throw bad();
  return gate;
}

std::map<std::string, double> metric_values(const Json& evaluation) {
  std::map<std::string, double> values;
  collect(evaluation.at("metrics"), "", &values);
  if (evaluation.contains("cost")) collect(evaluation.at("cost"), "cost.", &values);
  return values;
}

std::vector<std::string> gate_metrics(const Json& evaluation) {
  std::vector<std::string> names;
  for (const auto& [name, value] : metric_values(evaluation)) names.push_back(name);
  return names;
}

void check_metric_known(const QualityGate& gate, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), gate.metric) != names.end()) return;
  throw ConfigError(fmt::format("--fail-if: got the unknown metric '{}', expected one of {}", gate.metric,
                                fmt::join(names, ", ")));
}

bool quality_gate_fails(const QualityGate& gate, const Json& evaluation) {
  const double value = score(gate, evaluation);
  return !std::isfinite(value) || holds(value, gate.comparison, gate.bound);
}

void check_quality_gate(const QualityGate& gate, const Json& evaluation) {
  if (!quality_gate_fails(gate, evaluation)) return;
  throw QualityGateError(
      fmt::format("quality gate missed: {} is {:.6g}, and --fail-if asks to fail if it is {} {:.6g}",
                  gate.metric, score(gate, evaluation), gate.comparison, gate.bound));
}

}  // namespace msde
