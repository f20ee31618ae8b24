#include "msde/run/fingerprint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/files/hash.hpp"
#include "msde/field/formats/find_mask.hpp"

namespace msde {
namespace {

// How the file of the data is seen, where that is not as it is.
std::string view_text(const Settings& settings) {
  Settings copy = settings, defaults;
  const OptionTable table = option_table(copy), usual = option_table(defaults);
  std::string text;
  for (const char* key :
       {"data.split", "data.split_time", "data.channel_weights", "data.noise", "data.seed", "data.subtract",
        "data.crop", "data.boundary", "data.variables", "data.clock", "data.mask", "data.symmetry"}) {
    const auto value = OptionTable::value_as_toml(table.find(key));
    if (value != OptionTable::value_as_toml(usual.find(key))) text += fmt::format("{}={}\n", key, value);
  }
  if (const auto mask = mask_file(settings.data.mask); !mask.empty()) text += hash_file(mask) + "\n";
  return text;
}

}  // namespace

std::string train_fingerprint(const Settings& settings, const std::string& data_hash) {
  Settings copy = settings, defaults;
  std::string text = data_hash + "\n";
  const OptionTable table = option_table(copy), usual = option_table(defaults);
  const auto is_new =
      [&](const OptionTable::Option& option) {  // trainings that are older than it count as before
        const bool added = option.key == "model.position" || option.key == "model.frame" ||
                           option.key == "model.closure" || option.key.rfind("prior.", 0) == 0;
        return added &&
               OptionTable::value_as_toml(option) == OptionTable::value_as_toml(usual.find(option.key));
      };
  for (const auto& option : table.options())
    if (decides_training(option.key) && !is_new(option))
      text += option.key + "=" + OptionTable::value_as_toml(option) + "\n";
  text += view_text(settings);
  if (!settings.init_from.empty()) text += hash_file(RunLayout{settings.init_from}.model_file());
  return hash_text(text);
}

std::string evaluation_key(const RunLayout& run, const Settings& settings, const std::string& data_hash) {
  return hash_text(fmt::format("{} {} {} {} {} {}", hash_file(run.model_file()), data_hash,
                               settings.eval.n_steps, settings.eval.start_every, settings.eval.members,
                               fmt::join(settings.eval.against, ",")) +
                   view_text(settings));
}

}  // namespace msde
