#ifdef MSDE_GLOO
#include "msde/tensor/ranks/rendezvous_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "msde/core/error.hpp"
#include "msde/core/options/options.hpp"
#include "msde/core/process/signals.hpp"

namespace msde::rendezvous {

std::vector<uint8_t> bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string text(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string key(const char* what, int64_t rank) {
  return fmt::format("{}/{}", what, rank);
}

Milliseconds milliseconds(double seconds) {
  return Milliseconds(static_cast<int64_t>(1000 * seconds));
}

std::string first_line(const char* message) {
  const std::string all = message;
  return all.substr(0, all.find('\n'));
}

namespace {

using namespace std::chrono_literals;

constexpr auto kAttempt = 2s;  // to reach rank 0, before looking whether a signal came

Store open_store(const Rendezvous& r, bool serve, Milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(r.port);
  options.isServer = serve;
  options.waitWorkers = false;
  options.timeout = timeout;
  auto store = c10::make_intrusive<c10d::TCPStore>(r.host, options);
  store->setTimeout(std::min<Milliseconds>(kAnswer, milliseconds(r.timeout_seconds)));
  return store;
}

Store serve(const Rendezvous& r) {
  try {
    return open_store(r, true, kAnswer);
  } catch (const std::exception& error) {
    const std::string what = first_line(error.what());
    if (what.find("in use") != std::string::npos)
      throw ConfigError(
          fmt::format("--rendezvous {}: port {} of this machine is in use; choose another, or end "
                      "the rank 0 that still runs there",
                      r.address(), r.port));
    throw ConfigError(
        fmt::format("--rendezvous {}: rank 0 cannot listen there: {}; expected an address of this machine",
                    r.address(), what));
  }
}

Store reach(const Rendezvous& r, Clock::time_point deadline) {
  for (;;) {
    throw_if_interrupted();
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
    try {
      auto store = open_store(r, false, std::clamp<Milliseconds>(left, 1ms, kAttempt));
      // The first answer shows that a rank 0 listens there; no other question has a time limit before it.
      const auto name = key("knock", r.ranks.rank);
      store->set(name, bytes("knock"));
      if (text(store->get(name)) == "knock") return store;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(kPoll);
    }
    if (Clock::now() >= deadline)
      throw ConfigError(
          fmt::format("--rendezvous {}: no rank 0 answers there within {}; start it on that machine, or "
                      "correct the address",
                      r.address(), to_string(Duration{r.timeout_seconds})));
  }
}

}  // namespace

Store open(const Rendezvous& r, Clock::time_point deadline) {
  return r.ranks.leads() ? serve(r) : reach(r, deadline);
}

void meet(c10d::Store& store, const Rendezvous& r, Clock::time_point deadline) {
  const auto [rank, size] = r.ranks;
  // Rank 0 has the store: it stays until the other one has seen it, too, and a moment for the rest.
  const auto refuse = [&](int64_t other, const std::string& what) {
    store.set(key("refused", rank), bytes("refused"));
    const auto most = Clock::now() + kAnswer;
    while (rank == 0 && !store.check({key("refused", other)}) && Clock::now() < most) {
      throw_if_interrupted();
      std::this_thread::sleep_for(kPoll);
    }
    std::this_thread::sleep_for(kLinger);
    throw ConfigError(what);
  };
  if (store.add(key("came", rank), 1) > 1)
    throw ConfigError(
        fmt::format("--rank {}: another process is rank {} already; every rank of 0..{} is started once",
                    rank, rank, size - 1));
  store.set(key("size", rank), bytes(std::to_string(size)));
  for (int64_t other = 0; other < size; ++other) {
    while (!store.check({key("size", other)})) {
      throw_if_interrupted();
      if (Clock::now() >= deadline)
        throw ConfigError(
            fmt::format("--rendezvous {}: rank {} of {} did not come within {}; start it with the same "
                        "--ranks and --rendezvous",
                        r.address(), other, size, to_string(Duration{r.timeout_seconds})));
      std::this_thread::sleep_for(kPoll);
    }
    const auto theirs = text(store.get(key("size", other)));
    if (theirs != std::to_string(size))
      refuse(other, fmt::format("--ranks {}: rank {} was started with --ranks {}; give every rank the same",
                                size, other, theirs));
  }
}

}  // namespace msde::rendezvous
#endif
