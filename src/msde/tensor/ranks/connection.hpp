// The wire between the ranks of a group: LibTorch's c10d.
#pragma once

#include <memory>
#include <string>

#include "msde/tensor/ranks/process_group.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

class Connection {
 public:
  // Waits until all ranks are there. ConfigError: this build has no c10d; the port is taken; rank 0 does not
  // answer or another rank does not come in time; a rank came twice; they disagree about their number.
  // Stopped on a signal. From here on SIGPIPE is ignored in the whole process: Gloo writes to ranks that may
  // be gone.
  explicit Connection(const Rendezvous& rendezvous);
  ~Connection();

  // In place; PeerLost.
  void sum(torch::Tensor& values);
  void broadcast(torch::Tensor& values, int64_t root);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// What this build can connect ranks with: "Gloo", "Gloo, NCCL" or "none".
std::string process_groups();

}  // namespace msde
