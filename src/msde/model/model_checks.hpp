// What a model file is held against before it is used: anyone may have written it.
#pragma once

#include <map>
#include <string>

#include "msde/model/multiscale.hpp"

namespace msde {

// ModelFormatError naming `origin` unless training could have produced the description: sizes that fit each
// other, lengths, steps and times that are finite and positive in float32.
void check_description(const ModelSpec& spec, const std::string& origin);

// ModelFormatError naming `origin` unless a model of this description has at most so many values, those of the file:
// before memory is taken for it.
void check_size(const ModelSpec& spec, int64_t values, const std::string& origin);

// ModelFormatError naming `origin` and the tensor: numbers that are not finite, and scales that are not positive.
void check_state(const std::map<std::string, torch::Tensor>& state, const std::string& origin);

}  // namespace msde
