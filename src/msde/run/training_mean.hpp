// The mean of the training snapshots, kept beside the model that has to beat it: data may move or change.
#pragma once

#include "msde/field/dataset.hpp"
#include "msde/run/run_directory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

void save_training_mean(const RunLayout& run, const Dataset& data);
// [C, *grid] of the model's grid, undefined where the run has none. ModelFormatError: damaged, or of another grid.
torch::Tensor saved_training_mean(const RunLayout& run, const Grid& grid);

}  // namespace msde
