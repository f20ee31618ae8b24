#include "msde/tensor/ranks/connection.hpp"

#include <fmt/ranges.h>

#include "msde/core/error.hpp"

#ifdef MSDE_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#ifdef MSDE_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <csignal>
#include <cstdlib>
#include <thread>

#include "msde/core/process/network.hpp"
#include "msde/tensor/ranks/rendezvous_store.hpp"

C10_DECLARE_int(caffe2_log_level);
#endif

namespace msde {

#ifdef MSDE_GLOO

using namespace rendezvous;

namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 30s;  // in which the ranks that are left report

// The device of Gloo on the network interface that leads to rank 0. A machine's own name, Gloo's choice,
// often stands for an address that the others cannot reach.
std::shared_ptr<::gloo::transport::Device> device(const Rendezvous& r) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface && *interface) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  const auto own = own_address_towards(r.host, r.port);
  return own.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                     : c10d::ProcessGroupGloo::createDeviceForHostname(own);
}

}  // namespace

struct Connection::Parts {
  Ranks ranks;
  Milliseconds timeout;
  Store store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef MSDE_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif

  // Runs a collective to its end.
  template <class Start>
  void complete(Start start) {
    try {
      start()->wait();
    } catch (const std::exception& error) {
      throw_lost(first_line(error.what()));
    }
  }

  [[noreturn]] void throw_lost(const std::string& reason) {
    const bool silent = reason.find("imed out") != std::string::npos;
    throw PeerLost(fmt::format(
        "{} lost: {}", who_is_missing(),
        silent ? fmt::format("no answer within {} s", timeout.count() / 1000.0) : "the connection broke"));
  }

  // "rank 1 of 4 is": those that do not report to rank 0's store after a collective has failed.
  std::string who_is_missing() {
    if (ranks.size == 2) return fmt::format("rank {} of 2 is", 1 - ranks.rank);
    gloo.reset();  // the others, which may wait for this rank, notice at once
    try {
      store->set(key("left", ranks.rank), bytes("left"));
      const auto deadline = Clock::now() + std::min<Milliseconds>(timeout, kSettle);
      const auto over = [&] { return Clock::now() > deadline + (ranks.leads() ? 0ms : kAnswer); };
      if (ranks.leads()) {
        std::vector<int64_t> missing;
        do {
          std::this_thread::sleep_for(kPoll);
          missing.clear();
          for (int64_t r = 0; r < ranks.size; ++r)
            if (!store->check({key("left", r)})) missing.push_back(r);
        } while (missing.size() > 1 && !over());
        const auto verdict = missing.empty() ? std::string("the connection between ranks is")
                             : missing.size() == 1
                                 ? fmt::format("rank {} of {} is", missing[0], ranks.size)
                                 : fmt::format("ranks {} of {} are", fmt::join(missing, ", "), ranks.size);
        store->set("missing", bytes(verdict));
        std::this_thread::sleep_for(kLinger);
        return verdict;
      }
      while (!store->check({"missing"}) && !over()) std::this_thread::sleep_for(kPoll);
      if (store->check({"missing"})) return text(store->get("missing"));
    } catch (const std::exception&) {  // the store went with rank 0
    }
    return fmt::format("rank 0 of {} is", ranks.size);
  }
};

Connection::Connection(const Rendezvous& r) : parts_(std::make_unique<Parts>()) {
  std::signal(SIGPIPE, SIG_IGN);  // a rank that is gone is PeerLost, not the end
  FLAGS_caffe2_log_level = 3;     // c10d tells of each attempt to connect; how it ends is a line of ours
  const auto deadline = Clock::now() + milliseconds(r.timeout_seconds);
  Parts& p = *parts_;
  p.ranks = r.ranks;
  p.timeout = milliseconds(r.timeout_seconds);
  p.store = rendezvous::open(r, deadline);
  try {
    meet(*p.store, r, deadline);
    const auto options = c10d::ProcessGroupGloo::Options::create(p.timeout);
    options->devices.push_back(device(r));
    p.gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<c10d::PrefixStore>("gloo", p.store), static_cast<int>(r.ranks.rank),
        static_cast<int>(r.ranks.size), options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw ConfigError(
        fmt::format("--rendezvous {}: the ranks do not reach each other: {}; see the first line of each, "
                    "or name the network interface in GLOO_SOCKET_IFNAME",
                    r.address(), first_line(error.what())));
  }
#ifdef MSDE_NCCL
  if (torch::cuda::is_available()) {
    ::setenv("NCCL_BLOCKING_WAIT", "1", 0);  // else the time limit does not hold for wait()
    const auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = p.timeout;
    p.nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(
        c10::make_intrusive<c10d::PrefixStore>("nccl", p.store), static_cast<int>(r.ranks.rank),
        static_cast<int>(r.ranks.size), options);
  }
#endif
}

Connection::~Connection() = default;

void Connection::sum(torch::Tensor& values) {
  std::vector<torch::Tensor> all = {values};
#ifdef MSDE_NCCL
  if (values.is_cuda()) return parts_->complete([&] { return parts_->nccl->allreduce(all); });
#endif
  if (values.is_cuda()) all = {values.cpu()};
  parts_->complete([&] { return parts_->gloo->allreduce(all); });
  if (values.is_cuda()) values.copy_(all[0]);
}

void Connection::broadcast(torch::Tensor& values, int64_t root) {
  c10d::BroadcastOptions options;
  options.rootRank = static_cast<int>(root);
  std::vector<torch::Tensor> all = {values.contiguous()};
#ifdef MSDE_NCCL
  if (values.is_cuda()) {
    parts_->complete([&] { return parts_->nccl->broadcast(all, options); });
    values.copy_(all[0]);
    return;
  }
#endif
  all = {all[0].cpu()};
  parts_->complete([&] { return parts_->gloo->broadcast(all, options); });
  if (!all[0].is_alias_of(values)) values.copy_(all[0]);
}

std::string process_groups() {
#ifdef MSDE_NCCL
  return "Gloo, NCCL";
#else
  return "Gloo";
#endif
}

#else

struct Connection::Parts {};

Connection::Connection(const Rendezvous&) {
  throw ConfigError(
      "--ranks: this msde was built without c10d, LibTorch's process groups; install libgloo-dev and build "
      "again");
}
Connection::~Connection() = default;
void Connection::sum(torch::Tensor&) {}
void Connection::broadcast(torch::Tensor&, int64_t) {}
std::string process_groups() {
  return "none";
}

#endif

}  // namespace msde
