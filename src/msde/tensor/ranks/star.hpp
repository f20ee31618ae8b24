// Bytes between rank 0 and the others, and who is lost when they do not come. All bytes go by way of rank 0,
// so that it sees every rank, and its sum is the same bits for all.
#pragma once

#include <vector>

#include "msde/tensor/ranks/rendezvous.hpp"
#include "msde/tensor/ranks/wire.hpp"

namespace msde {

// Every call may throw PeerLost, "rank 1 of 4 is lost: the connection broke"; rank 0 has told the others then.
class Star {
 public:
  Star(const Rendezvous& rendezvous, std::vector<Wire> wires);

  // Of rank 0.
  void take(int64_t rank, void* data, size_t size) const;        // what a rank sends
  void give(int64_t rank, const void* data, size_t size) const;  // to it
  // Of the others: to rank 0 and from it.
  void send(const void* data, size_t size) const;
  void receive(void* data, size_t size) const;

 private:
  const Wire& wire(int64_t rank) const { return wires_[rank - 1]; }
  bool gone(int64_t rank) const;
  [[noreturn]] void lose(int64_t rank, bool silent) const;
  Head next_head() const;
  [[noreturn]] void throw_without_rank_0(bool silent) const;

  Ranks ranks_;
  Wire::Milliseconds limit_;
  std::vector<Wire> wires_;
};

}  // namespace msde
