// The space of fields that as many POD modes span as a model has states: both scales together are their coefficients.
#pragma once

#include "msde/core/error.hpp"
#include "msde/scales/reduced_space.hpp"

namespace msde {

struct LinearSpaceOptions {
  std::vector<int64_t> n_zeta;
  int64_t n_sigma = 2;
  int64_t n_eta = 0;
};

// Leading POD modes of the training snapshots, of which smooth spaces are made.
struct SnapshotModes {
  torch::Tensor
      weighted;  // [n_y, r] float64, each times its singular value over the root of the number of snapshots
};
// Twice as many as a model has states, and 16.
SnapshotModes snapshot_modes(const Dataset& data, const LinearSpaceOptions& options, uint64_t seed);

// A treatment leaves fewer directions than a model has states.
struct TooFewDirections : ConfigError {
  using ConfigError::ConfigError;
};

// What is made of the snapshots before their modes are taken.
struct ModeTreatment {
  double smooth = 0;  // share of wavenumbers that is kept (smooth_patterns.hpp); 0: all
  double stretch =
      0;  // weight of the same snapshots stretched along periodic axes (stretched_patterns.hpp); 0: none
};

// The space of n = n_zeta + n_eta modes of the snapshots so treated, where
//   W = U Q^T  of  R S V = U diag(s) Q^T
// takes the place of the restriction: the matrix with orthonormal rows that is nearest to R S (the polar factor), so that W,
// and the n_eta rows N^T orthogonal to it, turn the coefficients without making any of them large. Rows of N^T by falling
// variance. In place of S stands 0: the residual of a field is the field. DataError: fewer modes than states.
struct LinearSpace : ReducedSpace {
  torch::Tensor micro;        // N^T [n_eta, n]
  torch::Tensor micro_scale;  // [n_eta] rms of N^T a over training
};
LinearSpace build_linear_space(const SnapshotModes& modes, const Grid& grid,
                               const LinearSpaceOptions& options, const ModeTreatment& treatment);

}  // namespace msde
