#include "msde/ops/continuation.hpp"

namespace msde {
namespace {

using torch::Tensor;

// Adds in place and costs one copy of the field; autograd's own slices would make three.
struct WrappedRound : torch::autograd::Function<WrappedRound> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& wide, int64_t dim,
                        int64_t p) {
    context->saved_data["dim"] = dim;
    context->saved_data["p"] = p;
    const int64_t n = wide.size(dim) - 2 * p;
    auto x = wide.narrow(dim, p, n).clone(torch::MemoryFormat::Contiguous);
    x.narrow(dim, n - p, p).add_(wide.narrow(dim, 0, p));
    x.narrow(dim, 0, p).add_(wide.narrow(dim, p + n, p));
    return x;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {continued(gradients[0], context->saved_data["dim"].toInt(), context->saved_data["p"].toInt(),
                      Boundary::periodic),
            Tensor(), Tensor()};
  }
};

}  // namespace

Tensor continued(const Tensor& x, int64_t dim, int64_t p, const AxisEnds& ends) {
  const int64_t n = x.size(dim);
  TORCH_CHECK(p <= n, "a field of ", n, " points cannot be continued by ", p);
  if (p == 0) return x;
  const auto piece = [&](int64_t start, int64_t count) { return x.narrow(dim, start, count); };
  const auto beyond = [&](Boundary end, bool low) {
    switch (end) {
      case Boundary::periodic:
        return piece(low ? n - p : 0, p);
      case Boundary::wall:
        return piece(low ? 0 : n - p, p).flip(dim);
      case Boundary::open:
      case Boundary::inflow:
      case Boundary::outflow: {
        auto shape = x.sizes().vec();
        shape[dim] = p;
        return piece(low ? 0 : n - 1, 1).expand(shape);
      }
    }
    TORCH_CHECK(false, "unknown boundary");
  };
  return torch::cat({beyond(ends.low, true), x, beyond(ends.high, false)}, dim);
}

Tensor wrapped_round(const Tensor& wide, int64_t dim, int64_t p) {
  return WrappedRound::apply(wide, dim, p);
}

}  // namespace msde
