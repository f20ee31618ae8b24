#include "msde/core/files/hdf5.hpp"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <type_traits>
#include <utility>

#include "msde/core/error.hpp"

namespace msde::hdf5 {

// --- handles and errors ---------------------------------------------------------------------------------

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

namespace {

// HDF5 prints a stack of its internals on stderr unless told not to, thread by thread. And at the end of the
// process it flushes again what could not be written before, and crashes on a full disk: files are closed
// here.
void silence() {
  static const bool no_flush_at_exit = H5dont_atexit() >= 0;
  thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)no_flush_at_exit, (void)silent;
}

herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* text) {
  if (error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

// The innermost message of HDF5's error stack, on one line: "truncated file: eof = 800, ...".
std::string reason() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_innermost, &text);
  // Of a failed system call, what the system said: "No space left on device".
  const std::string label = "error message = '";
  if (const size_t at = text.find(label); at != std::string::npos) {
    text = text.substr(at + label.size(), text.find('\'', at + label.size()) - at - label.size());
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? "unknown reason" : text;
}

std::string show(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

[[noreturn]] void fail(const std::string& path, const std::string& object, const std::string& message) {
  throw DataError(path + ": " + (object.empty() ? "" : "'" + object + "': ") + message);
}

// --- types and sizes ------------------------------------------------------------------------------------

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, int64_t>) return H5T_NATIVE_INT64;
}

// Files hold little-endian values whatever the machine, so equal content gives equal bytes.
template <class T>
hid_t stored_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<T, double>) return H5T_IEEE_F64LE;
  if constexpr (std::is_same_v<T, int64_t>) return H5T_STD_I64LE;
}

const char* class_name(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return "integers";
    case H5T_FLOAT:
      return "floating-point numbers";
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "compound records";
    case H5T_ENUM:
      return "an enumeration";
    default:
      return "values of another type";
  }
}

bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

// The product of a shape, or -1 where it does not fit.
int64_t product(const Shape& shape) {
  int64_t n = 1;
  for (const int64_t length : shape) {
    if (length < 0 || __builtin_mul_overflow(n, length, &n)) return -1;
  }
  return n;
}

std::vector<hsize_t> sizes(const Shape& shape) {
  return {shape.begin(), shape.end()};
}

Shape extent(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> lengths(std::max(rank, 0));
  if (rank > 0) H5Sget_simple_extent_dims(space, lengths.data(), nullptr);
  return {lengths.begin(), lengths.end()};
}

int64_t file_size(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<int64_t>(status.st_size) : 0;
}

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

// A header may claim any shape; believe it only if the file holds enough bytes for it. Deflate compresses
// at most 1032-fold, so a chunked dataset may be that much larger than its storage, and no more. Neither may
// a virtual one be larger than the files that it is made of.
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

}  // namespace

std::string version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

// --- File -----------------------------------------------------------------------------------------------

struct File::Handles {
  std::string path;
  Id file;

  Id dataset(const std::string& name) const {
    silence();
    Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!id.valid()) fail(path, name, "no such dataset, or unreadable: " + reason());
    return id;
  }
  Id object(const std::string& name) const {
    silence();
    Id id(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!id.valid()) fail(path, name, "no such object, or unreadable: " + reason());
    return id;
  }
  // Selects the box in the dataset's space, after checking that it lies inside.
  Id select(const std::string& name, hid_t dataset, const Slab& slab) const {
    Id space(H5Dget_space(dataset), H5Sclose);
    const Shape shape = extent(space);
    bool inside = slab.start.size() == shape.size() && slab.count.size() == shape.size();
    for (size_t i = 0; inside && i < shape.size(); ++i) {
      inside = slab.start[i] >= 0 && slab.count[i] >= 0 && slab.start[i] <= shape[i] - slab.count[i];
    }
    if (!inside) {
      fail(
          path, name,
          "box of " + show(slab.count) + " from " + show(slab.start) + " is not inside shape " + show(shape));
    }
    if (!shape.empty()) {
      H5Sselect_hyperslab(space, H5S_SELECT_SET, sizes(slab.start).data(), nullptr, sizes(slab.count).data(),
                          nullptr);
    }
    return space;
  }
};

