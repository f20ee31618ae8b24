#include "msde/field/formats/npz_arrays.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "msde/core/error.hpp"
#include "msde/core/files/npy.hpp"
#include "msde/core/files/zip.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/formats/foreign.hpp"

namespace msde {
namespace {

constexpr std::string_view kEnding = ".npy";

bool is_array_member(const ZipMember& member) {
  const auto& name = member.name;
  return name.size() > kEnding.size() &&
         name.compare(name.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

class NpzArrays : public StoredArrays {
 public:
  explicit NpzArrays(const std::string& path) : StoredArrays(path), file_(path) {
    for (const auto& member : read_zip(file_)) {
      if (!is_array_member(member)) continue;
      const std::string name = member.name.substr(0, member.name.size() - kEnding.size());
      if (!member.stored)
        throw DataError(
            fmt::format("{}: '{}': is compressed (numpy.savez_compressed), which msde does not read; {}",
                        path, printable(name), npz_cure(path)));
      if (!members_.emplace(name, member).second)
        throw DataError(fmt::format("{}: has two arrays called '{}'", path, printable(name)));
    }
  }

  using StoredArrays::read;
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, member] : members_) names.push_back(name);
    return names;
  }
  bool has(const std::string& name) const override { return members_.count(name) > 0; }
  bool is_array(const std::string& name) const override { return has(name); }
  bool is_numeric(const std::string& array) const override { return open(array).is_numeric(); }
  Stored stored_as(const std::string& array) const override {
    return open(array).is_finer_than_float() ? Stored::float64 : Stored::float32;
  }
  Shape shape(const std::string& array) const override {
    const auto& file = open(array);
    if (!file.is_numeric()) file.read(0, 0);  // says what its values are
    return file.shape();
  }
  void read(const std::string& array, const ArrayBox& box, double* out) const override {
    read_box(array, box, out);
  }
  void read(const std::string& array, const ArrayBox& box, float* out) const override {
    read_box(array, box, out);
  }

 private:
  // Others may be damaged or hold Python objects, which concerns nobody.
  const NpyFile& open(const std::string& array) const {
    const auto opened = opened_.find(array);
    if (opened != opened_.end()) return opened->second;
    const auto found = members_.find(array);
    if (found == members_.end()) throw DataError(fmt::format("{}: '{}' is missing", path_, printable(array)));
    const auto called = fmt::format("{}: '{}'", path_, printable(array));
    return opened_
        .emplace(array, NpyFile::open_within(file_, found->second.begin, found->second.size, called))
        .first->second;
  }

  template <class T>
  void read_box(const std::string& array, const ArrayBox& box, T* out) const {
    constexpr int64_t kPart = 1 << 16;
    const NpyFile& file = open(array);
    in_runs(file.shape(), box, path_, [&](int64_t first, int64_t count) {
      for (int64_t done = 0; done < count; done += kPart)
        for (const double value : file.read(first + done, std::min(kPart, count - done)))
          *out++ = static_cast<T>(value);
    });
  }

  ByteFile file_;
  std::map<std::string, ZipMember> members_;
  mutable std::map<std::string, NpyFile> opened_;
};

}  // namespace

bool is_npz(const FileProbe& probe) {
  if (!probe.begins_with("PK\x03\x04")) return false;
  const auto members = read_zip(ByteFile(probe.path()));
  return std::any_of(members.begin(), members.end(), is_array_member);
}

std::unique_ptr<StoredArrays> open_npz_arrays(FileProbe probe) {
  return std::make_unique<NpzArrays>(probe.path());
}

}  // namespace msde
