// Other files that hold values of a file: sources of virtual datasets, ends of external links.
#include <hdf5.h>
#include <sys/stat.h>

#include <set>
#include <utility>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/storage.hpp"

namespace msde::hdf5 {
namespace {

using Names = std::set<std::string>;

void add_sources(hid_t group, const char* name, Names& names) {
  const Id dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
  if (!dataset.valid()) return;
  const Id properties(H5Dget_create_plist(dataset), H5Pclose);
  size_t n = 0;
  if (H5Pget_layout(properties) != H5D_VIRTUAL || H5Pget_virtual_count(properties, &n) < 0) return;
  for (size_t i = 0; i < n; ++i) {
    const ssize_t length = H5Pget_virtual_filename(properties, i, nullptr, 0);
    if (length <= 0) continue;
    std::string file(static_cast<size_t>(length) + 1, '\0');
    H5Pget_virtual_filename(properties, i, file.data(), file.size());
    file.pop_back();
    names.insert(file);
  }
}

herr_t look_at(hid_t group, const char* name, const H5L_info_t* link, void* found) {
  Names& names = *static_cast<Names*>(found);
  if (link->type == H5L_TYPE_HARD) {
    H5O_info_t object;
    if (H5Oget_info_by_name2(group, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
        object.type == H5O_TYPE_DATASET)
      add_sources(group, name, names);
  } else if (link->type == H5L_TYPE_EXTERNAL) {
    std::string value(link->u.val_size, '\0');
    const char *file = nullptr, *object = nullptr;
    unsigned flags = 0;
    if (H5Lget_val(group, name, value.data(), value.size(), H5P_DEFAULT) >= 0 &&
        H5Lunpack_elink_val(value.data(), value.size(), &flags, &file, &object) >= 0)
      names.insert(file);
  }
  return 0;
}

}  // namespace

std::vector<std::string> linked_files(const std::string& path) {
  constexpr size_t kMost = 10000;
  silence();
  std::vector<std::string> all, open = {path};
  std::set<std::pair<dev_t, ino_t>> seen;  // a file may be called by many names
  const auto is_new = [&](const std::string& place) {
    struct stat status {};
    return stat(place.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           seen.emplace(status.st_dev, status.st_ino).second;
  };
  if (!is_new(path)) return {};
  while (!open.empty() && all.size() < kMost) {
    const std::string one = open.back();
    open.pop_back();
    Names names;
    const Id file = H5Fis_hdf5(one.c_str()) > 0 ? open_for_reading(one) : Id(H5I_INVALID_HID, H5Fclose);
    if (!file.valid() || H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, look_at, &names) < 0) continue;
    for (const auto& name : names) {
      const std::string place = name == "." || name.empty() ? "" : find_named(one, name);
      if (place.empty() || !is_new(place)) continue;
      all.push_back(place);
      open.push_back(place);
    }
  }
  return all;
}

}  // namespace msde::hdf5
