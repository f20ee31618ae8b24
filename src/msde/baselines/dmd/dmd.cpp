#include "msde/baselines/dmd/dmd.hpp"

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {

LinearModel projected_dmd(const torch::Tensor& snapshots, int64_t rank, double tikhonov) {
  const int64_t n = snapshots.size(0) - 1;
  if (n < 1) throw DataError("dmd: got a series of one snapshot, expected at least two");
  const auto X = snapshots.narrow(0, 0, n), Y = snapshots.narrow(0, 1, n);  // rows
  const auto [V, s, Uh] = torch::linalg_svd(X, /*full_matrices=*/false);
  const auto above = (s > 1e-12 * s[0]).sum().item<int64_t>();
  if (above == 0) throw DataError("dmd: all snapshots are zero");
  const int64_t r = std::min(rank, above);
  const auto sr = s.narrow(0, 0, r);
  const auto regularised = (sr.square() + tikhonov * torch::linalg_vector_norm(X)) / sr;
  LinearModel model;
  model.modes = Uh.narrow(0, 0, r).t().contiguous();
  model.map = (V.narrow(1, 0, r) / regularised).t().matmul(Y.matmul(model.modes));
  return model;
}

PairMoments pair_moments(const std::vector<torch::Tensor>& series) {
  PairMoments m;
  for (const auto& a : series) {
    const auto x = a.narrow(0, 0, a.size(0) - 1), y = a.narrow(0, 1, a.size(0) - 1);
    const auto xx = x.t().matmul(x), xy = x.t().matmul(y), yy = y.t().matmul(y);
    m.xx = m.xx.defined() ? m.xx + xx : xx;
    m.xy = m.xy.defined() ? m.xy + xy : xy;
    m.yy = m.yy.defined() ? m.yy + yy : yy;
  }
  return m;
}

torch::Tensor least_squares_map(const PairMoments& m, int64_t rank) {
  const auto leading = [rank](const torch::Tensor& a) { return a.narrow(0, 0, rank).narrow(1, 0, rank); };
  return torch::linalg_pinv(leading(m.xx), 1e-13, /*hermitian=*/true).matmul(leading(m.xy));
}

torch::Tensor total_least_squares_map(const PairMoments& m, int64_t rank) {
  const auto leading = [rank](const torch::Tensor& a) { return a.narrow(0, 0, rank).narrow(1, 0, rank); };
  const auto xx = leading(m.xx), xy = leading(m.xy), yy = leading(m.yy);
  const auto joint = torch::cat({torch::cat({xx, xy}, 1), torch::cat({xy.t(), yy}, 1)}, 0);
  const auto W = std::get<1>(torch::linalg_eigh(joint)).narrow(1, rank, rank);  // of the largest eigenvalues
  const auto [inverse, info] = torch::linalg_inv_ex(W.narrow(0, 0, rank).t());
  if (info.item<int>() != 0)
    throw NumericsError("dmd: the total least squares problem has no solution at this rank");
  return inverse.matmul(W.narrow(0, rank, rank).t());
}

ClippedMap clip_to_unit_circle(const torch::Tensor& map) {
  const auto [values, vectors] = torch::linalg_eig(map);
  const auto modulus = values.abs();
  ClippedMap result;
  result.n_unstable = (modulus > 1 + kUnitTolerance).sum().item<int64_t>();
  result.spectral_radius = modulus.max().item<double>();
  // V L V^-1, by a solve from the right: (V^-T (V L)^T)^T
  const auto scaled = vectors * (values / modulus.clamp_min(1));
  const auto clipped = torch::real(torch::linalg_solve(vectors.t(), scaled.t()).t()).contiguous();
  result.map = result.n_unstable == 0 ? map : clipped;
  return result;
}

torch::Tensor iterate_map(const torch::Tensor& map, const torch::Tensor& first, int64_t n_steps) {
  auto path = torch::empty({n_steps + 1, first.numel()}, torch::kDouble);
  path[0].copy_(first);
  const auto transposed = map.t().contiguous();
  auto a = first.contiguous();
  for (int64_t k = 1; k <= n_steps; ++k) {
    a = transposed.mv(a);
    path[k].copy_(a);
  }
  return path;
}

}  // namespace msde
