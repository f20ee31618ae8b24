// The units in which a model works: every field and time that enters or leaves it passes here, once.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// y = centre_c + scale_c y' of channel c, t = time_origin + time_scale t', the primed without unit: the same data
// in other units are the same numbers to the model, and bit for bit where the units differ by powers of two.
struct Units {
  std::vector<double> centre = {},
                      scale = {};  // [C]; empty: y' = y, of models that are older than their units
  // [C]: channels that did not vary in training, of which y is centre_c whatever y' is; empty: none.
  std::vector<bool> constant = {};
  double time_origin = 0, time_scale = 1;

  // Fields [.., C, *grid], of a grid of D axes. y -> y', float32: the difference is made in float64 and rounded once.
  torch::Tensor without(const torch::Tensor& fields, int64_t D) const;
  // y' -> y, in the type of the fields; float64 where these need_float64().
  torch::Tensor with(const torch::Tensor& fields, int64_t D) const;
  bool need_float64() const;  // where float32 rounds what varies about a centre to more than 6e-5 of it
  double time_without(double t) const { return (t - time_origin) / time_scale; }
};

}  // namespace msde
