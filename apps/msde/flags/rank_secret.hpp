// The secret that the ranks of a training share: from a file or the environment, never from a command line, which
// every user of the machine can read.
#pragma once

#include <string>

namespace msde {

// Of `file` (--rank-secret), else of MSDE_RANK_SECRET_FILE or MSDE_RANK_SECRET; "" where none is given. Spaces and
// line ends around it do not count. The variable is removed from the environment, so that no program that this
// one starts has it. ConfigError: the file cannot be read or is open to other users; the secret is shorter than 16
// bytes; both variables are set.
std::string read_rank_secret(const std::string& file);

}  // namespace msde
