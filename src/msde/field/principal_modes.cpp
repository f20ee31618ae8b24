#include "msde/field/principal_modes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace

PrincipalModes principal_modes(const RowBlocks& blocks, int64_t n_columns, int64_t rank, uint64_t seed) {
  const torch::NoGradGuard no_grad;
  rank = std::min(rank, n_columns);
  const int64_t width = std::min(n_columns, rank + std::max<int64_t>(16, rank / 8));  // oversampled
  PrincipalModes result;

  // C B for C = A^T A, block by block; both passes add in the order of the rows. The first one only looks for
  // directions, for which the precision of the rows will do.
  const auto gram_times = [&](const torch::Tensor& B, bool first) {
    auto product = torch::zeros({n_columns, B.size(1)}, torch::kDouble);
    blocks([&](const torch::Tensor& rows) {
      const auto A = first ? rows : rows.to(torch::kDouble);
      if (A.dim() != 2 || A.size(1) != n_columns)
        throw std::invalid_argument("principal_modes: rows of another length");
      product.add_(A.t().matmul(A.matmul(B.to(A.dtype()))));
      if (first) {
        result.n_rows += A.size(0);
        result.total_energy += A.square().sum(torch::kDouble).item<double>();
      }
    });
    return product;
  };

  // First pass: Q spans the range of C Omega.
  const auto sketch = normal({seed, Stream::sketch, 0}, {n_columns, width}, torch::kDouble);
  const auto Q = orthonormal(gram_times(sketch, true));
  if (result.n_rows == 0) throw DataError("principal modes: got no snapshots, expected at least one");

  // Second pass: Nystrom's approximation C ~ Y (Q^T Y)^-1 Y^T with Y = C Q, which counts as half an iteration
  // more than the projection on Q. The shift nu keeps the Cholesky factor real for a singular Q^T Y (Tropp et
  // al. 2017, algorithm 3).
  auto Y = gram_times(Q, false);
  const double nu =
      std::max(1e-300, std::sqrt(static_cast<double>(n_columns)) * std::numeric_limits<double>::epsilon() *
                           torch::linalg_matrix_norm(Y).item<double>());
  Y += nu * Q;
  const auto core = Q.t().matmul(Y);
  const auto factor = torch::linalg_cholesky((core + core.t()) / 2);                  // L L^T
  const auto B = torch::linalg_solve_triangular(factor, Y.t(), /*upper=*/false).t();  // Y L^-T, so C ~ B B^T
  const auto [U, S, Vh] = torch::linalg_svd(B, /*full_matrices=*/false);
  result.modes = with_fixed_signs(U.narrow(1, 0, rank)).contiguous();
  result.singular_values = (S.narrow(0, 0, rank).square() - nu).clamp_min(0).sqrt();
  return result;
}

}  // namespace msde
