// How much memory this process may still take: what is asked for beyond it is refused before work begins.
#pragma once

#include <cstdint>
#include <string>

namespace msde {

// Bytes: MemAvailable of /proc/meminfo, or what the control group leaves where that is less. The largest
// int64 where neither can be read.
int64_t available_memory();

// ConfigError "<what>: needs .. GiB of memory, .. GiB are available; <advice>" where `bytes` (a double:
// products of sizes overflow integers) exceed available_memory().
void require_memory(const std::string& what, double bytes, const std::string& advice);

}  // namespace msde
