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

constexpr int64_t kUsual = int64_t{1} << 20, kMost = int64_t{512} << 20;  // bytes of chunks that are kept
constexpr size_t kMostOpen = 16;  // datasets: channels are often read in turn, frame by frame

// Bytes of the chunks that a dataset may keep. A chunk is decompressed whole, and again for each read unless it is kept:
// those of one frame are, within bounds.
int64_t make_room_for_a_frame(hid_t file, const std::string& name, Id& dataset) {
  const Id properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(properties) != H5D_CHUNKED) return 0;
  const Id space(H5Dget_space(dataset), H5Sclose), type(H5Dget_type(dataset), H5Tclose);
  const Shape shape = extent(space);
  std::vector<hsize_t> chunk(shape.size());
  if (H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()) < 0) return kUsual;
  int64_t chunks = 1, bytes = static_cast<int64_t>(H5Tget_size(type));
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto length = static_cast<int64_t>(std::max<hsize_t>(1, chunk[axis]));
    const bool of_frame = axis >= (shape.size() > 3 ? 2 : 1);
    const int64_t along = of_frame ? (shape[axis] - 1) / length + 1 : 1;
    if (__builtin_mul_overflow(chunks, along, &chunks) ||
        __builtin_mul_overflow(bytes, along * length, &bytes))
      return kUsual;
  }
  if (bytes <= kUsual || chunks > kMost / 1024) return kUsual;
  bytes = std::min(bytes, kMost);
  const Id access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  H5Pset_chunk_cache(access, static_cast<size_t>(10 * chunks + 521), static_cast<size_t>(bytes), 1.);
  dataset = Id(H5I_INVALID_HID, H5Dclose);  // closed first: a dataset that is open keeps its cache
  dataset = Id(H5Dopen2(file, name.c_str(), access), H5Dclose);
  return bytes;
}

// For one more, closes those that were not asked for the longest: the chunks of all are at most kMost.
template <class Open>
void close_others(std::vector<Open>& open, int64_t bytes) {
  for (const auto& one : open) bytes += one.bytes;
  size_t closed = 0;
  for (; closed < open.size() && (bytes > kMost || open.size() - closed >= kMostOpen); ++closed)
    bytes -= open[closed].bytes;
  open.erase(open.begin(), open.begin() + static_cast<int64_t>(closed));
}

}  // namespace

Id File::Handles::dataset(const std::string& name) const {
  silence();
  auto& open = open_datasets;
  const auto found =
      std::find_if(open.begin(), open.end(), [&](const auto& one) { return one.name == name; });
  if (found != open.end()) {
    std::rotate(found, found + 1, open.end());
  } else {
    Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    const int64_t bytes = id.valid() ? make_room_for_a_frame(file, name, id) : 0;
    if (!id.valid()) fail(path, name, "no such dataset, or unreadable: " + reason());
    close_others(open, bytes);
    open.push_back({name, std::move(id), bytes});
  }
  H5Iinc_ref(open.back().id);
  return Id(open.back().id, H5Dclose);
}

H5I_type_t File::Handles::kind(const std::string& name) const {
  if (const auto found = kinds.find(name); found != kinds.end()) return found->second;
  silence();
  // H5Lget_info fails unless every parent exists, so ask for each in turn.
  if (const size_t slash = name.find_last_of('/'); slash != std::string::npos && slash > 0) {
    const auto parent = kind(name.substr(0, slash));
    if (parent == H5I_BADID) return H5I_BADID;
  }
  const bool is_root = name.find_first_not_of('/') == std::string::npos;
  H5L_info_t link;
  if (!is_root && (H5Lget_info(file, name.c_str(), &link, H5P_DEFAULT) < 0 ||
                   (link.type == H5L_TYPE_EXTERNAL && !dangling_link(path, file, name).empty())))
    return H5I_BADID;
  H5O_info_t object;  // costs less than opening it
  if (H5Oget_info_by_name2(file, name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return H5I_BADID;
  return kinds[name] = object.type == H5O_TYPE_DATASET ? H5I_DATASET
                       : object.type == H5O_TYPE_GROUP ? H5I_GROUP
                                                       : H5I_DATATYPE;
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
