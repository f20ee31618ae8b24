#include <hdf5.h>

#include <algorithm>
#include <cstring>

#include "msde/core/files/hdf5/attribute.hpp"
#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/text_lengths.hpp"
#include "msde/core/files/hdf5/types.hpp"
#include "msde/core/files/utf8.hpp"

namespace msde::hdf5 {

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

namespace {

[[noreturn]] void fail_large(const std::string& path, const std::string& name, int64_t bytes) {
  fail(path, "@" + name,
       "got " + std::to_string(bytes) + " bytes, expected at most " + std::to_string(kLargestAttribute));
}

}  // namespace

std::optional<std::vector<std::string>> texts_of(const std::string& path, const Attribute& attribute,
                                                 const std::string& name) {
  if (H5Tget_class(attribute.type) != H5T_STRING) return std::nullopt;
  std::vector<std::string> texts(attribute.elements);
  if (texts.empty()) return texts;
  bool read = true;
  int64_t total = 0;
  if (H5Tis_variable_str(attribute.type) > 0) {
    for (const int64_t length : text_lengths(attribute.id, attribute.elements)) total += length;
    if (total > kLargestAttribute) fail_large(path, name, total);
    total = 0;
    const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5Tget_cset(attribute.type));
    std::vector<char*> found(texts.size(), nullptr);
    read = H5Aread(attribute.id, type, found.data()) >= 0;
    for (size_t i = 0; i < texts.size(); ++i) {
      const size_t length = read && found[i] ? std::strlen(found[i]) : 0;
      total += static_cast<int64_t>(length);
      if (length > 0 && total <= kLargestAttribute) texts[i].assign(found[i], length);
      if (found[i]) H5free_memory(found[i]);
    }
  } else {
    const size_t width = H5Tget_size(attribute.type);
    if (__builtin_mul_overflow(static_cast<int64_t>(width), attribute.elements, &total) ||
        total > kLargestAttribute)
      fail_large(path, name, total);
    std::vector<char> bytes(total);
    read = H5Aread(attribute.id, attribute.type, bytes.data()) >= 0;
    for (size_t i = 0; i < texts.size() && read; ++i)
      texts[i].assign(bytes.data() + i * width, strnlen(bytes.data() + i * width, width));
  }
  if (!read) fail(path, "@" + name, "attribute cannot be read: " + reason());
  if (total > kLargestAttribute) fail_large(path, name, total);
  return texts;
}

namespace {

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
  if (found->elements > kLargestAttribute / 8) fail_large(path(), attribute, 8 * found->elements);
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
  const auto texts = *texts_of(path(), *found, attribute);
  for (size_t i = 0; i < texts.size(); ++i) joined += (i ? "," : "") + texts[i];
  if (!is_utf8(joined)) fail(path(), "@" + attribute, "its text is not UTF-8; write it anew in UTF-8");
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

}  // namespace msde::hdf5
