#include "msde/run/open_run.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/infer/train.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/options_for_grid.hpp"
#include "msde/run/run_data.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// Existing::replace removes what a run left in its folder: inputs must not be among it.
void require_outside(const std::string& what, const std::string& input, const std::string& output) {
  if (input.empty() || !fs::exists(output)) return;
  const std::string inside = fs::weakly_canonical(output).string() + "/";
  if ((fs::weakly_canonical(input).string() + "/").rfind(inside, 0) == 0)
    throw ConfigError(what + " = " + input + ": lies in " + output +
                      ", which --force clears; choose another folder for -o");
}

// Every rank computes with its own configuration, so they must be one.
void require_same_settings(const Settings& settings, const RankedGroup& group) {
  Settings copy = settings;
  std::string text;
  const OptionTable table = option_table(copy);
  for (const auto& option : table.options())
    text += option.key + " = " + OptionTable::value_as_toml(option) + "\n";
  std::istringstream mine(text), theirs(group.broadcast(text));
  group.together([&] {
    for (std::string got, expected; std::getline(mine, got) && std::getline(theirs, expected);) {
      const std::string key = got.substr(0, got.find(' '));
      const bool of_its_own = key == "data.path" || key == "data.memory";
      if (got != expected && (decides_training(key) || (key.rfind("data.", 0) == 0 && !of_its_own)))
        throw ConfigError(fmt::format("{}, but rank 0 has {}; start every rank with the same configuration",
                                      got, expected.substr(key.size() + 3)));
    }
  });
}

}  // namespace

void require_source(const Settings& settings) {
  if (settings.init_from.empty()) return;
  const RunLayout source = find_run(settings.init_from);
  if (!fs::exists(source.model_file()))
    throw DataError(source.root + ": holds no trained model to start from");
  if (load_settings(source.configuration(), {}).data.channel_weights != settings.data.channel_weights)
    throw ConfigError("data.channel_weights: are others than those of " + source.root +
                      ", whose weights training starts from; use the same");
  const ModelSpec spec = load_model(source.model())->spec();
  ModelOptions theirs = spec.options, ours = with_preset(settings.model);
  if (ours.n_zeta == theirs.n_zeta)  // as training does
    ours = options_for_grid(ours, spec.grid);
  if (ours.frame == "preset") ours.frame = theirs.frame;  // training would choose it
  OptionTable has, asked;
  describe(has, theirs);
  describe(asked, ours);
  for (size_t i = 0; i < has.options().size(); ++i) {
    const auto got = OptionTable::value_as_toml(has.options()[i]),
               wanted = OptionTable::value_as_toml(asked.options()[i]);
    if (got != wanted)
      throw ConfigError(fmt::format("{}: its model was trained with {} = {}, this configuration asks for {}",
                                    source.root, has.options()[i].key, got, wanted));
  }
}

OpenedRun open_run(OpenRunRequest request) {
  OpenedRun run;
  run.layout = RunLayout{request.folder};
  run.settings = std::move(request.settings);
  run.training.existing = request.existing;
  require_work_for_all(request.rendezvous.ranks, run.settings.train);
  const bool continued = request.existing == Existing::resume && is_run(request.folder);
  std::string& source = run.settings.init_from;
  const Settings before = continued ? load_settings(run.layout.configuration(), {}) : Settings{};
  if (source.empty() && continued) source = before.init_from;
  if (!source.empty()) source = fs::absolute(source).lexically_normal();
  std::string& data = run.settings.data.path;
  data = settled_data_path(data, before.data.path);
  run.settings.data.mask = settled_mask(run.settings.data.mask);
  require_source(run.settings);
  std::vector<std::string> splits = {"train", "val"};
  if (request.to_be_evaluated) splits.push_back("test");
  run.training.no_value_is_missing = require_data(run.settings, splits, /*fresh=*/!continued);
  if (request.existing == Existing::replace) {
    require_outside("data.path", run.settings.data.path, request.folder);
    require_outside("--init-from", source, request.folder);
  }
  run.training.group = RankedGroup(request.rendezvous);
  require_same_settings(run.settings, run.training.group);
  run.training.group.together([&] {
    if (run.training.group.leads())
      run.directory = std::make_unique<RunDirectory>(request.folder, run.settings, request.existing);
  });
  return run;
}

}  // namespace msde
