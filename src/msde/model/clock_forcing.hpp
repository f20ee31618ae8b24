// The forcing of a model whose clock is forcing, too.
#pragma once

#include "msde/field/clock.hpp"
#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// forcing [.., T, n] of the data, at times [.., T] (float64, in the units of the data, not of a model):
// [.., T, n + clock.size()].
torch::Tensor with_clock(const torch::Tensor& forcing, const torch::Tensor& times, const Clock& clock);
// Of all of a split, [N, T, n_f + clock.size()], whatever the units of `data`.
torch::Tensor forcing_with_clock(const Dataset& data, const std::string& split, const Clock& clock);

}  // namespace msde
