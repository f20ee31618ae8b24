#include "msde/core/files/hdf5/storage.hpp"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <utility>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {
namespace {

constexpr int64_t kDeflateAtMost = 1032;
constexpr int64_t kLargestChunk = int64_t{256} << 20;  // bytes, which HDF5 holds twice to decompress it
constexpr size_t kNestedAtMost = 16;                   // virtual datasets of virtual datasets

using Place = std::pair<std::string, std::string>;  // file, dataset

// The file that an object is in: another than the one that was opened, where a link led there.
std::string file_of(const std::string& path, hid_t object) {
  const ssize_t length = H5Fget_name(object, nullptr, 0);
  if (length <= 0) return path;
  std::string name(length + 1, '\0');
  H5Fget_name(object, name.data(), name.size());
  name.pop_back();
  return name;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

}  // namespace

std::string find_named(const std::string& path, const std::string& name) {
  std::vector<std::string> places = {name};
  if (name[0] != '/') {
    places.insert(places.begin(), folder_of(path) + name);
    char real[PATH_MAX] = "";
    if (realpath(path.c_str(), real)) places.push_back(folder_of(real) + name);
  } else {
    places.push_back(folder_of(path) + name.substr(name.rfind('/') + 1));
  }
  for (const auto& place : places) {
    struct stat status {};
    if (stat(place.c_str(), &status) == 0) return S_ISREG(status.st_mode) ? place : "";
  }
  return "";
}

namespace {

std::string filter_name(H5Z_filter_t id, const char* stored) {
  static const std::map<int, std::string> known = {{4, "szip"},     {32000, "lzf"},        {32001, "blosc"},
                                                   {32004, "lz4"},  {32008, "bitshuffle"}, {32013, "zfp"},
                                                   {32015, "zstd"}, {32026, "blosc2"}};
  if (const auto found = known.find(id); found != known.end()) return found->second;
  return *stored ? stored : "filter " + std::to_string(id);
}

// Values of a chunk, -1 where that is none.
int64_t values_of_a_chunk(const Shape& shape, hid_t properties) {
  std::vector<hsize_t> chunk(shape.size());
  if (H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()) < 0) return -1;
  return product(Shape(chunk.begin(), chunk.end()));
}

// Whether chunks may be smaller than deflate makes them.
bool check_filters(const std::string& path, const std::string& name, const Shape& shape, hid_t properties) {
  bool any_size = false;
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0, config = 0, values[20] = {};
    size_t n_values = std::size(values);
    char stored[64] = "";
    const auto id = H5Pget_filter2(properties, i, &flags, &n_values, values, sizeof stored, stored, &config);
    // These two count on the values of a whole chunk, and HDF5 on that they come first.
    const bool counts = id == H5Z_FILTER_SCALEOFFSET || id == H5Z_FILTER_NBIT;
    if (counts && (i > 0 || n_values < 3 || values[2] != values_of_a_chunk(shape, properties)))
      fail(path, name, "says of its filters what does not fit its chunks; the file is damaged");
    if (H5Zfilter_avail(id) <= 0)
      fail(path, name,
           "is compressed with " + filter_name(id, stored) +
               ", which this HDF5 cannot read; write it with gzip: h5repack -f GZIP=4 OLD NEW where that "
               "filter is "
               "known, or in h5py compression=\"gzip\"");
    any_size =
        any_size || (id != H5Z_FILTER_DEFLATE && id != H5Z_FILTER_SHUFFLE && id != H5Z_FILTER_FLETCHER32);
  }
  return any_size;
}

int64_t chunks_of(const Shape& shape, hid_t properties) {
  std::vector<hsize_t> chunk(shape.size());
  if (H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()) < 0) return -1;
  Shape along;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto length = static_cast<int64_t>(std::max<hsize_t>(1, chunk[i]));
    along.push_back((shape[i] + length - 1) / length);
  }
  return product(along);
}

void check_chunks(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape,
                  hid_t properties) {
  const int64_t expected = chunks_of(shape, properties);
  const Id all(H5Dget_space(dataset), H5Sclose);
  hsize_t there = 0;
  if (expected < 0 || H5Dget_num_chunks(dataset, all, &there) < 0)
    fail(path, name, "its chunks cannot be counted; the file is damaged: " + reason());
  if (static_cast<int64_t>(there) != expected)
    fail(path, name,
         "has " + std::to_string(there) + " of " + std::to_string(expected) +
             " chunks; it was never completely written, or a program still writes it");
}

