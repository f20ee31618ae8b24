#include "apps/msde/flags/rank_variables.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <sstream>

#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr int64_t kMostRanks = 4096, kAnyNumber = std::numeric_limits<int64_t>::max();

std::string value_of(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<int64_t> whole(const std::string& text) {
  int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last || value < 0) return std::nullopt;
  return value;
}

// Of the first of `names` that is set.
struct Found {
  std::string name;
  std::optional<int64_t> value;
};
Found find(std::initializer_list<const char*> names, int64_t least, int64_t most) {
  for (const char* name : names) {
    const std::string text = value_of(name);
    if (text.empty()) continue;
    const auto value = whole(text);
    if (!value || *value < least || *value > most)
      throw ConfigError(
          fmt::format("environment variable {} = {}: expected a whole number {}", name, text,
                      most == kAnyNumber ? "from 0 on" : fmt::format("of {}..{}", least, most)));
    return {name, value};
  }
  return {*names.begin(), std::nullopt};
}

[[noreturn]] void contradict(const std::string& one, int64_t its, const std::string& other, int64_t others) {
  throw ConfigError(
      fmt::format("environment variables {} = {} and {} = {} contradict each other; correct the "
                  "launcher, or say --ranks, --rank and --rendezvous",
                  one, its, other, others));
}

void require_below(const Found& rank, const Found& size) {
  if (rank.value && size.value && *rank.value >= *size.value)
    contradict(rank.name, *rank.value, size.name, *size.value);
}

void take(RankVariables& v, const Found& rank, const Found& size, const Found& local_rank,
          const Found& local_size) {
  require_below(rank, size);
  require_below(local_rank, local_size);
  if (local_rank.value && rank.value && *local_rank.value > *rank.value)
    contradict(local_rank.name, *local_rank.value, rank.name, *rank.value);
  if (local_size.value && size.value && *local_size.value > *size.value)
    contradict(local_size.name, *local_size.value, size.name, *size.value);
  v.rank = rank.value, v.size = size.value;
  v.local_rank = local_rank.value, v.local_size = local_size.value;
  v.name_of_rank = rank.name, v.name_of_size = size.name;
}

void take_address(RankVariables& v) {
  const std::string host = value_of("MASTER_ADDR");
  if (host.find_first_of(" \t/[]") != std::string::npos)
    throw ConfigError(fmt::format(
        "environment variable MASTER_ADDR = {}: expected the name or address of a machine", host));
  if (!host.empty()) v.hosts = {host};
  v.port = find({"MASTER_PORT"}, 1, 65535).value;
  // torchrun's agent listens at MASTER_PORT itself then.
  if (v.port && value_of("TORCHELASTIC_USE_AGENT_STORE") == "True")
    v.port = *v.port < 65535 ? *v.port + 1 : 1024;
}

void take_sockets(RankVariables& v) {
  std::istringstream numbers(value_of("MSDE_RANK_SOCKETS"));
  for (std::string number; std::getline(numbers, number, ',');) {
    const auto socket = whole(number);
    if (!socket || *socket > std::numeric_limits<int>::max())
      throw ConfigError("MSDE_RANK_SOCKETS: is set by msde itself; unset it");
    v.sockets.push_back(static_cast<int>(*socket));
  }
}

void take_pytorch(RankVariables& v) {
  v.launcher = RankVariables::Launcher::pytorch;
  take(v, find({"RANK"}, 0, kMostRanks - 1), find({"WORLD_SIZE"}, 1, kMostRanks),
       find({"LOCAL_RANK"}, 0, kMostRanks - 1), find({"LOCAL_WORLD_SIZE"}, 1, kMostRanks));
  take_sockets(v);
  if (!v.sockets.empty()) {
    v.launcher = RankVariables::Launcher::msde;
    return;
  }
  take_address(v);
  v.job = value_of("TORCHELASTIC_RUN_ID") + " " + value_of("TORCHELASTIC_RESTART_COUNT");
}

