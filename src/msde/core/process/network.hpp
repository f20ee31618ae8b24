// Addresses and ports of this machine.
#pragma once

#include <cstdint>
#include <string>

#include "msde/core/network/socket.hpp"

namespace msde {

// The numeric address from which packets to host:port are sent; "" where the name is unknown or no route
// leads there. Sends nothing.
std::string own_address_towards(const std::string& host, int64_t port);

}  // namespace msde
