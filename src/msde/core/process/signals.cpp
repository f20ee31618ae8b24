#include "msde/core/process/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

volatile sig_atomic_t pending = 0;

bool is_insistent(int signal) {
  return signal == SIGINT || signal == SIGTERM;
}

// The system repeats SIGXCPU every second and SIGHUP comes from shell and kernel both: only who asks twice by SIGINT or
// SIGTERM means at once.
void remember(int signal) {
  if (is_insistent(signal) && is_insistent(pending)) _exit(128 + signal);
  if (pending == 0 || is_insistent(signal)) pending = signal;
}

ExitCode exit_code(int signal) {
  return signal == SIGINT ? ExitCode::sigint : ExitCode::sigterm;
}

std::string name(int signal) {
  switch (signal) {
    case SIGINT:
      return "SIGINT";
    case SIGHUP:
      return "SIGHUP";
    case SIGUSR1:
      return "SIGUSR1";
    case SIGXCPU:
      return "SIGXCPU";
    default:
      return "SIGTERM";
  }
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;  // a write under way is finished, not broken off
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGXCPU}) sigaction(signal, &action, nullptr);
  struct sigaction hang_up {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // nohup asks to live on
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
