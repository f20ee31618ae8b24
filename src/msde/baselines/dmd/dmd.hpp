// Dynamic mode decomposition: linear maps from one snapshot to the next, as pure functions of tensors.
// Snapshots are rows, so a map acts as a_next = a A.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

struct LinearModel {
  torch::Tensor modes;  // U, [D, r], orthonormal columns
  torch::Tensor map;    // A, [r, r]: coordinates a = y U go to a A
};

// Projected DMD of one series of snapshots, rows of [T, D] (Schmid, J. Fluid Mech. 656 (2010)): with X^T = U
// S V^T of the first T - 1 and Y of the last T - 1,  A = S_reg^-1 V^T Y U,  S_reg = (s^2 + tikhonov |X|_F) /
// s per singular value, which is what PyDMD computes for its default operator. The rank is cut to min(T - 1,
// D) and to the singular values above 1e-12 of the largest.
LinearModel projected_dmd(const torch::Tensor& snapshots, int64_t rank, double tikhonov);

// Second moments of all pairs (a_k, a_{k+1}) of several series, never across two series. [r, r] each.
struct PairMoments {
  torch::Tensor xx, xy, yy;  // sum of x^T x, x^T y, y^T y
};
PairMoments pair_moments(const std::vector<torch::Tensor>& series);

// The map of the leading `rank` coordinates that minimises |X A - Y|^2. Noise in X makes it damp too much.
torch::Tensor least_squares_map(const PairMoments& moments, int64_t rank);
// Total least squares: the map whose graph holds the leading `rank` right singular vectors of [X, Y],
// unbiased for noise that is alike in X and Y (Hemati, Rowley, Deem & Cattafesta, Theor. Comput. Fluid Dyn.
// 31 (2017)). NumericsError where that graph is vertical.
torch::Tensor total_least_squares_map(const PairMoments& moments, int64_t rank);

constexpr double kUnitTolerance = 1e-12;  // eigenvalues beyond 1 + this are unstable

// Moves unstable eigenvalues onto the unit circle, the rest and the eigenvectors
// stay.
struct ClippedMap {
  torch::Tensor map;
  int64_t n_unstable = 0;      // eigenvalues outside, before
  double spectral_radius = 0;  // before
};
ClippedMap clip_to_unit_circle(const torch::Tensor& map);

// a, a A, a A^2, .. : [n_steps + 1, r] from [r].
torch::Tensor iterate_map(const torch::Tensor& map, const torch::Tensor& first, int64_t n_steps);

}  // namespace msde