// A script of sbatch has SLURM_PROCID and SLURM_NTASKS, too, but is one process: what srun starts is a step.
bool is_batch_script() {
  for (const char* of_a_step : {"SLURM_STEP_ID", "SLURM_STEPID", "SLURM_STEP_NUM_TASKS",
                                "SLURM_STEP_NODELIST", "SLURM_LAUNCH_NODE_IPADDR"})
    if (!value_of(of_a_step).empty()) return false;
  return value_of("ENVIRONMENT") == "BATCH";
}

void take_slurm(RankVariables& v) {
  const Found rank = find({"SLURM_PROCID"}, 0, kMostRanks - 1);
  const Found size = find({"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_NPROCS"}, 1, kMostRanks);
  if (!size.value && *rank.value == 0) return;  // no number of tasks was asked for
  if (!size.value)
    throw ConfigError(fmt::format(
        "environment variable SLURM_PROCID = {}: SLURM_NTASKS is missing; start the ranks with srun",
        *rank.value));
  v.launcher = RankVariables::Launcher::slurm;
  const Found node = find({"SLURM_NODEID"}, 0, kAnyNumber);
  const Found nodes = find({"SLURM_STEP_NUM_NODES", "SLURM_NNODES", "SLURM_JOB_NUM_NODES"}, 1, kAnyNumber);
  Found local_size = {"SLURM_STEP_TASKS_PER_NODE",
                      tasks_of_node(value_of("SLURM_STEP_TASKS_PER_NODE"), node.value.value_or(0))};
  if (nodes.value == 1) local_size = size;
  take(v, rank, size, find({"SLURM_LOCALID"}, 0, kMostRanks - 1), local_size);
  // Where srun runs is mostly the first node; from a login node it is not, and nobody listens there.
  const std::string nodes_of_step = value_of("SLURM_STEP_NODELIST");
  for (const auto& host :
       {value_of("SLURM_LAUNCH_NODE_IPADDR"),
        first_node(nodes_of_step.empty() ? value_of("SLURM_JOB_NODELIST") : nodes_of_step)})
    if (!host.empty()) v.hosts.push_back(host);
  const int64_t job = find({"SLURM_JOB_ID", "SLURM_JOBID"}, 0, kAnyNumber).value.value_or(0);
  const int64_t step = find({"SLURM_STEP_ID", "SLURM_STEPID"}, 0, kAnyNumber).value.value_or(0);
  constexpr int64_t kFirstPort = 20000, kPorts = 12000;  // below those that systems give away
  const int64_t port = kFirstPort + (job % kPorts * 31 + step % kPorts) % kPorts;
  const auto hosts = v.hosts;
  take_address(v);
  if (v.hosts.empty()) v.hosts = hosts;
  if (!v.port) v.port = port;
  v.processors = find({"SLURM_CPUS_PER_TASK"}, 1, kAnyNumber).value;
  v.job = fmt::format("{} {}", job, step);
}

}  // namespace

RankVariables read_rank_variables() {
  RankVariables v;
  if (!value_of("RANK").empty() || !value_of("WORLD_SIZE").empty())
    take_pytorch(v);
  else if (!value_of("SLURM_PROCID").empty() && !is_batch_script())
    take_slurm(v);
  return v;
}

std::string first_node(const std::string& list) {
  std::string name;
  for (size_t i = 0; i < list.size() && list[i] != ','; ++i) {
    if (list[i] != '[') {
      name += list[i];
      continue;
    }
    const size_t end = list.find(']', i), first_ends = list.find_first_of(",-]", i);
    if (end == std::string::npos) return "";
    name += list.substr(i + 1, first_ends - i - 1);
    i = end;
  }
  return name;
}

std::optional<int64_t> tasks_of_node(const std::string& text, int64_t index) {
  std::istringstream groups(text);
  for (std::string group; std::getline(groups, group, ',');) {
    const size_t times = group.find("(x");
    const auto tasks = whole(group.substr(0, times));
    const auto nodes = times == std::string::npos || group.back() != ')'
                           ? std::optional<int64_t>(1)
                           : whole(group.substr(times + 2, group.size() - times - 3));
    if (!tasks || !nodes) return std::nullopt;
    if (index < *nodes) return tasks;
    index -= *nodes;
  }
  return std::nullopt;
}

}  // namespace msde
