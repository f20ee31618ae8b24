// What training saw of the parameters and forcings: how they are standardised, and what never varied.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Lowest and highest value of one parameter or forcing over training.
struct SeenRange {
  double low = 0, high = 0;
};

// Ranges over training of every parameter and forcing. `known` is false for models whose file does not say.
struct SeenInputs {
  bool known = false;
  std::vector<SeenRange> mu, f;  // [n_mu], [n_f]
};

// x [.., n] with at least one row: a range per column. mu [N, n_mu] and forcing [N, T, n_f] of training.
std::vector<SeenRange> seen_ranges(const torch::Tensor& x);
SeenInputs seen_inputs(const torch::Tensor& mu, const torch::Tensor& forcing);

// Whether the range is no wider than the rounding of float32 at its size: 2^-23 max(|low|, |high|).
bool is_constant(const SeenRange& range);
bool all_constant(const std::vector<SeenRange>& ranges);

// How inputs enter the networks: (x - mean) / scale, [n] each, float32.
struct Standardisation {
  torch::Tensor mean, scale;
};

// Mean and standard deviation (divisor: rows) of each column of x [.., n], computed in float64. What is
// constant gets scale 1 and, where all values are the same, that value as its mean, so that it enters as 0.
Standardisation standardisation(const torch::Tensor& x);

// The value of every input that training saw, [n], of a model whose file does not say the ranges: the mean.
// Computed in float32, a constant c may have a mean that is c only to rounding and a scale that is the
// distance between the two, so that training saw +1 or -1 in place of 0. There (scale <= 2^-19 |mean|) c is
// mean + scale or mean - scale; of the two the one with the shorter decimal number is returned, as constants
// are chosen by people. With scale 1 the mean may be c only to rounding, too: of the neighbouring float32
// numbers of mean, up to four away, the one with the shortest decimal number.
torch::Tensor typical_values(const Standardisation& units);

// What such a model's file still says: its typical value alone where the scale is the rounding of the mean,
// which is a constant; of other inputs anything.
std::vector<SeenRange> ranges_of(const Standardisation& units);

// Of another run's training and of this one's: the wider range. An input of which `other` says anything, or
// of which it has no range, takes this one's.
SeenInputs joined(const SeenInputs& other, const SeenInputs& own);

}  // namespace msde
