// Parameters and forcing of a forecast beside what training saw of them.
#pragma once

#include <string>
#include <vector>

#include "msde/model/multiscale.hpp"
#include "msde/run/settings.hpp"
#include "msde/run/starts/starts.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// What training saw, by the model file, of the inputs that must be given (of its clock a model knows all); by the training data where that does not say and they are still
// there; else unknown.
SeenInputs inputs_seen(const MultiscaleModel& model, const Settings& settings, const std::string& data_path);

// Warns of values that training never saw and of forcing that ends before the forecast. What was constant in
// training gets that value, for the model cannot know what another one does.
void settle_inputs(Starts& starts, const SeenInputs& seen);

// Warns of forecasts that last longer than training does and, of models that know the time, of one that ends after it.
void warn_beyond_training(const Starts& starts, const ModelSpec& spec);

// What a model file says of inputs that must be given.
SeenInputs seen_given(const ModelSpec& spec);

// What stands for values [n] that nobody gave, n being that of the ranges: of constants what training had, else the model's own.
torch::Tensor typical_of(const torch::Tensor& model, const std::vector<SeenRange>& ranges);

}  // namespace msde
