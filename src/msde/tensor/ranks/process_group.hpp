// Several processes that train one model (docs/several_machines.md).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "msde/tensor/ranks/rendezvous.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

class Connection;

// Every rank makes the same calls in the same order. Where one is gone or silent for longer than the time
// limit the others throw PeerLost, which names it.
class RankedGroup {
 public:
  RankedGroup() = default;  // one process alone: nothing to exchange, every call returns at once
  // Returns when all ranks are there. Errors: Connection's.
  explicit RankedGroup(const Rendezvous& rendezvous);

  Ranks ranks() const { return ranks_; }
  bool leads() const { return ranks_.leads(); }

  void sum(torch::Tensor& values) const;  // over the ranks, in place; the same bits on each
  void broadcast(torch::Tensor values, int64_t root = 0) const;  // root's values in place of the others'
  std::string broadcast(const std::string& text, int64_t root = 0) const;  // root's text

  // Does `work`, which must not use this group, and waits until every rank has done its own, however long
  // that takes. Where one fails all do: it with its error, the others with the code and the message of it.
  void together(const std::function<void()>& work) const;

 private:
  Ranks ranks_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace msde
