#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <list>
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

constexpr size_t kMostVisitors = 256;  // who have not shown the secret yet; the oldest makes room

// Somebody who connected. Nobody is waited for: each has its state, and little time.
struct Visitor {
  Wire wire;
  std::string from;
  RankClock::time_point until;
  Challenge challenge = {};
  Hello hello = {};
  Digest proof = {};
  size_t have = 0;  // bytes of hello, then of proof
};

// The first few of them, and how many there are.
template <class T>
std::vector<std::string> shown(const std::vector<T>& ranks, size_t most) {
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(most, ranks.size()); ++i) words.push_back(fmt::format("{}", ranks[i]));
  if (ranks.size() > most) words.push_back(fmt::format(".. ({} ranks)", ranks.size()));
  return words;
}

class Reception {
 public:
  explicit Reception(const Rendezvous& r) : r_(r), ranks_(r.ranks.size), listeners_(r) {}

  std::vector<Wire> receive(RankClock::time_point deadline) {
    while (!missing().empty()) {
      throw_if_interrupted();
      if (RankClock::now() >= deadline) give_up();
      wait();
      for (const auto& listener : listeners_.sockets()) admit(listener);
      for (auto visitor = visitors_.begin(); visitor != visitors_.end();)
        visitor = stays(*visitor) ? std::next(visitor) : visitors_.erase(visitor);
      for (auto& rank : ranks_)  // one that ended meanwhile may come again
        if (rank && wait_for(rank->descriptor(), POLLIN | POLLRDHUP, Wire::Milliseconds(0))) rank.reset();
    }
    std::vector<Wire> wires;
    for (int64_t rank = 1; rank < r_.ranks.size; ++rank) {
      try {
        ranks_[rank]->send(Message::begin, "");
      } catch (const WireBroken&) {  // the first exchange tells
      }
      wires.push_back(std::move(*ranks_[rank]));
    }
    return wires;
  }

 private:
  std::vector<int64_t> missing() const {
    std::vector<int64_t> all;
    for (int64_t rank = 1; rank < r_.ranks.size; ++rank)
      if (!ranks_[rank]) all.push_back(rank);
    return all;
  }

  void wait() const {
    std::vector<pollfd> all;
    for (const auto& listener : listeners_.sockets()) all.push_back({listener.number(), POLLIN, 0});
    for (const auto& visitor : visitors_) all.push_back({visitor.wire.descriptor(), POLLIN, 0});
    ::poll(all.data(), all.size(), static_cast<int>(kRankPoll.count()));
  }

  void admit(const Descriptor& listener) {
    SocketAddress from;
    for (size_t i = 0; i < kMostVisitors; ++i) {
      auto socket = accept_from(listener, from);
      if (!socket && (errno == EMFILE || errno == ENFILE)) {
        std::this_thread::sleep_for(kRankPoll);
        if (!visitors_.empty()) visitors_.pop_front();
      }
      if (!socket) return;
      if (visitors_.size() >= kMostVisitors) visitors_.pop_front();
      visitors_.push_back({Wire(std::move(socket), rank_milliseconds(r_.timeout_seconds)), from.text(),
                           RankClock::now() + kRankAnswer});
    }
  }

  // Hears what a visitor has said. False: it goes, or has become a rank.
  bool stays(Visitor& v) {
    try {
      if (v.have < sizeof v.hello) {
        v.have += v.wire.receive_some(reinterpret_cast<char*>(&v.hello) + v.have, sizeof v.hello - v.have);
        if (v.have >= sizeof v.hello.mark &&
            std::string(v.hello.mark, sizeof v.hello.mark) != std::string(Hello{}.mark, sizeof v.hello.mark))
          return false;
        if (v.have == sizeof v.hello) {
          if (!is_hello(v.hello)) return false;
          v.challenge = new_challenge();
          if (v.wire.send_some(&v.challenge, sizeof v.challenge) != sizeof v.challenge) return false;
        }
      } else {
        const size_t of_proof = v.have - sizeof v.hello;
        v.have += v.wire.receive_some(v.proof.data() + of_proof, v.proof.size() - of_proof);
        if (v.have == sizeof v.hello + v.proof.size()) {
          answer(v);
          return false;
        }
      }
    } catch (const WireBroken&) {
      return false;
    }
    return RankClock::now() < v.until;
  }

  void answer(Visitor& v) {
    if (!same(v.proof, proof_of_rank(r_.secret, v.hello, v.challenge))) {
      if (strangers_++ == 0)
        spdlog::warn("{}: a process at {} came with another secret and was turned away", r_.where(), v.from);
      return say(v, Message::stranger, "");
    }
    const auto rank = v.hello.rank, size = v.hello.size, own = r_.ranks.size;
    if (size != own) {
      const char* form = "--ranks {}: rank {} was started with --ranks {}; give every rank the same";
      say(v, Message::refused, fmt::format(fmt::runtime(form), size, 0, own));
      const std::string why = fmt::format(fmt::runtime(form), own, rank, size);
      refuse_all(why);
      throw ConfigError(why);
    }
    if (ranks_[rank])
      return say(
          v, Message::refused,
          fmt::format("--rank {}: another process is rank {} already; every rank of 0..{} is started once",
                      rank, rank, own - 1));
    say(v, Message::accepted, "");
    ranks_[rank] = std::move(v.wire);
  }

  // A head, rank 0's proof, and text; to a stranger the head alone.
  void say(const Visitor& v, Message message, const std::string& text) const {
    const Digest proof = proof_of_rank_0(r_.secret, v.hello, v.challenge);
    const Head head{Head{}.mark, message, text.size()};
    std::string all(reinterpret_cast<const char*>(&head), sizeof head);
    if (message != Message::stranger) all += std::string(proof.begin(), proof.end()) + text;
    if (v.wire.send_some(all.data(), all.size()) != all.size()) throw WireBroken{};
  }

  void refuse_all(const std::string& why) const {
    for (const auto& rank : ranks_) try {
        if (rank) rank->send(Message::refused, why);
      } catch (const WireBroken&) {
      }
  }

  [[noreturn]] void give_up() const {
    const auto all = missing();
    constexpr size_t kShown = 20;
    const std::vector<std::string> who = shown(all, kShown);
    const std::string why = fmt::format(
        "{}: rank{} {} of {} did not come within {}{}; start {} with the same --ranks and --rendezvous",
        r_.where(), all.size() == 1 ? "" : "s", fmt::join(who, ", "), r_.ranks.size,
        to_string(Duration{r_.timeout_seconds}),
        strangers_ == 0 ? "" : fmt::format(", but {} with another secret", strangers_),
        all.size() == 1 ? "it" : "each");
    refuse_all(why);
    throw ConfigError(why);
  }

  const Rendezvous& r_;
  std::vector<std::optional<Wire>> ranks_;  // [0] stays empty
  Listeners listeners_;
  std::list<Visitor> visitors_;
  int64_t strangers_ = 0;
};

}  // namespace

std::vector<Wire> receive_ranks(const Rendezvous& r, RankClock::time_point deadline) {
  return Reception(r).receive(deadline);
}

}  // namespace msde
