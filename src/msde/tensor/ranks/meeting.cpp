#include "msde/tensor/ranks/meeting.hpp"

#include <fcntl.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

// Of the process that started them all, once: what this one starts has no part in it.
std::vector<Wire> adopt(const Rendezvous& r) {
  const size_t expected = r.ranks.leads() ? r.ranks.size - 1 : 1;
  if (r.sockets.size() != expected) throw ConfigError("MSDE_RANK_SOCKETS: is set by msde itself; unset it");
  std::vector<Wire> wires;
  for (const int socket : r.sockets) {
    if (!is_socket(socket)) throw ConfigError("MSDE_RANK_SOCKETS: is set by msde itself; unset it");
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    wires.emplace_back(Descriptor(socket), rank_milliseconds(r.timeout_seconds));
  }
  return wires;
}

}  // namespace

std::chrono::milliseconds rank_milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(1000 * seconds));
}

std::vector<Wire> meet(const Rendezvous& r) {
  if (!r.sockets.empty()) return adopt(r);
  const auto deadline = RankClock::now() + rank_milliseconds(r.timeout_seconds);
  if (r.ranks.leads()) return receive_ranks(r, deadline);
  std::vector<Wire> wires;
  wires.push_back(reach_rank_0(r, deadline));
  return wires;
}

}  // namespace msde
