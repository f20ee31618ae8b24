// Power of fields over groups of Fourier modes.
//
// power() is |FFT_s(field)|^2 / n_s^2 per mode, n_s the number of grid points, so by Plancherel the sum over
// all modes is mean_s field^2 and groups that hold every mode once add up to it. With m_d the signed mode
// number along axis d, n_d points and L_d the length of the axis:
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

struct ModeGroups {
  torch::Tensor group;  // [S] int64, of every mode in the order of the FFT; `count` = in none
  int64_t count = 0;
  std::vector<double> wavenumber;  // lower edge or centre of each group, see below
};

// Shells round(|k| / dk), k_d = 2 pi m_d / L_d, dk = 2 pi / max L; wavenumber = centre, radians per length.
ModeGroups radial_shells(const std::vector<int64_t>& shape, const std::vector<double>& length);

// The three bins of The Well: |k| with k_d = 2 pi m_d / n_d (radians per grid spacing), edges 0 and the last
// three of four values spaced by a constant factor from 2 pi / max n to pi sqrt(D). A bin holds its lower
// edge, the last one also its upper edge.
ModeGroups log_bins(const std::vector<int64_t>& shape);

// Shells of PDEBench: on a line m = 0..n/2, one mode each; else floor(|m|) of the modes 0 <= m_d < n_d / 2,
// for floor(|m|) < min n_d / 2. Not every mode is in a shell.
ModeGroups pdebench_shells(const std::vector<int64_t>& shape);

torch::Tensor power(const torch::Tensor& fields, int64_t dimensions);  // [.., *grid] -> [.., S] float64
torch::Tensor sum_of_groups(const torch::Tensor& power, const ModeGroups& groups);  // [.., S] -> [.., count]

}  // namespace msde
