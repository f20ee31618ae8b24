#include "apps/msde/flags/rank_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/msde/flags/rank_secret.hpp"
#include "msde/core/error.hpp"
#include "msde/core/network/sha256.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

using Launcher = RankVariables::Launcher;

void require_agreement(const RankFlags& f, const RankVariables& v) {
  if (v.rank && !v.size && !f.ranks)
    throw ConfigError(
        fmt::format("environment variable {} = {}: {} is missing; set both, or unset it, or give "
                    "--ranks 1",
                    v.name_of_rank, *v.rank, v.name_of_size));
  if (f.ranks && !f.rank && v.rank && v.size && *f.ranks != *v.size)
    throw ConfigError(
        fmt::format("--ranks {}: the environment variable {} = {} contradicts it; leave the flag "
                    "out, or correct the launcher",
                    *f.ranks, v.name_of_size, *v.size));
}

// Names the socket of this group of ranks among those of this user.
std::string file_of(const RankVariables& v) {
  return hexadecimal(
             sha256(fmt::format("{} {} {} {}", fmt::join(v.hosts, " "), v.port.value_or(0), *v.size, v.job)))
      .substr(0, 16);
}

void find_address(Rendezvous& r, const RankFlags& f, const RankVariables& v) {
  r.secret = read_rank_secret(f.secret_file);
  if (!f.rendezvous.empty()) {
    set_address(r, f.rendezvous);
  } else if (v.hosts.empty() || !v.port) {
    throw ConfigError(
        fmt::format("--rank {} of {}: where the ranks meet is missing; give every rank the same "
                    "--rendezvous tcp://HOST:PORT, HOST the machine of rank 0, or MASTER_ADDR and "
                    "MASTER_PORT",
                    r.ranks.rank, r.ranks.size));
  } else if (v.on_one_machine()) {
    r.file = file_of(v);
    return;
  } else {
    r.hosts = v.hosts, r.port = *v.port;
  }
  if (r.secret.empty())
    throw ConfigError(
        fmt::format("{}: the secret of the ranks is missing; make one with `(umask 077; head -c 32 "
                    "/dev/urandom | base64 > rank.secret)` and give every rank --rank-secret "
                    "rank.secret, or its text in MSDE_RANK_SECRET",
                    r.where()));
}

}  // namespace

RankVariables launched_as(const RankFlags& f) {
  const bool all_is_said = f.ranks && (*f.ranks == 1 || (f.rank && !f.rendezvous.empty()));
  return all_is_said ? RankVariables{} : read_rank_variables();
}

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

Rendezvous find_rendezvous(const RankFlags& f, const RankVariables& v) {
  Rendezvous r;
  r.timeout_seconds = rank_timeout(f);
  require_agreement(f, v);
  const auto ranks = f.ranks ? f.ranks : v.size;
  if (!ranks && (f.rank || !f.rendezvous.empty()))
    throw ConfigError(
        "--rank and --rendezvous belong to --ranks, which is missing; give the number of processes");
  if (ranks.value_or(1) <= 1) {
    if (f.rank.value_or(0) > 0)
      throw ConfigError(
          fmt::format("--rank {}: got --ranks {}, expected more than {}", *f.rank, *ranks, *f.rank));
    return r;
  }
  const auto rank = f.rank ? f.rank : v.rank;
  if (!rank)
    throw ConfigError(fmt::format(
        "--ranks {}: which of them this is, is missing; give --rank 0..{}, or set RANK", *ranks, *ranks - 1));
  if (*rank >= *ranks)
    throw ConfigError(
        fmt::format("--rank {}: got --ranks {}, expected a rank of 0..{}", *rank, *ranks, *ranks - 1));
  r.ranks = {*rank, *ranks};
  r.sockets = v.sockets;
  if (r.sockets.empty()) find_address(r, f, v);
  return r;
}

bool starts_all_ranks(const RankFlags& f) {
  if (f.ranks.value_or(1) <= 1 || f.rank || !f.rendezvous.empty()) return false;
  const RankVariables v = launched_as(f);
  return !v.rank || v.size == 1;
}

int64_t threads_of_rank(int64_t threads, const Ranks& ranks, const RankVariables& v) {
  if (ranks.alone()) return threads;
  if (v.launcher == Launcher::slurm)
    return threads == 0 ? std::min(v.processors.value_or(1), available_processors()) : threads;
  if (!v.local_size || !v.local_rank) return threads;
  const int64_t all = threads == 0 ? available_processors() : threads;
  return std::max<int64_t>(1, Ranks{*v.local_rank, *v.local_size}.share(all).count);
}

torch::Device device_of_rank(torch::Device device, const Ranks& ranks, const RankVariables& v) {
  if (ranks.alone() || !device.is_cuda()) return device;
  const auto index = v.local_rank.value_or(0) % static_cast<int64_t>(torch::cuda::device_count());
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace msde
