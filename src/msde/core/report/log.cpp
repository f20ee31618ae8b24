#include "msde/core/report/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

// "warning: " and "error: " before such messages; nothing before the others.
class Severity : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view text = message.level == spdlog::level::warn  ? "warning: "
                                  : message.level >= spdlog::level::err ? "error: "
                                                                        : "";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Severity>(); }
};

size_t start_of_a_character(const std::string& text, size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  return at;
}

// The message as one line that a terminal can stand: parts of it come from files.
class OneLine : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr size_t kLongest = 4000,
                     kEnd = 1000;  // of longer ones their begin and their end, which says the reason
    const std::string whole(message.payload.data(), message.payload.size());
    std::string text = printable(whole, kLongest);
    if (whole.size() > kLongest)
      text += " " + printable(whole.substr(start_of_a_character(whole, whole.size() - kEnd)), kEnd);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<OneLine>(); }
};

}  // namespace

void start_logging(bool quiet, bool verbose) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color && *no_color;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(plain ? spdlog::color_mode::never
                                                                          : spdlog::color_mode::automatic);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  // On a terminal a message first wipes the line, where a progress line (core/report/progress.hpp) may stand.
  const char* wipe = isatty(STDERR_FILENO) ? "\x1b[2K" : "";
  formatter->add_flag<Severity>('*').add_flag<OneLine>('&').set_pattern(std::string(wipe) + "msde: %^%*%$%&");
  sink->set_formatter(std::move(formatter));
  auto logger = std::make_shared<spdlog::logger>("msde", std::move(sink));
  logger->set_level(quiet ? spdlog::level::warn : verbose ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace msde
