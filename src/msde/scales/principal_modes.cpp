#include "msde/scales/principal_modes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

torch::Tensor orthonormal(const torch::Tensor& columns) {
  return std::get<0>(torch::linalg_qr(columns));
}

// The sign of a mode is arbitrary: its entry of largest magnitude is made positive.
torch::Tensor with_fixed_signs(const torch::Tensor& modes) {
  const auto largest = modes.gather(0, modes.abs().argmax(0, /*keepdim=*/true));
  return modes * torch::where(largest < 0, -1., 1.).to(modes.dtype());
}

// Columns that are filled anew for every block: fresh memory for each costs as much as the products.
class Scratch {
 public:
  torch::Tensor rows(int64_t n_rows, int64_t n_columns, torch::ScalarType dtype) {
    if (!whole_.defined() || whole_.size(0) < n_rows || whole_.size(1) != n_columns ||
        whole_.dtype() != dtype)
      whole_ = torch::empty({n_rows, n_columns}, dtype);
    return whole_.narrow(0, 0, n_rows);
  }

 private:
  torch::Tensor whole_;
};

// L of L L^T = Q^T (Y + nu Q), and whether that is not positive definite.
std::pair<torch::Tensor, bool> shifted_factor(const torch::Tensor& Q, const torch::Tensor& Y, double nu) {
  const auto core = Q.t().matmul(Y + nu * Q);
  const auto [factor, info] = torch::linalg_cholesky_ex((core + core.t()) / 2);
  return {factor, info.item<int>() != 0};
}

}  // namespace

PrincipalModes principal_modes(const RowBlocks& blocks, int64_t n_columns, int64_t rank, uint64_t seed,
                               const ModeSpace& space) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor& apart_from = space.apart_from;
  const int64_t free =
      (space.projection ? space.dimensions : n_columns) - (apart_from.defined() ? apart_from.size(1) : 0);
  rank = std::min(rank, free);
  const int64_t width = std::min(free, rank + std::max<int64_t>(16, rank / 8));  // oversampled
  if (width <= 0) return {torch::empty({n_columns, 0}, torch::kDouble), torch::empty({0}, torch::kDouble)};
  PrincipalModes result;
  Scratch wide, narrow;

  const auto project = [&](torch::Tensor columns) {
    if (space.projection) columns = space.projection(columns);
    return apart_from.defined() ? columns.addmm_(apart_from, apart_from.t().mm(columns), 1, -1) : columns;
  };
  const auto visit_rows = [&](const std::function<void(const torch::Tensor&)>& visit) {
    blocks([&](const torch::Tensor& A) {
      if (A.dim() != 2 || A.size(1) != n_columns)
        throw std::invalid_argument("principal_modes: rows of another length");
      visit(A);
    });
  };
  const auto add_gram_times = [&](torch::Tensor& product, const torch::Tensor& A, const torch::Tensor& B) {
    auto AB = narrow.rows(A.size(0), B.size(1), B.scalar_type());
    product.addmm_(A.t(), at::mm_out(AB, A, B));
  };

  // First pass: Q spans the range of C Omega, C = A^T A; both passes add in the order of the rows. Only
  // directions are looked for: the rows' precision will do.
  const auto find_range = [&] {
    const auto sketch = project(normal({seed, Stream::sketch, 0}, {n_columns, width}, torch::kDouble));
    torch::Tensor range = torch::zeros_like(sketch), omega = sketch;
    visit_rows([&](const torch::Tensor& A) {
      if (result.n_rows == 0) range = range.to(A.dtype()), omega = sketch.to(A.dtype());
      add_gram_times(range, A, omega);
      result.n_rows += A.size(0);
    });
    return range.to(torch::kDouble);
  };
  auto Q = orthonormal(project(find_range()));
  // Once more: where the range has fewer directions than columns, the last of Q are what rounding left.
  const bool is_all = !apart_from.defined() && !space.projection;
  if (!is_all) Q = orthonormal(project(Q));
  if (result.n_rows == 0) throw DataError("principal modes: got no snapshots, expected at least one");

  // Second pass: Nystrom's approximation C ~ Y (Q^T Y)^-1 Y^T with Y = C Q, which counts as half an iteration
  // more than the projection on Q. The shift nu keeps the Cholesky factor real for a singular Q^T Y (Tropp et
  // al. 2017, algorithm 3).
  auto Y = torch::zeros_like(Q);
  visit_rows([&](const torch::Tensor& rows) {
    auto A = rows;
    if (rows.scalar_type() != torch::kDouble)
      A = wide.rows(rows.size(0), n_columns, torch::kDouble).copy_(rows);
    const auto values = A.reshape({-1});
    result.total_energy += values.dot(values).item<double>();
    add_gram_times(Y, A, Q);
  });
  double nu =
      std::max(1e-300, std::sqrt(static_cast<double>(n_columns)) * std::numeric_limits<double>::epsilon() *
                           torch::linalg_matrix_norm(Y).item<double>());  // rounding is that of A, not of its
                                                                          // projection
  Y = project(Y);
  auto [factor, failed] = shifted_factor(Q, Y, nu);
  // Rows that lie nearly all in what Q is apart from: their rounding is that of their own energy, far above Y's.
  for (; failed && nu < result.total_energy; std::tie(factor, failed) = shifted_factor(Q, Y, nu)) nu *= 10;
  if (failed) throw NumericsError("principal modes: the snapshots are too large or too small for float64");
  Y += nu * Q;
  const auto B = torch::linalg_solve_triangular(factor, Y.t(), /*upper=*/false).t();  // Y L^-T, so C ~ B B^T
  const auto [U, S, Vh] = torch::linalg_svd(B, /*full_matrices=*/false);
  auto modes = U.narrow(1, 0, rank).contiguous();
  if (!is_all) modes = orthonormal(project(modes));  // those of rounding lean towards the rest
  result.modes = with_fixed_signs(modes);
  result.singular_values = (S.narrow(0, 0, rank).square() - nu).clamp_min(0).sqrt();
  return result;
}

}  // namespace msde
