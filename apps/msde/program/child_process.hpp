// Other processes of this program.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace msde {

struct ChildStart {
  std::vector<std::string> words;        // the command line, from the program's name on
  std::vector<std::string> environment;  // "NAME=value", before what this process has
  int output = 1, errors = 2;            // descriptors that become its stdout and stderr
  std::vector<int> kept = {};            // descriptors that it has, too
};

// The child dies with this process (SIGTERM), and stands outside the terminal's foreground group: Ctrl-C
// reaches it once, from here. A second signal would end it unsaved.
pid_t start_child(const ChildStart& start);

// Of a status of waitpid: what the process ended with, or 128 + the signal that ended it.
int exit_code(int status);
constexpr int kCannotStart = 127;

// The last line of a text that is not empty.
std::string last_line(const std::string& text);

}  // namespace msde
