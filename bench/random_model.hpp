// A model of a case's real sizes with random weights: what is timed does not depend on their values.
#pragma once

#include "bench/workload.hpp"
#include "msde/run/settings.hpp"

namespace msde::bench {

Settings settings_of(const WorkloadOptions& options);  // configs/CASE[_paper].toml
MultiscaleModel random_model(const WorkloadOptions& options);
// Attribute spec (the JSON of model/model_file.hpp), parameters/NAME and buffers/NAME.
void write_model(hdf5::File& file, const MultiscaleModel& model);
// expected/GROUP/NAME of every parameter: `values` is as the parameters are.
void write_like_parameters(hdf5::File& file, const std::string& group, const MultiscaleModel& model,
                           const std::vector<torch::Tensor>& values);

// Standard normal numbers, keyed by `number`.
torch::Tensor draw(uint64_t number, at::IntArrayRef shape, torch::ScalarType type);

}  // namespace msde::bench
