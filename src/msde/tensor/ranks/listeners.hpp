// Where rank 0 listens: at nothing but what the rendezvous names.
#pragma once

#include <memory>
#include <vector>

#include "msde/core/network/private_folder.hpp"
#include "msde/core/network/socket.hpp"
#include "msde/tensor/ranks/rendezvous.hpp"

namespace msde {

class Listeners {
 public:
  // ConfigError: the port or file is in use; no host is this machine's; a host stands for every address.
  explicit Listeners(const Rendezvous& rendezvous);
  ~Listeners();
  const std::vector<Descriptor>& sockets() const { return sockets_; }

 private:
  void listen_in_folder(const Rendezvous& rendezvous);
  void listen_at_hosts(const Rendezvous& rendezvous);

  std::vector<Descriptor> sockets_;
  std::unique_ptr<PrivateFolder> folder_;
  std::string file_;
};

// What the other ranks may try, in this order.
std::vector<SocketAddress> addresses_of_rank_0(const Rendezvous& rendezvous, const PrivateFolder* folder);

}  // namespace msde
