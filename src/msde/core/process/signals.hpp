// SIGINT and SIGTERM set a flag that long loops look at; a second signal ends the process at once.
#pragma once

#include <string>

namespace msde {

void install_signal_handlers();
int pending_signal();         // 0, SIGINT or SIGTERM
void throw_if_interrupted();  // Stopped with code 130 or 143
// `signal` may be one that another process of the training got.
[[noreturn]] void throw_interrupted(const std::string& what_was_saved, int signal = pending_signal());

}  // namespace msde
