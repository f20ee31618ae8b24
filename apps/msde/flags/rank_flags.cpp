#include "apps/msde/flags/rank_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "msde/core/error.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<int64_t> number(const char* name) {
  const std::string text = variable(name);
  if (text.empty()) return std::nullopt;
  int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || value < 0)
    throw ConfigError(
        fmt::format("environment variable {} = {}: expected a whole number from 0 on", name, text));
  return value;
}

}  // namespace

double rank_timeout(const RankFlags& f) {
  double seconds = 0;
  try {
    seconds = parse_duration(f.timeout).seconds;
  } catch (const ConfigError& error) {
    throw ConfigError(std::string("--rank-timeout: ") + error.what());
  }
  if (seconds < 1 || seconds > 86400 * 7)
    throw ConfigError("--rank-timeout " + f.timeout + ": expected 1s to 168h");
  return seconds;
}

Rendezvous find_rendezvous(const RankFlags& f) {
  Rendezvous r;
  r.timeout_seconds = rank_timeout(f);
  const auto ranks = f.ranks ? f.ranks : number("WORLD_SIZE");
  if (!ranks && (f.rank || !f.rendezvous.empty()))
    throw ConfigError(
        "--rank and --rendezvous belong to --ranks, which is missing; give the number of processes");
  if (ranks.value_or(1) <= 1) {
    if (f.rank.value_or(0) > 0)
      throw ConfigError(
          fmt::format("--rank {}: got --ranks {}, expected more than {}", *f.rank, *ranks, *f.rank));
    return r;
  }
  const auto rank = f.rank ? f.rank : number("RANK");
  if (!rank)
    throw ConfigError(fmt::format(
        "--ranks {}: which of them this is, is missing; give --rank 0..{}, or set RANK", *ranks, *ranks - 1));
  if (*rank >= *ranks)
    throw ConfigError(
        fmt::format("--rank {}: got --ranks {}, expected a rank of 0..{}", *rank, *ranks, *ranks - 1));
  r.ranks = {*rank, *ranks};
  std::string address = f.rendezvous;
  if (address.empty()) {
    const auto host = variable("MASTER_ADDR"), port = variable("MASTER_PORT");
    if (host.empty() || port.empty())
      throw ConfigError(
          fmt::format("--rank {} of {}: where the ranks meet is missing; give every rank the same "
                      "--rendezvous tcp://HOST:PORT, HOST the machine of rank 0",
                      *rank, *ranks));
    address = "tcp://" + host + ":" + port;
  }
  set_address(r, address);
  return r;
}

bool starts_all_ranks(const RankFlags& f) {
  return f.ranks.value_or(1) > 1 && !f.rank && f.rendezvous.empty() && !number("RANK");
}

int64_t threads_of_rank(int64_t threads, const Ranks& ranks) {
  const auto here = number("LOCAL_WORLD_SIZE"), me = number("LOCAL_RANK");
  if (ranks.alone() || !here || !me || *here < 1) return threads;
  const int64_t all = threads == 0 ? available_processors() : threads;
  return std::max<int64_t>(1, Ranks{*me, *here}.share(all).count);
}

torch::Device device_of_rank(torch::Device device, const Ranks& ranks) {
  if (ranks.alone() || !device.is_cuda()) return device;
  const auto index = number("LOCAL_RANK").value_or(0) % static_cast<int64_t>(torch::cuda::device_count());
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace msde
