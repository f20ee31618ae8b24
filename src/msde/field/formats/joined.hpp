// Several files as one set of data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

// Whether the path is a pattern of names with *, ? or [..], and no file is called so.
bool is_pattern(const std::string& path);

// The files that hold the data of a path: itself; those that a pattern finds, in natural order; those of a folder of The
// Well. DataError: a pattern that finds none.
std::vector<std::string> files_of(const std::string& path);

// Files of one split, in order.
struct FilesOfSplit {
  std::string split;  // "" = no splits
  std::vector<std::string> files;
};

// All files of each split as one: stretches of one series where each file begins a step after another has ended, else
// trajectories side by side, which may begin at different times. Times are brought to the units of the first file. A few
// files are open at a time. DataError: no such series, or another grid, channels or spacing than those of the first.
std::unique_ptr<FieldSource> open_joined(const std::string& path, const std::vector<FilesOfSplit>& files,
                                         const FieldChoice& choice);

}  // namespace msde
