// Some channels of a source, by their names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"

namespace msde {

// The channels called `names`, in this order; a name without a channel stands for all that begin with it and '_', the
// components of a vector. Channels without names that are as many are taken as they are. DataError listing the channels that there are.
std::unique_ptr<FieldSource> choose_channels(std::unique_ptr<FieldSource> source,
                                             const std::vector<std::string>& names);

}  // namespace msde
