// The table of formats: whatever reads a file of fields goes through it and finds out what it is by its first
// bytes, its content and its path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

enum class Holds {
  dataset,   // trajectories with their times
  forecast,  // predictions: point, mean, std, members (forecast_file.hpp)
  array,     // fields of which the file does not say more
};

// One row of the table. It has one of the two ways to open a file, or both.
struct FieldFormat {
  std::string name;            // for people
  std::string looks_for = {};  // what tells a dataset from other files, for error messages
  Holds holds;
  bool takes_choice = false;                   // `open` itself looks for the variables of the choice
  bool (*recognises)(const FileProbe& probe);  // a look at names, never at values
  // Trajectories with their times: data.path, import, info, score and predict --from read them. Checks all but
  // fields; DataError.
  std::unique_ptr<FieldSource> (*open)(FileProbe probe) = nullptr;
  // Arrays as they are stored, for score and predict --from, which go before what `open` makes of them.
  std::unique_ptr<StoredArrays> (*open_arrays)(FileProbe probe) = nullptr;
};

// Tried in this order.
const std::vector<FieldFormat>& field_formats();

// The format of the file, nullptr where none knows it. DataError: damaged.
const FieldFormat* find_format(const FileProbe& probe);
// The same. DataError: unreadable, or in none of the table.
const FieldFormat& format_of(const FileProbe& probe);

// The file as a dataset, by the first format that knows it as one; of a pattern that no file is called like ("out_*.nc")
// all that it finds, as one (joined.hpp). DataError: unreadable, in no such format (saying what was looked for and what
// the file has), or not as its format wants it.
std::unique_ptr<FieldSource> open_fields(const std::string& path, const FieldChoice& choice = {});

// Its arrays, by the first format that knows it and has some. DataError.
std::unique_ptr<StoredArrays> open_arrays(const std::string& path);

}  // namespace msde