File::File(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

File File::open(const std::string& path) {
  silence();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw DataError(path + ": cannot be read: " + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw DataError(path + ": is a folder; expected an HDF5 file");
  if (access(path.c_str(), R_OK) != 0) throw DataError(path + ": cannot be read: " + std::strerror(errno));
  if (status.st_size == 0) throw DataError(path + ": is empty; expected an HDF5 file");
  if (H5Fis_hdf5(path.c_str()) <= 0) throw DataError(path + ": is not an HDF5 file");
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // Inputs are only read and results appear by rename, so a lock would guard nothing, and it fails on some
  // network and read-only mounts.
  H5Pset_file_locking(access, false, true);
  Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
  if (!file.valid()) throw DataError(path + ": damaged or cut short HDF5 file: " + reason());
  return File(std::unique_ptr<Handles>(new Handles{path, std::move(file)}));
}

File File::create(const std::string& path) {
  silence();
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);
  Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
  if (!file.valid()) throw DataError(path + ": cannot be created: " + reason());
  return File(std::unique_ptr<Handles>(new Handles{path, std::move(file)}));
}

const std::string& File::path() const {
  return handles_->path;
}

void File::close() {
  silence();
  if (!handles_->file.valid()) return;
  const bool flushed = H5Fflush(handles_->file, H5F_SCOPE_GLOBAL) >= 0;
  const std::string why = flushed ? "" : reason();
  if (handles_->file.close() < 0 || !flushed)
    fail(path(), "", "could not be written: " + (flushed ? reason() : why));
}

// --- looking --------------------------------------------------------------------------------------------

bool File::has(const std::string& name) const {
  silence();
  // H5Lexists fails unless every parent exists, so ask for each in turn.
  for (size_t end = name.find_first_not_of('/'); end != std::string::npos;) {
    end = name.find('/', end);
    if (H5Lexists(handles_->file, name.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end != std::string::npos) end = name.find_first_not_of('/', end);
  }
  return H5Oexists_by_name(handles_->file, name.c_str(), H5P_DEFAULT) > 0;
}

bool File::is_dataset(const std::string& name) const {
  return has(name) && H5Iget_type(handles_->object(name)) == H5I_DATASET;
}

bool File::is_group(const std::string& name) const {
  return has(name) && H5Iget_type(handles_->object(name)) == H5I_GROUP;
}

std::vector<std::string> File::names(const std::string& group) const {
  silence();
  const Id id(H5Gopen2(handles_->file, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!id.valid()) fail(path(), group, "no such group, or unreadable: " + reason());
  std::vector<std::string> found;
  const auto keep = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  if (H5Literate(id, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, keep, &found) < 0)
    fail(path(), group, "its members cannot be listed; the file is damaged: " + reason());
  std::sort(found.begin(), found.end());
  return found;
}

Shape File::shape(const std::string& name) const {
  const Id dataset = handles_->dataset(name);
  const Id space(H5Dget_space(dataset), H5Sclose);
  Shape lengths = extent(space);
  check_storage(path(), name, dataset, lengths);
  return lengths;
}

bool File::is_numeric(const std::string& name) const {
  const Id dataset = handles_->dataset(name);
  return is_number(Id(H5Dget_type(dataset), H5Tclose));
}

// --- reading and writing --------------------------------------------------------------------------------

template <class T>
void File::read(const std::string& name, const Slab& slab, T* out) const {
  const Id dataset = handles_->dataset(name);
  const Id type(H5Dget_type(dataset), H5Tclose);
  if (!is_number(type)) fail(path(), name, std::string("got ") + class_name(type) + ", expected numbers");
  const Id box = handles_->select(name, dataset, slab);
  if (product(slab.count) == 0) return;
  const Id memory(H5Screate_simple(static_cast<int>(slab.count.size()), sizes(slab.count).data(), nullptr),
                  H5Sclose);
  if (H5Dread(dataset, native_type<T>(), memory, box, H5P_DEFAULT, out) < 0) {
    fail(path(), name, "values cannot be read; the file is damaged or cut short: " + reason());
  }
}

template <class T>
std::vector<T> File::read(const std::string& name) const {
  const Shape lengths = shape(name);
  std::vector<T> values(product(lengths));
  read(name, Slab{Shape(lengths.size(), 0), lengths}, values.data());
  return values;
}

template <class T>
void File::create_dataset(const std::string& name, const Shape& shape, const Shape& chunk) {
  silence();
  const Id space(H5Screate_simple(static_cast<int>(shape.size()), sizes(shape).data(), nullptr), H5Sclose);
  const Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);  // equal content gives equal bytes, whenever it is written
  if (!chunk.empty()) H5Pset_chunk(properties, static_cast<int>(chunk.size()), sizes(chunk).data());
  const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id dataset(
      H5Dcreate2(handles_->file, name.c_str(), stored_type<T>(), space, links, properties, H5P_DEFAULT),
      H5Dclose);
  if (!dataset.valid()) fail(path(), name, "cannot be created with shape " + show(shape) + ": " + reason());
}

template <class T>
void File::write(const std::string& name, const Slab& slab, const T* values) {
  const Id dataset = handles_->dataset(name);
  const Id box = handles_->select(name, dataset, slab);
  if (product(slab.count) == 0) return;
  const Id memory(H5Screate_simple(static_cast<int>(slab.count.size()), sizes(slab.count).data(), nullptr),
                  H5Sclose);
  if (H5Dwrite(dataset, native_type<T>(), memory, box, H5P_DEFAULT, values) < 0) {
    fail(path(), name, "cannot be written: " + reason());
  }
}

template <class T>
void File::write(const std::string& name, const Shape& shape, const std::vector<T>& values) {
  if (product(shape) != static_cast<int64_t>(values.size())) {
    fail(path(), name, "got " + std::to_string(values.size()) + " values for shape " + show(shape));
  }
  create_dataset<T>(name, shape);
  write(name, Slab{Shape(shape.size(), 0), shape}, values.data());
}

#define MSDE_INSTANTIATE(T)                                                              \
  template void File::read<T>(const std::string&, const Slab&, T*) const;                \
  template std::vector<T> File::read<T>(const std::string&) const;                       \
  template void File::create_dataset<T>(const std::string&, const Shape&, const Shape&); \
  template void File::write<T>(const std::string&, const Slab&, const T*);               \
  template void File::write<T>(const std::string&, const Shape&, const std::vector<T>&);
MSDE_INSTANTIATE(float)
MSDE_INSTANTIATE(double)
MSDE_INSTANTIATE(int64_t)
#undef MSDE_INSTANTIATE

// --- attributes -----------------------------------------------------------------------------------------

namespace {

struct Attribute {
  Id id, type;
  int64_t elements;
};

std::optional<Attribute> open_attribute(const std::string& path, hid_t object, const std::string& name) {
  if (H5Aexists(object, name.c_str()) <= 0) return std::nullopt;
  Id id(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!id.valid()) fail(path, "@" + name, "attribute cannot be read: " + reason());
  Id type(H5Aget_type(id), H5Tclose);
  const Id space(H5Aget_space(id), H5Sclose);
  const int64_t elements = H5Sget_simple_extent_npoints(space);
  const int64_t limit = file_size(path) / static_cast<int64_t>(std::max<size_t>(1, H5Tget_size(type)));
  if (elements < 0 || elements > limit)
    fail(path, "@" + name, "attribute claims more values than the file can hold");
  return Attribute{std::move(id), std::move(type), elements};
}

template <class Make>  // replaces an attribute of the same name
void put(const std::string& path, hid_t object, const std::string& name, hid_t type, hid_t space,
         Make write) {
  if (H5Aexists(object, name.c_str()) > 0) H5Adelete(object, name.c_str());
  const Id attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!attribute.valid() || write(attribute) < 0)
    fail(path, "@" + name, "attribute cannot be written: " + reason());
}

Id scalar_space() {
  return Id(H5Screate(H5S_SCALAR), H5Sclose);
}

}  // namespace

std::optional<std::vector<double>> File::numbers(const std::string& object,
                                                 const std::string& attribute) const {
  const Id owner = handles_->object(object);
  const auto found = open_attribute(path(), owner, attribute);
  if (!found) return std::nullopt;
  if (!is_number(found->type)) {
    fail(path(), "@" + attribute, std::string("got ") + class_name(found->type) + ", expected numbers");
  }
  std::vector<double> values(found->elements);
  if (!values.empty() && H5Aread(found->id, H5T_NATIVE_DOUBLE, values.data()) < 0) {
    fail(path(), "@" + attribute, "attribute cannot be read: " + reason());
  }
  return values;
}

std::vector<std::string> File::attributes(const std::string& object) const {
  const Id owner = handles_->object(object);
  std::vector<std::string> found;
  const auto keep = [](hid_t, const char* name, const H5A_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  if (H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, keep, &found) < 0)
    fail(path(), object, "its attributes cannot be listed; the file is damaged: " + reason());
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<double> File::scalar(const std::string& object, const std::string& attribute) const {
  const Id owner = handles_->object(object);
  const auto found = open_attribute(path(), owner, attribute);
  if (!found || found->elements != 1 || !is_number(found->type)) return std::nullopt;
  return number(object, attribute);
}

std::optional<double> File::number(const std::string& object, const std::string& attribute) const {
  const auto values = numbers(object, attribute);
  if (!values) return std::nullopt;
  if (values->size() != 1) {
    fail(path(), "@" + attribute, "got " + std::to_string(values->size()) + " values, expected one number");
  }
  return values->front();
}

std::optional<std::string> File::text(const std::string& object, const std::string& attribute) const {
  const Id owner = handles_->object(object);
  const auto found = open_attribute(path(), owner, attribute);
  if (!found) return std::nullopt;
  if (H5Tget_class(found->type) != H5T_STRING) {
    fail(path(), "@" + attribute, std::string("got ") + class_name(found->type) + ", expected text");
  }
  std::string joined;
  const auto append = [&](const char* text, size_t length, int64_t i) {
    joined += (i ? "," : "");
    joined.append(text, strnlen(text, length));
  };
  bool read = true;
  if (H5Tis_variable_str(found->type) > 0) {
    const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5Tget_cset(found->type));
    std::vector<char*> texts(found->elements, nullptr);
    read = texts.empty() || H5Aread(found->id, type, texts.data()) >= 0;
    for (int64_t i = 0; i < found->elements && read; ++i) {
      if (texts[i]) append(texts[i], std::strlen(texts[i]), i);
      H5free_memory(texts[i]);
    }
  } else {
    const size_t width = H5Tget_size(found->type);
    std::vector<char> bytes(width * found->elements);
    read = bytes.empty() || H5Aread(found->id, found->type, bytes.data()) >= 0;
    for (int64_t i = 0; i < found->elements && read; ++i) append(bytes.data() + i * width, width, i);
  }
  if (!read) fail(path(), "@" + attribute, "attribute cannot be read: " + reason());
  return joined;
}

void File::set_attribute(const std::string& object, const std::string& attribute, double value) {
  put(path(), handles_->object(object), attribute, H5T_IEEE_F64LE, scalar_space(),
      [&](hid_t id) { return H5Awrite(id, H5T_NATIVE_DOUBLE, &value); });
}

void File::set_attribute(const std::string& object, const std::string& attribute, int64_t value) {
  put(path(), handles_->object(object), attribute, H5T_STD_I64LE, scalar_space(),
      [&](hid_t id) { return H5Awrite(id, H5T_NATIVE_INT64, &value); });
}

void File::set_attribute(const std::string& object, const std::string& attribute,
                         const std::vector<double>& values) {
  const hsize_t length = values.size();
  put(path(), handles_->object(object), attribute, H5T_IEEE_F64LE,
      Id(H5Screate_simple(1, &length, nullptr), H5Sclose),
      [&](hid_t id) { return values.empty() ? 0 : H5Awrite(id, H5T_NATIVE_DOUBLE, values.data()); });
}

void File::set_attribute(const std::string& object, const std::string& attribute, const std::string& value) {
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);  // variable-length UTF-8: what h5py reads as str
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const char* text = value.c_str();
  put(path(), handles_->object(object), attribute, type, scalar_space(),
      [&](hid_t id) { return H5Awrite(id, type, &text); });
}

// --- named axes -----------------------------------------------------------------------------------------

void File::attach_scale(const std::string& dataset, int64_t axis, const std::string& scale,
                        const std::string& label) {
  const Id target = handles_->dataset(dataset);
  const Id values = handles_->dataset(scale);
  const bool ready = H5DSis_scale(values) > 0 || H5DSset_scale(values, label.c_str()) >= 0;
  if (!ready || H5DSattach_scale(target, values, static_cast<unsigned>(axis)) < 0) {
    fail(path(), dataset,
         "cannot take '" + scale + "' as scale of axis " + std::to_string(axis) + ": " + reason());
  }
  label_axis(dataset, axis, label);
}

void File::label_axis(const std::string& dataset, int64_t axis, const std::string& label) {
  const Id target = handles_->dataset(dataset);
  if (H5DSset_label(target, static_cast<unsigned>(axis), label.c_str()) < 0) {
    fail(path(), dataset, "cannot label axis " + std::to_string(axis) + ": " + reason());
  }
}

}  // namespace msde::hdf5
