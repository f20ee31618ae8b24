// Opens a file of fields by what is in it, never by its name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/core/files/hdf5.hpp"
#include "msde/field/formats/field_source.hpp"

namespace msde {

// One row of the table of formats.
struct FieldFormat {
  std::string name;                                       // for people
  std::string looks_for;                                  // what tells it from others, for error messages
  bool (*recognises)(const hdf5::File& file);             // a look at names, never at values
  std::unique_ptr<FieldSource> (*open)(hdf5::File file);  // checks all but fields; DataError
};

// Tried in this order.
const std::vector<FieldFormat>& field_formats();

// The format of the file, nullptr where none knows it.
const FieldFormat* find_format(const hdf5::File& file);

// DataError: unreadable, in no format (saying what was looked for and what the file has), or not as its
// format wants it.
std::unique_ptr<FieldSource> open_fields(const std::string& path);

}  // namespace msde
