// The data of a run: where they are, how the configuration sees them, and whether they will do.
#pragma once

#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"

namespace msde {

// data.path as an absolute path, "" as it is. A relative one that leads nowhere from this folder is `before`, the path
// of an earlier session, where there is one; the log says so.
std::string settled_data_path(const std::string& path, const std::string& before);

// data.mask with a file named by its absolute path, else as it is.
std::string settled_mask(const std::string& mask);

// What can be known of data and configuration before anything is made on disk: data.path is a dataset with
// these splits (DataError), for a `fresh` run of finite values, and the model fits its grid or that of the
// case (ConfigError). True if the values were looked at.
bool require_data(const Settings& settings, const std::vector<std::string>& splits, bool fresh);

// The data of the run: data.path, or generated into the run where they are missing.
std::string ensure_data(const RunLayout& run, const Settings& settings);
// Where the data of the run are, also after its folder was moved.
std::string data_of(const RunLayout& run, const Settings& settings);

// DataError, saying what to do, where the data of a run are gone.
void require_own_data(const std::string& path);
// What the configuration wants of another file than data.path: the mask is the model's.
FieldChoice choice_of_other_data(const Settings& settings);
// The data at `path` as the configuration sees data.path.
Dataset open_data(const Settings& settings, const std::string& path);
// Another file: as the configuration sees data.path if it is of the same kind (axes of the model's grid; with
// or without splits of its own), else as it is.
Dataset open_other_data(const Settings& settings, const Grid& grid, const std::string& path);
DataView view_of_other_data(const Settings& settings, const Grid& grid, const SourceFacts& facts);

}  // namespace msde
