#include "msde/core/files/hdf5/storage.hpp"

#include <set>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {
namespace {

// Bytes of the files in which a virtual dataset has its values, or -1 where one is not named.
int64_t virtual_source_bytes(const std::string& path, hid_t properties) {
  size_t sources = 0;
  std::set<std::string> files;
  if (H5Pget_virtual_count(properties, &sources) < 0) return -1;
  for (size_t i = 0; i < sources; ++i) {
    const ssize_t length = H5Pget_virtual_filename(properties, i, nullptr, 0);
    if (length <= 0) return -1;
    std::string name(length + 1, '\0');
    H5Pget_virtual_filename(properties, i, name.data(), name.size());
    name.pop_back();
    const size_t slash = path.rfind('/');
    const bool beside = name[0] != '/' && slash != std::string::npos;
    files.insert(name == "." ? path : (beside ? path.substr(0, slash + 1) : "") + name);
  }
  int64_t bytes = 0;
  for (const auto& file : files) bytes += file_size(file);
  return bytes;
}

}  // namespace

void check_storage(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape) {
  const Id type(H5Dget_type(dataset), H5Tclose);
  const Id properties(H5Dget_create_plist(dataset), H5Pclose);
  const int64_t elements = product(shape);
  int64_t bytes = 0;
  if (elements < 0 || __builtin_mul_overflow(elements, static_cast<int64_t>(H5Tget_size(type)), &bytes)) {
    fail(path, name, "shape " + show(shape) + " is impossible");
  }
  const H5D_layout_t layout = H5Pget_layout(properties);
  if (elements == 0) return;
  if (H5Pget_external_count(properties) > 0)
    fail(path, name, "has its values in other files as raw bytes; expected them in this file");
  if (layout == H5D_VIRTUAL) {
    const int64_t sources = virtual_source_bytes(path, properties);
    if (bytes / 1032 > sources)
      fail(path, name,
           "shape " + show(shape) + " is virtual, and the files with its values are missing or too small");
    return;
  }
  const int64_t stored = static_cast<int64_t>(H5Dget_storage_size(dataset));
  const int64_t limit = layout == H5D_CHUNKED ? 1032 : 1;
  if (stored < 0 || stored > file_size(path) || bytes / limit > stored) {
    fail(path, name,
         "shape " + show(shape) + " needs " + std::to_string(bytes) + " bytes, but the file holds " +
             std::to_string(stored) + " for it (" + std::to_string(file_size(path)) +
             " bytes in all); it is damaged or was never completely written");
  }
}

}  // namespace msde::hdf5
