#include "msde/tensor/ranks/process_group.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/tensor/ranks/connection.hpp"

namespace msde {
namespace {

constexpr auto kBeat = std::chrono::milliseconds(50);  // between signs of life of ranks that work

struct Failure {
  ExitCode code = ExitCode::ok;
  std::string message;
};

Failure failure_of(const std::exception_ptr& exception) {
  if (!exception) return {};
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  } catch (const std::exception& error) {
    return {ExitCode::unexpected, error.what()};
  }
}

[[noreturn]] void throw_failure(const Failure& failure) {
  switch (failure.code) {
    case ExitCode::time_limit:
    case ExitCode::sigint:
    case ExitCode::sigterm:
      throw Stopped(failure.code, failure.message);
    default:
      throw Error(failure.code, failure.message);
  }
}

}  // namespace

RankedGroup::RankedGroup(const Rendezvous& rendezvous) : ranks_(rendezvous.ranks) {
  if (!ranks_.alone()) connection_ = std::make_shared<Connection>(rendezvous);
}

void RankedGroup::sum(torch::Tensor& values) const {
  if (connection_) connection_->sum(values);
}

void RankedGroup::broadcast(torch::Tensor values, int64_t root) const {
  if (connection_) connection_->broadcast(values, root);
}

std::string RankedGroup::broadcast(const std::string& text, int64_t root) const {
  if (!connection_) return text;
  auto size = torch::tensor({static_cast<int64_t>(text.size())}, torch::kLong);
  broadcast(size, root);
  auto bytes = torch::zeros({size.item<int64_t>()}, torch::kByte);
  if (bytes.numel() == 0) return "";
  if (ranks_.rank == root) std::copy(text.begin(), text.end(), bytes.data_ptr<uint8_t>());
  broadcast(bytes, root);
  return {bytes.data_ptr<uint8_t>(), bytes.data_ptr<uint8_t>() + bytes.numel()};
}

void RankedGroup::together(const std::function<void()>& work) const {
  if (!connection_) return work();
  // A thread of its own shows the others that this rank works, so that only silence has a time limit.
  std::atomic<bool> working = true;
  std::exception_ptr mine, lost;
  std::thread beat([&] {
    try {
      for (bool somebody_works = true; somebody_works;) {
        auto count = torch::tensor({working ? 1 : 0}, torch::kLong);
        sum(count);
        somebody_works = count.item<int64_t>() > 0;
        if (somebody_works) std::this_thread::sleep_for(kBeat);
      }
    } catch (...) {
      lost = std::current_exception();
    }
  });
  try {
    work();
  } catch (...) {
    mine = std::current_exception();
  }
  working = false;
  beat.join();
  if (lost) std::rethrow_exception(mine ? mine : lost);

  Failure failure = failure_of(mine);
  auto codes = torch::zeros({ranks_.size}, torch::kLong);
  codes[ranks_.rank] = static_cast<int64_t>(failure.code);
  sum(codes);
  if (!codes.any().item<bool>()) return;
  const auto first = codes.nonzero()[0].item<int64_t>();
  failure = {static_cast<ExitCode>(codes[first].item<int64_t>()), broadcast(failure.message, first)};
  if (mine) std::rethrow_exception(mine);
  throw_failure({failure.code, fmt::format("rank {}: {}", first, failure.message)});
}

}  // namespace msde
