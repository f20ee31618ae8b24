// msde config explain [KEY]: every key of the configuration, or one.
#include <fmt/ranges.h>

#include <cmath>
#include <iostream>
#include <memory>

#include "apps/msde/commands/command.hpp"
#include "msde/core/error.hpp"
#include "msde/run/settings.hpp"

namespace msde {
namespace {

void explain(const OptionTable::Option& option) {
  const OptionNotes& notes = option.notes;
  std::cout << option.key << " = " << option.default_value << "  (" << OptionTable::type_name(option);
  if (notes.unit != "-" && notes.unit != "duration") std::cout << ", unit: " << notes.unit;
  if (std::isfinite(notes.min)) {
    std::cout << fmt::format(", {} {}", notes.min_is_exclusive ? "above" : "at least", notes.min);
  }
  if (std::isfinite(notes.max)) std::cout << fmt::format(", at most {}", notes.max);
  if (!notes.choices.empty()) std::cout << fmt::format(", one of: {}", fmt::join(notes.choices, ", "));
  std::cout << ")\n    " << notes.meaning << "\n";
}

// One key, all keys of a section, or everything where `key` is empty.
void explain(const OptionTable& table, const std::string& key) {
  bool found = false;
  for (const auto& option : table.options()) {
    if (key.empty() || option.key == key || option.key.rfind(key + ".", 0) == 0) {
      explain(option);
      found = true;
    }
  }
  if (!found) table.find(key);  // throws with the nearest key
}

}  // namespace

Command add_config_explain(CLI::App& app) {
  auto* config = app.add_subcommand("config", "Explain the configuration")->require_subcommand(1);
  config->footer(examples({"msde config explain", "msde config explain train.lr"}));
  auto* command = config->add_subcommand("explain", "Show type, default, unit and meaning of the keys");
  auto key = std::make_shared<std::string>();
  command->add_option("key", *key, "A key or a section; all keys without it");
  command->footer(examples({"msde config explain                 # every key",
                            "msde config explain train           # one section",
                            "msde config explain model.n_zeta    # one key"}));
  return {command, [key] {
            Settings settings;
            explain(option_table(settings), *key);
          }};
}

}  // namespace msde
