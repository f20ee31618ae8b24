// From a dataset to a model ready to train: coordinates, units, fresh networks.
#pragma once

#include <string>

#include "msde/infer/data/prepared.hpp"
#include "msde/infer/train_options.hpp"

namespace msde {

// Chooses the reduced basis (reduced preset), projects the data, smooths the training coefficients in time
// and sets the units in which the networks work. `tell` receives lines for people. All errors are sums of squares in
// units of the channels' deviations; `channel_weights` w_c (empty: 1 each) multiply those of channel c.
Prepared prepare(const ModelOptions& model, const ElboOptions& options, const Dataset& data,
                 const std::function<void(const std::string&)>& tell,
                 const std::vector<double>& channel_weights = {});

// The same around a model that exists already, as when training is resumed or continued from another run.
Prepared prepare_with(MultiscaleModel model, const ElboOptions& options, const Dataset& data,
                      const std::function<void(const std::string&)>& tell);

// Centre and scale of every channel over training, and which of them are constant there; time has no unit yet.
Units channel_units(const Dataset& data);

// What a model is told about the data: case, spacing and range of times, observation noise.
void set_world(ModelSpec& spec, const Dataset& data);

}  // namespace msde
