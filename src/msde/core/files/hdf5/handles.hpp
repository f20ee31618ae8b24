// Open objects of HDF5, given back when they are no longer used. Internal to core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/hdf5/stored_as.hpp"

namespace msde::hdf5 {

// An identifier of HDF5 with the function that gives it back.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }
  bool valid() const { return id_ >= 0; }
  herr_t close() { return close_(std::exchange(id_, H5I_INVALID_HID)); }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// A file without a lock, which would guard nothing: inputs are only read, and results appear by rename. Locks fail on
// some network and read-only mounts. Not valid where it cannot be opened; reason() says why.
Id open_for_reading(const std::string& path);

// What a File holds.
struct File::Handles {
  std::string path;
  Id file;

  // Those asked for last stay open, with the chunks that they keep. DataError: not there, unreadable.
  Id dataset(const std::string& name) const;
  Id object(const std::string& name) const;
  // Selects the box in the dataset's space, after checking that it lies inside.
  Id select(const std::string& name, hid_t dataset, const Slab& slab) const;
  // Looked at once. DataError as stored_as().
  const StoredAs& stored_as(const std::string& name, hid_t dataset) const;

  bool keeps_order = false;  // of attributes, for NetCDF-4
  // What there is of that name, through every link: H5I_DATASET, H5I_GROUP, ..; H5I_BADID where it leads nowhere.
  H5I_type_t kind(const std::string& name) const;

  mutable std::map<std::string, StoredAs> known = {};
  mutable std::map<std::string, H5I_type_t> kinds = {};  // of what is there
  struct OpenDataset {
    std::string name;
    Id id;
    int64_t bytes;  // of chunks that it may keep
  };
  mutable std::vector<OpenDataset> open_datasets = {};  // the one asked for last at the end
  mutable std::map<std::string, std::vector<std::string>> axis_names = {};  // of datasets that were asked for
};

}  // namespace msde::hdf5
