// A model on disk: DIR/model.safetensors (values) and DIR/model.json (what they mean). Loading runs no code.
#pragma once

#include <map>
#include <string>

#include "msde/core/files/safetensors.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

// Neither file holds a time, path, host or duration: equal models give equal bytes.
void save_model(const MultiscaleModel& model, const std::string& folder);
MultiscaleModel load_model(const std::string& folder);  // ModelFormatError

// The pieces, for checkpoints.
std::string spec_to_json(const ModelSpec& spec);
ModelSpec spec_from_json(const std::string& text, const std::string& origin);
safetensors::Array to_array(const torch::Tensor& tensor);
torch::Tensor to_tensor(const safetensors::Array& array);
// Parameters and buffers by name.
std::map<std::string, torch::Tensor> state_of(const MultiscaleModel& model);
// The model that metadata "spec" describes, with the tensors whose names begin with `prefix`; ModelFormatError.
MultiscaleModel model_from(const safetensors::Document& document, const std::string& prefix,
                           const std::string& origin);
// Every tensor of the model must be there with its shape, and no other under `prefix`: ModelFormatError.
void set_state(MultiscaleModel& model, const safetensors::Document& document, const std::string& prefix,
               const std::string& origin);

}  // namespace msde
