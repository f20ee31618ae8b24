#include "msde/field/formats/npy_array.hpp"

#include <algorithm>

#include "msde/core/files/npy.hpp"

namespace msde {
namespace {

class NpyArrays : public StoredArrays {
 public:
  explicit NpyArrays(const std::string& path) : StoredArrays(path), file_(NpyFile::open(path)) {}

  using StoredArrays::read;
  std::vector<std::string> names() const override { return {kName}; }
  bool has(const std::string& name) const override { return name == kName; }
  bool is_array(const std::string& name) const override { return name == kName; }
  bool is_numeric(const std::string&) const override { return true; }
  Stored stored_as(const std::string&) const override {
    return file_.is_finer_than_float() ? Stored::float64 : Stored::float32;
  }
  Shape shape(const std::string&) const override { return file_.shape(); }
  std::string called(const std::string&) const override { return kName; }

  void read(const std::string&, const ArrayBox& box, double* out) const override {
    in_runs(file_.shape(), box, path_, [&](int64_t first, int64_t count) {
      const auto values = file_.read(first, count);
      out = std::copy(values.begin(), values.end(), out);
    });
  }

 private:
  static constexpr const char* kName = "array";

  NpyFile file_;
};

}  // namespace

bool is_npy(const FileProbe& probe) {
  if (probe.begins_with("\x93NUMPY")) return true;
  return probe.exists() && !probe.is_folder() && probe.is_named(".npy") && !probe.hdf5();
}

std::unique_ptr<StoredArrays> open_npy_array(FileProbe probe) {
  return std::make_unique<NpyArrays>(probe.path());
}

}  // namespace msde
