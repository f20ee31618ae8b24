#include "apps/msde/flags/train_flags.hpp"

#include <optional>

#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/program/local_ranks.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

Existing existing_of(const TrainLine& l, bool continue_a_run) {
  if (l.force) return Existing::replace;
  return l.resume || (continue_a_run && is_run(l.output)) ? Existing::resume : Existing::refuse;
}

std::optional<double> max_seconds_of(const TrainLine& l) {
  if (l.max_time.empty()) return std::nullopt;
  double seconds = 0;
  try {
    seconds = parse_duration(l.max_time).seconds;
  } catch (const ConfigError& error) {
    throw ConfigError(std::string("--max-time: ") + error.what());
  }
  if (seconds <= 0) throw ConfigError("--max-time " + l.max_time + ": expected a positive time");
  return seconds;
}

}  // namespace

int start_all_ranks(const TrainLine& l) {
  start_logging(l.common.quiet, l.common.verbose);
  return run_local_ranks(*l.ranks.ranks, rank_timeout(l.ranks));
}

OpenedRun open_run(const TrainLine& l, bool to_be_evaluated) {
  const RankVariables variables = launched_as(l.ranks);
  const Rendezvous rendezvous = find_rendezvous(l.ranks, variables);
  const Ranks ranks = rendezvous.ranks;
  auto common = l.common;
  if (l.deterministic && common.threads == 0) common.threads = 1;
  common.threads = threads_of_rank(common.threads, ranks, variables);
  common.quiet = common.quiet || !ranks.leads();  // one display for all
  apply(common);
  set_deterministic(l.deterministic);

  auto assignments = l.assignments;
  if (l.seed) assignments.push_back("train.seed=" + std::to_string(*l.seed));
  if (!l.memory.empty()) assignments.push_back("data.memory=" + l.memory);
  if (!l.init_from.empty()) assignments.push_back("train.init_from=" + l.init_from);
  OpenRunRequest request;
  request.folder = l.output;
  request.settings = load_settings(l.configuration, assignments);
  request.existing = existing_of(l, to_be_evaluated);
  request.to_be_evaluated = to_be_evaluated;
  request.rendezvous = rendezvous;
  const auto device = device_of_rank(parse_device(l.device), ranks, variables);
  const auto max_seconds = max_seconds_of(l);
  OpenedRun run = open_run(std::move(request));
  run.training.device = device;
  run.training.max_seconds = max_seconds;
  return run;
}

}  // namespace msde
