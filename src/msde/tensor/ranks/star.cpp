#include "msde/tensor/ranks/star.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/tensor/ranks/meeting.hpp"

namespace msde {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kSign = 500ms;  // between rank 0's signs that it waits for another
constexpr auto kRead = 500ms;                       // in which the others read what rank 0 made of it

}  // namespace

Star::Star(const Rendezvous& r, std::vector<Wire> wires)
    : ranks_(r.ranks), limit_(rank_milliseconds(r.timeout_seconds)), wires_(std::move(wires)) {}

// It has ended, and what it sent before was taken.
bool Star::gone(int64_t rank) const {
  pollfd one = {wire(rank).descriptor(), POLLRDHUP, 0};
  ::poll(&one, 1, 0);
  return (one.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Star::take(int64_t rank, void* data, size_t size) const {
  const Wire& from = wire(rank);
  Head head;
  const auto part = [&](size_t have) {
    return std::pair(reinterpret_cast<char*>(&head) + have, sizeof head - have);
  };
  auto deadline = RankClock::now() + limit_;
  const size_t all = sizeof head + size;
  for (size_t have = 0; have < all;) {
    try {
      const auto [at, most] = have < sizeof head
                                  ? part(have)
                                  : std::pair(static_cast<char*>(data) + (have - sizeof head), all - have);
      const size_t got = from.receive_some(at, most);
      have += got;
      if (have == sizeof head &&
          (head.mark != Head{}.mark || head.message != Message::part || head.size != size))
        throw WireBroken{};
      if (got > 0) {
        deadline = RankClock::now() + limit_;
        continue;
      }
    } catch (const WireBroken&) {
      lose(rank, false);
    }
    if (wait_for(from.descriptor(), POLLIN, std::min(kSign, limit_ / 4))) continue;
    if (RankClock::now() >= deadline) lose(rank, true);
    for (int64_t other = 1; other < ranks_.size; ++other) {
      if (other == rank) continue;
      if (other > rank && gone(other)) lose(other, false);
      const Head sign;
      try {
        wire(other).send_some(&sign, sizeof sign);
      } catch (const WireBroken&) {
        lose(other, false);
      }
    }
  }
}

void Star::give(int64_t rank, const void* data, size_t size) const {
  const Head head{Head{}.mark, Message::result, size};
  try {
    wire(rank).send(&head, sizeof head);
    wire(rank).send(data, size);
  } catch (const WireBroken& broken) {
    lose(rank, broken.silent);
  }
}

void Star::lose(int64_t rank, bool silent) const {
  const std::string verdict = fmt::format(
      "rank {} of {} is lost: {}", rank, ranks_.size,
      silent ? fmt::format("no answer within {} s", limit_.count() / 1000.0) : "the connection broke");
  for (int64_t other = 1; other < ranks_.size; ++other) try {
      if (other != rank) wire(other).send(Message::lost, verdict);
    } catch (const WireBroken&) {
    }
  if (ranks_.size > 2) std::this_thread::sleep_for(kRead);
  throw PeerLost(verdict);
}

void Star::throw_without_rank_0(bool silent) const {
  throw PeerLost(fmt::format(
      "rank 0 of {} is lost: {}", ranks_.size,
      silent ? fmt::format("no answer within {} s", limit_.count() / 1000.0) : "the connection broke"));
}

// What rank 0 says next, after its signs of waiting. PeerLost where it says that, WireBroken.
Head Star::next_head() const {
  for (;;) {
    const Head head = wires_[0].receive_head();
    if (head.message == Message::lost) throw PeerLost(wires_[0].receive_text(head));
    if (head.message != Message::waiting) return head;
  }
}

void Star::send(const void* data, size_t size) const {
  const Head head{Head{}.mark, Message::part, size};
  const auto listen =
      [&] {  // before this rank has sent its part rank 0 says only who is lost, and that it waits
        const Head said = wires_[0].receive_head();
        if (said.message == Message::lost) throw PeerLost(wires_[0].receive_text(said));
        if (said.message != Message::waiting) throw WireBroken{};
      };
  try {
    wires_[0].send(&head, sizeof head, listen);
    wires_[0].send(data, size, listen);
  } catch (const WireBroken& broken) {
    try {
      if (!broken.silent) next_head();  // why, if it could still say so
    } catch (const WireBroken&) {
    }
    throw_without_rank_0(broken.silent);
  }
}

void Star::receive(void* data, size_t size) const {
  try {
    const Head head = next_head();
    if (head.message != Message::result || head.size != size) throw WireBroken{};
    wires_[0].receive(data, size);
  } catch (const WireBroken& broken) {
    throw_without_rank_0(broken.silent);
  }
}

}  // namespace msde
