// --fail-if: a bound on a score, for scripts that must stop when a model is not good enough.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace msde {

// METRIC OP NUMBER with OP one of > >= < <=, e.g. "rel_l2>0.03", "coverage.90 < 0.8",
// "cost.train_seconds>240".
struct QualityGate {
  std::string metric;  // a path below "metrics", or below "cost" (if there) with that name in front
  std::string comparison;
  double bound = 0;
};
QualityGate parse_quality_gate(const std::string& text);  // ConfigError

// Every number of the document below "metrics", and below "cost" with that name in front, by its path:
// "coverage.90", "rel_l2" (its mean, or its value), "rel_l2.std", ... NaN for null.
std::map<std::string, double> metric_values(const nlohmann::ordered_json& evaluation);

// Every path of the document that a gate may name, sorted: "coverage.90", "rel_l2" (its mean, or its value),
// "rel_l2.std", ...
std::vector<std::string> gate_metrics(const nlohmann::ordered_json& evaluation);

// ConfigError listing `names` if the gate's metric is not among them: for refusing it before hours of work.
void check_metric_known(const QualityGate& gate, const std::vector<std::string>& names);

// Whether the expression holds, that is, the gate FAILS; also where the score is not finite, whatever the
// comparison. ConfigError listing the valid metrics for an unknown one.
bool quality_gate_fails(const QualityGate& gate, const nlohmann::ordered_json& evaluation);
// QualityGateError with value and bound if it fails.
void check_quality_gate(const QualityGate& gate, const nlohmann::ordered_json& evaluation);

}  // namespace msde
