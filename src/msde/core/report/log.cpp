#include "msde/core/report/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string_view>

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

}  // namespace

void start_logging(bool quiet, bool verbose) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color && *no_color;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(plain ? spdlog::color_mode::never
                                                                          : spdlog::color_mode::automatic);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  // On a terminal a message first wipes the line, where a progress line (core/report/progress.hpp) may stand.
  const char* wipe = isatty(STDERR_FILENO) ? "\x1b[2K" : "";
  formatter->add_flag<Severity>('*').set_pattern(std::string(wipe) + "msde: %^%*%$%v");
  sink->set_formatter(std::move(formatter));
  auto logger = std::make_shared<spdlog::logger>("msde", std::move(sink));
  logger->set_level(quiet ? spdlog::level::warn : verbose ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace msde
