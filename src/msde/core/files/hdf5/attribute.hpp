// An open attribute. Internal to core/files/hdf5/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/core/files/hdf5/handles.hpp"

namespace msde::hdf5 {

struct Attribute {
  Id id, type;
  int64_t elements;
};

constexpr int64_t kLargestAttribute = int64_t{1} << 20;  // bytes: more is no name, number or note

// Nothing where the object has none of that name. DataError: unreadable, or larger than the file.
std::optional<Attribute> open_attribute(const std::string& path, hid_t object, const std::string& name);

// Its values as text, an element each; nothing where it is no text. DataError: unreadable, longer than kLargestAttribute.
std::optional<std::vector<std::string>> texts_of(const std::string& path, const Attribute& attribute,
                                                 const std::string& name);

}  // namespace msde::hdf5
