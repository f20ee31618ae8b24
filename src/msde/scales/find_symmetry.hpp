// Which symmetries every field of the training data has.
#pragma once

#include <string>
#include <vector>

#include "msde/field/dataset.hpp"

namespace msde {

struct FieldSymmetry {
  std::vector<std::string> words;  // of Grid::symmetry (grid/symmetry.hpp)
  std::string brief;               // a line for people; empty: nothing to say
};

// ConfigError: words that do not fit the grid, its mask or n_zeta, or words at all where the basis is not reduced; "auto" and
// "none" fit everything.
void check_symmetry(const std::vector<std::string>& asked, const Grid& grid,
                    const std::vector<int64_t>& n_zeta, bool reduced);

struct FieldSymmetryOptions {
  std::vector<int64_t> n_zeta;  // coarse points per axis, which the symmetries must map onto each other
  std::vector<double>
      channel_noise;  // s_c, standard deviation of the noise of each channel, in the units of the data
};

// Of the symmetries that are asked for: "auto" (those that hold of the data), "none", or words, which are taken. A symmetry
// holds where what it takes from the fields, w = u - P u (ops/orbits.hpp) of up to 256 training snapshots, a row each, is
// noise: for every channel the largest singular value of w, squared, is at most
//   1.1 s^2 (sqrt(r) + sqrt(m))^2 + (1e-5 |u|)^2,   w of m snapshots being noise in r directions,
// the edge of what noise makes (Marchenko and Pastur), with room for an estimate of s, and for rounding. A part that
// is alike in all snapshots shows far below the noise of a value: from s / sqrt(m) on. Only training data are read.
// ConfigError as check_symmetry.
FieldSymmetry find_symmetry(const Dataset& data, const std::vector<std::string>& asked,
                            const FieldSymmetryOptions& options);

// That test of data without units, of all symmetries of `grid` at once.
bool fields_are_symmetric(const Dataset& data, const Grid& grid, const std::vector<double>& channel_noise);

// What a symmetric model cannot show of a snapshot u [C, *grid], |u - P u| / |u|, and the most that noise of standard
// deviation s_c is expected to make of it (its root mean square, with a tenth and three deviations of chance more).
struct Asymmetry {
  double share = 0, most_of_noise = 0;
};
Asymmetry asymmetry(const torch::Tensor& snapshot, const Grid& grid,
                    const std::vector<double>& channel_noise);

}  // namespace msde
