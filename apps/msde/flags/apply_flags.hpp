// The flags that commands share, put into force.
#pragma once

#include "apps/msde/flags/common_flags.hpp"

namespace msde {

// start_log(), and LibTorch's threads.
void apply(const CommonFlags& flags);

}  // namespace msde
