// A model that is ready to train, and the data that it sees.
#pragma once

#include "msde/infer/data/training_data.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

struct Prepared {
  MultiscaleModel model{nullptr};
  TrainingData train, val;
};

}  // namespace msde
