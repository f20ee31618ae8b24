// The snapshots that a basis is learnt from.
#pragma once

#include <functional>
#include <string>

#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

constexpr int64_t kMostSnapshots = 20480;  // that a basis of a few hundred modes is learnt from

// Visits the snapshots of a split as float32 rows [rows, n_y]: all of them, or an even spread over every
// trajectory where there are more than kMostSnapshots.
void for_each_block(const Dataset& data, const std::string& split,
                    const std::function<void(const torch::Tensor&)>& visit);

}  // namespace msde
