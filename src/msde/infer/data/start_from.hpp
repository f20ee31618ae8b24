// Training that starts from another run's weights.
#pragma once

#include <string>

#include "msde/model/multiscale.hpp"

namespace msde {

// The weights of the model in `folder`, with the units they were trained in, in the world of these data;
// without what calibration fitted to them: a dispersion scaled to nothing cannot train. ModelFormatError,
// DataError where it does not fit.
MultiscaleModel trained_elsewhere(const std::string& folder, const Dataset& data);

}  // namespace msde
