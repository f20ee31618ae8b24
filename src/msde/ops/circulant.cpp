#include "msde/ops/circulant.hpp"

namespace msde {
namespace {

using torch::Tensor;

// first_row [C, n] -> rows [C, n / step, n] with rows[c, j, i] = first_row[c, (i - j step) mod n].
// Both directions read a doubled sequence through a skewed view, where autograd's own unfold and index
// operations would scatter one element at a time.
struct CirculantRows : torch::autograd::Function<CirculantRows> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& first_row, int64_t step) {
    const int64_t C = first_row.size(0), n = first_row.size(1);
    context->saved_data["step"] = step;
    // Row j starts n - j step into [first_row, first_row]: strides are positive if the rows are read
    // backwards, so the view starts at the last row's place and the rows are flipped.
    const int64_t rows = n / step;
    const auto twice = torch::cat({first_row, first_row}, 1);
    return twice.as_strided({C, rows, n}, {2 * n, step, 1}, n - (rows - 1) * step).flip(1);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const int64_t step = context->saved_data["step"].toInt();
    const auto& g = gradients[0];
    const int64_t C = g.size(0), rows = g.size(1), n = g.size(2);
    // d first_row[m] = sum_j g[j, (m + j step) mod n]; in [g, g] that entry is m + j step without the
    // modulus.
    const auto twice = torch::cat({g, g}, 2);
    return {twice.as_strided({C, rows, n}, {rows * 2 * n, 2 * n + step, 1}).sum(1), Tensor()};
  }
};

}  // namespace

Tensor circulant_rows(const Tensor& taps, int64_t n, int64_t row_step) {
  const int64_t K = taps.size(1), h = (K - 1) / 2;
  // Tap k acts on point (k - h) mod n; taps that meet after wrapping add up.
  const auto place =
      torch::arange(-h, h + 1, torch::TensorOptions(torch::kLong).device(taps.device())).remainder(n);
  const auto first_row = torch::zeros({taps.size(0), n}, taps.options()).index_add(1, place, taps);
  return CirculantRows::apply(first_row, row_step);
}

}  // namespace msde
