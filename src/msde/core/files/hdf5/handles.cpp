#include "msde/core/files/hdf5/handles.hpp"

#include <algorithm>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/storage.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {

Id open_for_reading(const std::string& path) {
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);
  return Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
}

namespace {

// A chunk is decompressed whole, and again for each read unless it is kept: those of one frame are, within bounds.
Id with_room_for_a_frame(hid_t file, const std::string& name, Id dataset) {
  constexpr int64_t kUsual = int64_t{1} << 20, kMost = int64_t{512} << 20;
  const Id properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(properties) != H5D_CHUNKED) return dataset;
  const Id space(H5Dget_space(dataset), H5Sclose), type(H5Dget_type(dataset), H5Tclose);
  const Shape shape = extent(space);
  std::vector<hsize_t> chunk(shape.size());
  if (H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()) < 0) return dataset;
  int64_t chunks = 1, bytes = static_cast<int64_t>(H5Tget_size(type));
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto length = static_cast<int64_t>(std::max<hsize_t>(1, chunk[axis]));
    const bool of_frame = axis >= (shape.size() > 3 ? 2 : 1);
    const int64_t along = of_frame ? (shape[axis] - 1) / length + 1 : 1;
    if (__builtin_mul_overflow(chunks, along, &chunks) ||
        __builtin_mul_overflow(bytes, along * length, &bytes))
      return dataset;
  }
  if (bytes <= kUsual || chunks > kMost / 1024) return dataset;
  const Id access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  H5Pset_chunk_cache(access, static_cast<size_t>(10 * chunks + 521),
                     static_cast<size_t>(std::min(bytes, kMost)), 1.);
  dataset = Id(H5I_INVALID_HID, H5Dclose);  // closed first: a dataset that is open keeps its cache
  return Id(H5Dopen2(file, name.c_str(), access), H5Dclose);
}

}  // namespace

Id File::Handles::dataset(const std::string& name) const {
  silence();
  if (!last_dataset.valid() || name != last_name) {
    Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (id.valid()) id = with_room_for_a_frame(file, name, std::move(id));
    if (!id.valid()) fail(path, name, "no such dataset, or unreadable: " + reason());
    last_dataset = std::move(id), last_name = name;
  }
  H5Iinc_ref(last_dataset);
  return Id(last_dataset, H5Dclose);
}

H5I_type_t File::Handles::kind(const std::string& name) const {
  if (const auto found = kinds.find(name); found != kinds.end()) return found->second;
  silence();
  // H5Lexists fails unless every parent exists, so ask for each in turn.
  if (const size_t slash = name.find_last_of('/'); slash != std::string::npos && slash > 0) {
    const auto parent = kind(name.substr(0, slash));
    if (parent == H5I_BADID) return H5I_BADID;
  }
  const bool is_root = name.find_first_not_of('/') == std::string::npos;
  if (!is_root &&
      (H5Lexists(file, name.c_str(), H5P_DEFAULT) <= 0 || !dangling_link(path, file, name).empty()))
    return H5I_BADID;
  const Id object(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
  if (!object.valid()) return H5I_BADID;
  return kinds[name] = H5Iget_type(object);
}

Id File::Handles::object(const std::string& name) const {
  silence();
  Id id(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
  if (!id.valid()) fail(path, name, "no such object, or unreadable: " + reason());
  return id;
}

const StoredAs& File::Handles::stored_as(const std::string& name, hid_t dataset) const {
  const auto found = known.find(name);
  return found != known.end() ? found->second
                              : known.emplace(name, hdf5::stored_as(path, name, dataset)).first->second;
}

Id File::Handles::select(const std::string& name, hid_t dataset, const Slab& slab) const {
  Id space(H5Dget_space(dataset), H5Sclose);
  const Shape shape = extent(space);
  bool inside = slab.start.size() == shape.size() && slab.count.size() == shape.size();
  for (size_t i = 0; inside && i < shape.size(); ++i) {
    inside = slab.start[i] >= 0 && slab.count[i] >= 0 && slab.start[i] <= shape[i] - slab.count[i];
  }
  if (!inside) {
    fail(path, name,
         "box of " + show(slab.count) + " from " + show(slab.start) + " is not inside shape " + show(shape));
  }
  if (!shape.empty()) {
    H5Sselect_hyperslab(space, H5S_SELECT_SET, sizes(slab.start).data(), nullptr, sizes(slab.count).data(),
                        nullptr);
  }
  return space;
}

}  // namespace msde::hdf5
