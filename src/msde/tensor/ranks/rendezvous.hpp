// Which of several processes this is, and where it meets the others (docs/several_machines.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/tensor/ranks/share.hpp"

namespace msde {

// One of three ways, the first that is given:
// - sockets: connected already, by the process that started them all;
// - file: on one machine, a socket of that name in this user's private folder (core/network);
// - hosts and port: rank 0 listens at those of the hosts that are its own machine's, the others try each.
//   Each has to show that it knows the secret.
struct Rendezvous {
  Ranks ranks;
  std::vector<int> sockets;  // of rank 0: to rank 1, 2, ..; of another: to rank 0
  std::string file;
  std::vector<std::string> hosts;
  int64_t port = 0;
  std::string secret;
  double timeout_seconds = 300;  // the longest that a rank waits for another: here, and in every exchange
  std::string address() const;   // "tcp://host:port"
  std::string where() const;     // for messages: "--rendezvous tcp://host:port", or which file
};

// "tcp://host:port" into hosts and port. ConfigError.
void set_address(Rendezvous& rendezvous, const std::string& address);

}  // namespace msde
