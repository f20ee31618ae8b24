#include "msde/tensor/ranks/connection.hpp"

#include "msde/tensor/ranks/meeting.hpp"

namespace msde {

Connection::Connection(const Rendezvous& r) : ranks_(r.ranks), star_(r, meet(r)) {}

void Connection::sum(torch::Tensor& values) const {
  torch::Tensor total = values.cpu().contiguous();
  const size_t size = total.nbytes();
  if (ranks_.leads()) {
    torch::Tensor part = torch::empty_like(total);
    for (int64_t rank = 1; rank < ranks_.size; ++rank) {
      star_.take(rank, part.data_ptr(), size);
      total.add_(part);
    }
    for (int64_t rank = 1; rank < ranks_.size; ++rank) star_.give(rank, total.data_ptr(), size);
  } else {
    star_.send(total.data_ptr(), size);
    star_.receive(total.data_ptr(), size);
  }
  if (!total.is_alias_of(values)) values.copy_(total);
}

void Connection::broadcast(torch::Tensor& values, int64_t root) const {
  torch::Tensor copy = values.cpu().contiguous();
  const size_t size = copy.nbytes();
  if (ranks_.leads()) {
    if (root != 0) star_.take(root, copy.data_ptr(), size);
    // The root, too, hears that it is done: it does not end before rank 0 has all.
    for (int64_t rank = 1; rank < ranks_.size; ++rank)
      star_.give(rank, copy.data_ptr(), rank == root ? 0 : size);
  } else {
    if (root == ranks_.rank) star_.send(copy.data_ptr(), size);
    star_.receive(copy.data_ptr(), root == ranks_.rank ? 0 : size);
  }
  if (!copy.is_alias_of(values)) values.copy_(copy);
}

}  // namespace msde
