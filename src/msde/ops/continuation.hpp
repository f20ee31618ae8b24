// Fields continued beyond the ends of an axis, as its boundary says.
#pragma once

#include <cstdint>

#include "msde/grid/boundary.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// n values along `dim` become n + 2 p, p <= n. Before the first value x_0 come
//   periodic: x_{n-p} .. x_{n-1};   wall: its mirror image x_{p-1} .. x_0;   else: p times x_0,
// as the low end says, and alike after the last, as the high end says.
torch::Tensor continued(const torch::Tensor& x, int64_t dim, int64_t p, const AxisEnds& ends);

// The adjoint of `continued` with the periodic rule: n + 2 p values become n, those that hang over one end
// are added at the other.
torch::Tensor wrapped_round(const torch::Tensor& wide, int64_t dim, int64_t p);

}  // namespace msde
