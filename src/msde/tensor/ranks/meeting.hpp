// How the ranks of a group come to be connected, each to rank 0.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "msde/tensor/ranks/rendezvous.hpp"
#include "msde/tensor/ranks/wire.hpp"

namespace msde {

using RankClock = std::chrono::steady_clock;

// Of rank 0: to rank 1, 2, ..; of another: to rank 0. After it nothing listens any more.
// ConfigError: what Listeners says; rank 0 does not answer, or a rank does not come in time; a rank came twice;
// they disagree about their number; the secrets differ. PeerLost: rank 0 went away. Stopped on a signal.
std::vector<Wire> meet(const Rendezvous& rendezvous);

// Its two sides.
std::vector<Wire> receive_ranks(const Rendezvous& rendezvous, RankClock::time_point deadline);
Wire reach_rank_0(const Rendezvous& rendezvous, RankClock::time_point deadline);

inline constexpr std::chrono::milliseconds kRankPoll{50};
inline constexpr std::chrono::milliseconds kRankAnswer{
    10000};  // the longest that a step of the meeting may take
std::chrono::milliseconds rank_milliseconds(double seconds);

}  // namespace msde