// On the way through datasets that are made of others.
struct Trail {
  std::vector<Place> made_of;    // from the one asked for to the one at hand
  std::map<Place, Shape> whole;  // were looked at
};

void check_one(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape,
               Trail& trail);

[[noreturn]] void fail_source(const std::string& path, const std::string& name, const Place& source,
                              const std::string& why) {
  fail(path, name, "has values in '" + source.second + "' of " + source.first + ", " + why);
}

std::string text_of(ssize_t (*get)(hid_t, size_t, char*, size_t), hid_t properties, size_t i) {
  const ssize_t length = get(properties, i, nullptr, 0);
  if (length <= 0) return "";
  std::string text(length + 1, '\0');
  get(properties, i, text.data(), text.size());
  text.pop_back();
  return text;
}

// Whether a dataset of that shape has all that is taken from it; of one taken whole only the number is known.
bool holds_selection(const Shape& shape, hid_t from, int64_t values) {
  if (H5Sget_select_type(from) == H5S_SEL_ALL) return product(shape) == values;
  if (H5Sget_simple_extent_ndims(from) != static_cast<int>(shape.size())) return false;
  std::vector<hsize_t> low(shape.size()), high(shape.size());
  if (shape.empty() || H5Sget_select_bounds(from, low.data(), high.data()) < 0) return shape.empty();
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (static_cast<int64_t>(high[axis]) >= shape[axis]) return false;
  return true;
}

// The shape of a dataset that another one is made of, itself whole.
const Shape& check_source(const std::string& path, const std::string& name, const Place& place,
                          Trail& trail) {
  if (const auto found = trail.whole.find(place); found != trail.whole.end()) return found->second;
  const Id file = open_for_reading(place.first);
  if (!file.valid()) fail_source(path, name, place, "which is no HDF5 file, or a damaged one: " + reason());
  const Id source(H5Dopen2(file, place.second.c_str(), H5P_DEFAULT), H5Dclose);
  if (!source.valid()) fail_source(path, name, place, "which has no such dataset");
  const Id space(H5Dget_space(source), H5Sclose);
  const Shape shape = extent(space);
  check_one(place.first, place.second, source, shape, trail);
  return trail.whole[place] = shape;
}

// Into `all`, which begins with nothing.
bool add_selection(hid_t all, hid_t more) {
  if (H5Sget_select_type(all) == H5S_SEL_ALL) return true;
  if (H5Sget_select_type(more) == H5S_SEL_ALL) return H5Sselect_all(all) >= 0;
  if (H5Sget_select_type(all) == H5S_SEL_NONE) return H5Sselect_copy(all, more) >= 0;
  return H5Smodify_select(all, H5S_SELECT_OR, more) >= 0;
}

// Adds what a mapping of a virtual dataset covers to `covered`.
void check_mapping(const std::string& path, const std::string& name, hid_t properties, size_t i,
                   hid_t covered, Trail& trail) {
  const std::string file_name = text_of(H5Pget_virtual_filename, properties, i);
  const std::string dataset_name = text_of(H5Pget_virtual_dsetname, properties, i);
  if (file_name.empty() || dataset_name.empty()) fail(path, name, "does not say where its values are");
  const Id to(H5Pget_virtual_vspace(properties, i), H5Sclose);
  const Id from(H5Pget_virtual_srcspace(properties, i), H5Sclose);
  const hssize_t values = H5Sget_select_npoints(to);
  if (file_name.find('%') != std::string::npos || dataset_name.find('%') != std::string::npos || values < 0)
    fail_source(path, name, {file_name, dataset_name},
                "of which it does not say how many there are; write it whole: h5repack OLD NEW");
  const std::string found = file_name == "." ? path : find_named(path, file_name);
  if (found.empty()) fail_source(path, name, {file_name, dataset_name}, "which is not there");
  const Place place = {
      found, dataset_name.substr(std::min(dataset_name.find_first_not_of('/'), dataset_name.size()))};
  const Shape& shape = check_source(path, name, place, trail);
  if (!holds_selection(shape, from, values))
    fail_source(path, name, place, "which has only " + show(shape) + " of them");
  if (!add_selection(covered, to))
    fail(path, name, "is virtual, and where its values are cannot be read: " + reason());
}

