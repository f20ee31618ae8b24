// Messages for people go to stderr (spdlog); results go to stdout and are never logged.
#pragma once

#include <spdlog/spdlog.h>

namespace msde {

void start_logging(bool quiet,
                   bool verbose);  // pattern "msde: message", colours only on a terminal without NO_COLOR

}  // namespace msde
