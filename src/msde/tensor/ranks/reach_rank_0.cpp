#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/core/options/options.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/tensor/ranks/handshake.hpp"
#include "msde/tensor/ranks/listeners.hpp"
#include "msde/tensor/ranks/meeting.hpp"

namespace msde {
namespace {

using namespace std::chrono_literals;

constexpr auto kAttempt = 2s;     // to reach rank 0, before looking whether a signal came
constexpr auto kAfterRank0 = 2s;  // in which rank 0, whose limit ends now, too, says who is missing

// Rank 0 accepts this rank, or ConfigError; nothing where no rank 0 of msde is there.
std::optional<Wire> shake_hands(const Rendezvous& r, Descriptor socket, std::chrono::milliseconds limit) {
  Wire wire(std::move(socket), limit);
  wire.set_end(RankClock::now() + limit);  // in all, not from byte to byte
  try {
    const Hello hello = new_hello(r.ranks);
    Challenge challenge;
    wire.send(&hello, sizeof hello);
    wire.receive(&challenge, sizeof challenge);
    const Digest mine = proof_of_rank(r.secret, hello, challenge);
    wire.send(mine.data(), mine.size());
    const Head head = wire.receive_head();
    if (head.message == Message::stranger)
      throw ConfigError(
          fmt::format("{}: rank 0 has another secret; give every rank the same --rank-secret, "
                      "MSDE_RANK_SECRET_FILE or MSDE_RANK_SECRET",
                      r.where()));
    Digest theirs;
    wire.receive(theirs.data(), theirs.size());
    if (!same(theirs, proof_of_rank_0(r.secret, hello, challenge)))
      throw ConfigError(
          fmt::format("{}: what answers there does not know the secret of the ranks; is it "
                      "rank 0?",
                      r.where()));
    if (head.message == Message::refused) throw ConfigError(wire.receive_text(head));
    if (head.message != Message::accepted) return std::nullopt;
  } catch (const WireBroken&) {
    return std::nullopt;
  }
  // From now on rank 0 may be silent for as long as a rank may.
  wire.set_end(std::nullopt);
  wire.set_limit(rank_milliseconds(r.timeout_seconds));
  return wire;
}

// Until rank 0 says that all are there.
void await_the_others(const Rendezvous& r, const Wire& wire, RankClock::time_point deadline) {
  const auto gone = [&] {
    return PeerLost(fmt::format("rank 0 of {} is lost: the connection broke", r.ranks.size));
  };
  while (!wait_for(wire.descriptor(), POLLIN, kRankPoll)) {
    throw_if_interrupted();
    if (RankClock::now() >= deadline + kAfterRank0)
      throw ConfigError(fmt::format("{}: not all of {} ranks came within {}", r.where(), r.ranks.size,
                                    to_string(Duration{r.timeout_seconds})));
  }
  try {
    const Head head = wire.receive_head();
    if (head.message == Message::refused) throw ConfigError(wire.receive_text(head));
    if (head.message != Message::begin) throw gone();
  } catch (const WireBroken&) {
    throw gone();
  }
}

}  // namespace

Wire reach_rank_0(const Rendezvous& r, RankClock::time_point deadline) {
  const auto folder = r.file.empty() ? nullptr : std::make_unique<PrivateFolder>();
  for (;;) {
    throw_if_interrupted();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - RankClock::now());
    for (const auto& address : addresses_of_rank_0(r, folder.get())) {
      auto socket = connect_to(address, std::clamp<std::chrono::milliseconds>(left, 1ms, kAttempt));
      if (!socket) continue;
      if (auto wire = shake_hands(r, std::move(socket),
                                  std::clamp<std::chrono::milliseconds>(left, 1ms, kRankAnswer))) {
        await_the_others(r, *wire, deadline);
        return std::move(*wire);
      }
    }
    if (RankClock::now() >= deadline)
      throw ConfigError(fmt::format(
          "{}: no rank 0 answers there within {}; start it on that machine, or correct the address",
          r.where(), to_string(Duration{r.timeout_seconds})));
    std::this_thread::sleep_for(kRankPoll);
  }
}

}  // namespace msde
