// What a file holds: names, shapes, kinds of values.
#include <hdf5.h>

#include <algorithm>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/storage.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {

bool File::has(const std::string& name) const {
  return handles_->kind(name) != H5I_BADID;
}

std::string File::why_absent(const std::string& name) const {
  silence();
  if (has(name)) return "";
  for (size_t end = name.find_first_not_of('/'); end != std::string::npos;) {
    end = name.find('/', end);
    const std::string parent = name.substr(0, end);
    if (H5Lexists(handles_->file, parent.c_str(), H5P_DEFAULT) <= 0) return "";
    if (const auto why = dangling_link(path(), handles_->file, parent); !why.empty()) return why;
    if (end != std::string::npos) end = name.find_first_not_of('/', end);
  }
  return "";
}

bool File::is_dataset(const std::string& name) const {
  return handles_->kind(name) == H5I_DATASET;
}

bool File::is_group(const std::string& name) const {
  return handles_->kind(name) == H5I_GROUP;
}

std::vector<std::string> File::names(const std::string& group) const {
  silence();
  const Id id(H5Gopen2(handles_->file, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!id.valid()) fail(path(), group, "no such group, or unreadable: " + reason());
  std::vector<std::string> found;
  const auto keep = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    if (*name != '#')
      static_cast<std::vector<std::string>*>(list)->emplace_back(name);  // '#refs#' is MATLAB's own
    return 0;
  };
  if (H5Literate(id, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, keep, &found) < 0)
    fail(path(), group, "its members cannot be listed; the file is damaged: " + reason());
  std::sort(found.begin(), found.end());
  return found;
}

Shape File::shape(const std::string& name) const {
  return handles_->stored_as(name, handles_->dataset(name)).seen();
}

bool File::is_numeric(const std::string& name) const {
  const Id dataset = handles_->dataset(name);
  return is_number(Id(H5Dget_type(dataset), H5Tclose));
}

std::string File::missing_mark(const std::string& name) const {
  return handles_->stored_as(name, handles_->dataset(name)).packing.words;
}

bool File::is_finer_than_float(const std::string& name) const {
  const Id dataset = handles_->dataset(name);
  const Id type(H5Dget_type(dataset), H5Tclose);
  if (H5Tget_class(type) == H5T_INTEGER && handles_->stored_as(name, dataset).packing.is_scaled())
    return true;
  return H5Tget_precision(type) > (H5Tget_class(type) == H5T_INTEGER ? 24u : 32u);
}

}  // namespace msde::hdf5
