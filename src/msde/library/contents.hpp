// What stands behind the public values.
#pragma once

#include <optional>

#include "msde/field/dataset.hpp"
#include "msde/library/msde.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/run/settings.hpp"

namespace msde {

struct Configuration::Contents {
  Settings settings;
};

struct Data::Contents {
  Dataset data;
  DataFacts facts;
};

struct Model::Contents {
  MultiscaleModel model;
  SeenInputs seen;  // parameters and forcing of training
  ModelFacts facts;
  double train_seconds = 0;  // 0: unknown

  static Model value(Contents contents) {
    return Model(std::make_shared<const Contents>(std::move(contents)));
  }
};

}  // namespace msde
