#include "msde/library/call.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "msde/core/report/progress.hpp"
#include "msde/library/msde.hpp"
#include "msde/run/version.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

std::recursive_mutex& turn() {
  static std::recursive_mutex mutex;
  return mutex;
}

std::function<void(const Message&)>& receiver() {
  static std::function<void(const Message&)> function;
  return function;
}

// Calls that wait for each other to end: a receiver's within the one that sent it a message.
int& depth() {
  static int number = 0;
  return number;
}

bool& threads_are_chosen() {
  static bool chosen = false;
  return chosen;
}

void say(Message::Kind kind, const std::string& text) {
  const auto receive = receiver();  // it may choose another one
  if (receive)
    receive({kind, text});
  else if (kind == Message::Kind::warning)
    std::fprintf(stderr, "msde: warning: %s\n", text.c_str());
}

class ReceiverSink : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    say(message.level >= spdlog::level::warn ? Message::Kind::warning : Message::Kind::information,
        std::string(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}
};

std::shared_ptr<spdlog::logger> logger_of_calls() {
  auto logger = std::make_shared<spdlog::logger>("libmsde", std::make_shared<ReceiverSink>());
  logger->set_level(receiver() ? spdlog::level::info : spdlog::level::warn);
  return logger;
}

}  // namespace

Call::Call() : alone_(turn()) {
  if (depth()++ > 0) return;
  of_process_ = spdlog::default_logger();
  spdlog::set_default_logger(logger_of_calls());
  if (receiver()) send_progress_to([](const std::string& line) { say(Message::Kind::progress, line); });
}

Call::~Call() {
  if (--depth() > 0) return;
  send_progress_to({});
  spdlog::set_default_logger(of_process_);
}

Computation::Computation() {
  if (!std::exchange(threads_are_chosen(), true) && std::getenv("OMP_NUM_THREADS") == nullptr) set_threads(0);
  require_safe_threads();
}

void require_path(const std::string& path, const std::string& what) {
  if (path.empty()) throw ConfigError(what + ": is an empty path");
  if (path.find('\0') != std::string::npos) throw ConfigError(what + ": got a path with a zero byte");
}

std::string library_version() {
  return version();
}

int64_t use_threads(int64_t threads) {
  const Call call;
  const int64_t number = set_threads(threads);
  threads_are_chosen() = true;
  return number;
}

void receive_messages(std::function<void(const Message&)> function) {
  const std::lock_guard alone(turn());
  receiver() = std::move(function);
}

}  // namespace msde
