// A file before anyone has said what it is: what a row of the table of formats looks at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msde/core/files/hdf5.hpp"

namespace msde {

// What is wanted of a file.
struct FieldChoice {
  std::vector<std::string> variables =
      {};                            // the channels, by their names in the file and in this order; empty: all
  bool may_be_one_snapshot = false;  // for one of several files that are one series
  bool looks_for_mask = true;        // find_mask.hpp; not in one of several files
  std::string mask = "";             // the same
};

class FileProbe {
 public:
  // Looks at the file once. One that is not there is begun by nothing and no HDF5; opening it says why.
  explicit FileProbe(std::string path, FieldChoice choice = {});

  const std::string& path() const { return path_; }
  const std::vector<std::string>& variables() const { return choice_.variables; }
  bool may_be_one_snapshot() const { return choice_.may_be_one_snapshot; }
  bool exists() const { return exists_; }
  bool is_folder() const { return is_folder_; }
  int64_t size() const { return size_; }  // bytes of a regular file, else 0
  // The first bytes of a regular file, 64 of them at most.
  bool begins_with(std::string_view bytes) const { return first_bytes_.compare(0, bytes.size(), bytes) == 0; }
  std::string_view first_bytes() const { return first_bytes_; }
  bool is_named(std::string_view ending) const;  // ".npy"

  // The file as HDF5, opened when first asked for; nullptr where it is none. DataError: damaged HDF5.
  const hdf5::File* hdf5() const;
  hdf5::File take_hdf5();  // the same, for the one who reads it; DataError

 private:
  std::string path_, first_bytes_;
  FieldChoice choice_;
  bool exists_ = false, is_folder_ = false;
  int64_t size_ = 0;
  mutable bool looked_for_hdf5_ = false;
  mutable std::optional<hdf5::File> hdf5_;
};

}  // namespace msde
