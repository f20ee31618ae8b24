#include "apps/msde/flags/train_flags.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/program/local_ranks.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/infer/train.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

// --force removes what a run left in its folder: inputs must not be among it.
void require_outside(const std::string& what, const std::string& input, const std::string& output) {
  namespace fs = std::filesystem;
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

int start_all_ranks(const TrainLine& l) {
  start_logging(l.common.quiet, l.common.verbose);
  return run_local_ranks(*l.ranks.ranks, rank_timeout(l.ranks));
}

OpenedRun open_run(const TrainLine& l, bool whole) {
  const Rendezvous rendezvous = find_rendezvous(l.ranks);
  const Ranks ranks = rendezvous.ranks;
  auto common = l.common;
  if (l.deterministic && common.threads == 0) common.threads = 1;
  common.threads = threads_of_rank(common.threads, ranks);
  common.quiet = common.quiet || !ranks.leads();  // one display for all
  apply(common);
  set_deterministic(l.deterministic);

  OpenedRun run;
  auto assignments = l.assignments;
  if (l.seed) assignments.push_back("train.seed=" + std::to_string(*l.seed));
  if (!l.memory.empty()) assignments.push_back("data.memory=" + l.memory);
  if (!l.init_from.empty()) assignments.push_back("train.init_from=" + l.init_from);
  run.settings = load_settings(l.configuration, assignments);
  require_work_for_all(ranks, run.settings.train);
  run.flags.device = device_of_rank(parse_device(l.device), ranks);
  if (!l.max_time.empty()) {
    try {
      run.flags.max_seconds = parse_duration(l.max_time).seconds;
    } catch (const ConfigError& error) {
      throw ConfigError(std::string("--max-time: ") + error.what());
    }
    if (*run.flags.max_seconds <= 0)
      throw ConfigError("--max-time " + l.max_time + ": expected a positive time");
  }
  run.flags.existing = l.force                                   ? Existing::replace
                       : l.resume || (whole && is_run(l.output)) ? Existing::resume
                                                                 : Existing::refuse;
  const bool continued = run.flags.existing == Existing::resume && is_run(l.output);
  std::string& source = run.settings.init_from;
  if (source.empty() && continued) source = load_settings(RunLayout{l.output}.configuration(), {}).init_from;
  if (!source.empty()) source = std::filesystem::absolute(source).lexically_normal();
  require_source(run.settings);
  std::vector<std::string> splits = {"train", "val"};
  if (whole) splits.push_back("test");
  run.flags.data_are_finite = require_data(run.settings, splits, /*fresh=*/!continued);
  if (l.force) {
    require_outside("data.path", run.settings.data.path, l.output);
    require_outside("--init-from", source, l.output);
  }
  run.layout = RunLayout{l.output};
  run.flags.group = RankedGroup(rendezvous);
  require_same_settings(run.settings, run.flags.group);
  run.flags.group.together([&] {
    if (ranks.leads())
      run.directory = std::make_unique<RunDirectory>(l.output, run.settings, run.flags.existing);
  });
  return run;
}

}  // namespace msde
