#include "msde/core/process/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

volatile sig_atomic_t pending = 0;

void remember(int signal) {
  if (pending != 0) _exit(128 + signal);
  pending = signal;
}

ExitCode exit_code(int signal) {
  return signal == SIGTERM ? ExitCode::sigterm : ExitCode::sigint;
}

std::string name(int signal) {
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;  // a write under way is finished, not broken off
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGXFSZ, SIG_IGN);  // a file above `ulimit -f` is then an error of the write, like a full disk
}

int pending_signal() {
  return pending;
}

void throw_if_interrupted() {
  if (pending != 0) throw Stopped(exit_code(pending), "stopped by " + name(pending));
}

void throw_interrupted(const std::string& what_was_saved, int signal) {
  throw Stopped(exit_code(signal), "stopped by " + name(signal) + "; saved " + what_was_saved);
}

}  // namespace msde
