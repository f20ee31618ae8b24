// SIGINT, SIGTERM and what else asks a process to end (SIGHUP of a lost terminal, SIGUSR1 and SIGXCPU of batch
// systems) set a flag that long loops look at; a second SIGINT or SIGTERM ends the process at once.
#pragma once

#include <string>

namespace msde {

void install_signal_handlers();
int pending_signal();         // 0 or the signal
void throw_if_interrupted();  // Stopped with code 130 for SIGINT, 143 for all others
// `signal` may be one that another process of the training got.
[[noreturn]] void throw_interrupted(const std::string& what_was_saved, int signal = pending_signal());

}  // namespace msde