void check_virtual(const std::string& path, const std::string& name, const Shape& shape, hid_t properties,
                   Trail& trail) {
  const Place here = {path, name.substr(std::min(name.find_first_not_of('/'), name.size()))};
  auto& made_of = trail.made_of;
  if (std::find(made_of.begin(), made_of.end(), here) != made_of.end() || made_of.size() >= kNestedAtMost)
    fail(path, name, "is virtual, and made of itself");
  made_of.push_back(here);
  size_t mappings = 0;
  H5Pget_virtual_count(properties, &mappings);
  const Id covered(H5Screate_simple(static_cast<int>(shape.size()), sizes(shape).data(), nullptr), H5Sclose);
  H5Sselect_none(covered);
  for (size_t i = 0; i < mappings; ++i) check_mapping(path, name, properties, i, covered, trail);
  made_of.pop_back();
  const hssize_t values = H5Sget_select_npoints(covered);
  if (values < product(shape))
    fail(path, name,
         "is virtual, and says of " + std::to_string(values) + " of its " + std::to_string(product(shape)) +
             " values where they are");
}

void check_one(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape,
               Trail& trail) {
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
  const std::string file = file_of(path, dataset);
  if (layout == H5D_VIRTUAL) return check_virtual(file, name, shape, properties, trail);
  const int64_t all_bytes = file_size(file);
  const bool any_size = check_filters(path, name, shape, properties);
  const int64_t stored = static_cast<int64_t>(H5Dget_storage_size(dataset));
  const int64_t limit = layout == H5D_CHUNKED ? kDeflateAtMost : 1;
  if (stored < 0 || stored > all_bytes || (!any_size && bytes / limit > stored)) {
    fail(path, name,
         "shape " + show(shape) + " needs " + std::to_string(bytes) + " bytes, but the file holds " +
             std::to_string(stored) + " for it (" + std::to_string(all_bytes) +
             " bytes in all); it is damaged or was never completely written");
  }
  const auto chunk_bytes = layout == H5D_CHUNKED ? static_cast<double>(values_of_a_chunk(shape, properties)) *
                                                       static_cast<double>(H5Tget_size(type))
                                                 : 0;
  if (chunk_bytes > static_cast<double>(kLargestChunk) && H5Pget_nfilters(properties) > 0)
    fail(path, name,
         "is compressed in chunks of " + std::to_string(static_cast<int64_t>(chunk_bytes) >> 20) +
             " MiB, expected at most " + std::to_string(kLargestChunk >> 20) +
             "; write it with smaller ones: h5repack -l CHUNK=.. OLD NEW");
  if (layout == H5D_CHUNKED) check_chunks(path, name, dataset, shape, properties);
}

}  // namespace

void check_storage(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape) {
  Trail trail;
  check_one(path, name, dataset, shape, trail);
}

std::string dangling_link(const std::string& opened, hid_t file, const std::string& name) {
  H5L_info_t info;
  if (H5Lget_info(file, name.c_str(), &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_EXTERNAL) return "";
  std::string value(info.u.val_size, '\0');
  const char *target = nullptr, *object = nullptr;
  unsigned flags = 0;
  if (value.empty() || H5Lget_val(file, name.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0 ||
      H5Lunpack_elink_val(value.data(), value.size(), &flags, &target, &object) < 0)
    return "is a link that cannot be read: " + reason();
  std::string path = opened;
  if (const size_t slash = name.rfind('/');
      slash != std::string::npos && slash > 0) {  // itself behind a link, perhaps
    const Id parent(H5Oopen(file, name.substr(0, slash).c_str(), H5P_DEFAULT), H5Oclose);
    if (parent.valid()) path = file_of(opened, parent);
  }
  const std::string there = find_named(path, target);
  if (there.empty()) return "is a link to " + std::string(target) + ", which is not there";
  if (H5Oexists_by_name(file, name.c_str(), H5P_DEFAULT) <= 0)
    return "is a link to '" + std::string(object) + "' in " + there + ", which has none";
  return "";
}

}  // namespace msde::hdf5
