// The wire between the ranks of a group: sums and copies of tensors, by way of rank 0.
#pragma once

#include "msde/tensor/ranks/star.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

class Connection {
 public:
  // Waits until all ranks are there. Errors: meet()'s.
  explicit Connection(const Rendezvous& rendezvous);

  // In place; PeerLost. Tensors of a device pass through the memory of the host.
  void sum(torch::Tensor& values) const;
  void broadcast(torch::Tensor& values, int64_t root) const;

 private:
  Ranks ranks_;
  Star star_;
};

}  // namespace msde
