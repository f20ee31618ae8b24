// An open attribute. Internal to core/files/hdf5/.
#pragma once

#include <optional>
#include <string>

#include "msde/core/files/hdf5/handles.hpp"

namespace msde::hdf5 {

struct Attribute {
  Id id, type;
  int64_t elements;
};

// Nothing where the object has none of that name. DataError: unreadable, or larger than the file.
std::optional<Attribute> open_attribute(const std::string& path, hid_t object, const std::string& name);

}  // namespace msde::hdf5
