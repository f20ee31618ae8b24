// What one of several processes does of a batch.
#pragma once

#include <algorithm>
#include <cstdint>

#include "msde/tensor/torch.hpp"

namespace msde {

// Rows first .. first + count - 1 of `of`.
struct Share {
  int64_t first = 0, count = 0, of = 0;
  // Of a mean over all rows, the part that the mean over these makes.
  double weight() const { return static_cast<double>(count) / static_cast<double>(of); }
  torch::Tensor cut(const torch::Tensor& rows) const { return rows.narrow(0, first, count); }
};

struct Ranks {
  int64_t rank = 0, size = 1;
  bool leads() const { return rank == 0; }
  bool alone() const { return size == 1; }
  // As even as can be: the first rows % size ranks take one more than the others. None for ranks beyond the
  // rows.
  Share share(int64_t rows) const {
    const int64_t each = rows / size, more = rows % size;
    return {rank * each + std::min(rank, more), each + (rank < more ? 1 : 0), rows};
  }
};

}  // namespace msde
