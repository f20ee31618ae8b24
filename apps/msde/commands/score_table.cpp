#include "apps/msde/commands/score_table.hpp"

#include <fmt/format.h>

namespace msde {

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
    return x.is_number() ? fmt::format("{:.4g}", x.get<double>()) : std::string("-");
  };
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) line(name, number(value));
    if (value.is_object() && value.contains("mean"))
      line(name, number(value["mean"]) + " +- " + number(value["std"]));
    if (name == "coverage")
      for (const auto& [level, share] : value.items()) line("coverage " + level + " %", number(share));
  }
  for (const auto& [name, value] : evaluation.at("cost").items()) line(name, number(value));
  return text;
}

}  // namespace msde
