#include "msde/core/report/progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

namespace msde {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string clock_time(double seconds) {
  const auto s = static_cast<int64_t>(std::llround(seconds));
  return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

constexpr double terminal_interval = 0.1;  // seconds

std::function<void(const std::string&)>& receiver() {
  static std::function<void(const std::string&)> function;
  return function;
}

}  // namespace

void send_progress_to(std::function<void(const std::string&)> function) {
  receiver() = std::move(function);
}

Progress::Progress(std::string label, int64_t total, int64_t done, double plain_interval_seconds)
    : label_(std::move(label)),
      total_(total),
      first_(done),
      last_(done),
      interval_(plain_interval_seconds),
      terminal_(!receiver() && isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      shown_(start_) {}

Progress::~Progress() {
  if (line_open_) std::fputs("\n", stderr);
}

void Progress::update(int64_t done, const std::string& detail) {
  last_ = done;
  if (seconds_between(shown_, Clock::now()) >= (terminal_ ? terminal_interval : interval_))
    show(detail, !terminal_);
}

void Progress::finish(const std::string& detail) {
  show(detail, true);
}

void Progress::show(const std::string& detail, bool newline) {
  shown_ = Clock::now();
  if (!spdlog::should_log(spdlog::level::info)) return;  // --quiet
  const double elapsed = seconds_between(start_, shown_);
  const int64_t ours = last_ - first_;
  std::string line = fmt::format("{} {}/{}", label_, last_, total_);
  if (!detail.empty()) line += "  " + detail;
  if (ours > 0 && elapsed > 0) line += fmt::format("  {:.3g} it/s", ours / elapsed);
  if (last_ >= total_) {
    line += "  in " + clock_time(elapsed);
  } else if (ours > 0) {
    line += "  ETA " + clock_time(elapsed / ours * (total_ - last_));
  }
  if (receiver()) return receiver()(line);
  if (terminal_) {
    // The cursor waits at the start of the line, so a log message takes its place.
    line = "\x1b[2K" + line.substr(0, newline ? std::string::npos : terminal_width() - 1) +
           (newline ? "\n" : "\r");
    line_open_ = !newline;
  } else {
    line = "msde: " + line + "\n";
  }
  std::fputs(line.c_str(), stderr);
}

}  // namespace msde
