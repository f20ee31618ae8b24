#include "msde/field/formats/npy_array.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
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

  // Values that lie together are read in one go: a row along axis `inner`, and all of the axes after it.
  void read(const std::string&, const ArrayBox& box, double* out) const override {
    const auto& shape = file_.shape();
    check_inside(box);
    size_t inner = shape.size();
    int64_t run = 1;
    while (inner > 0 && (inner == shape.size() || box.count[inner] == shape[inner]))
      run *= box.count[--inner];
    int64_t rows = 1;
    for (size_t axis = 0; axis < inner; ++axis) rows *= box.count[axis];
    for (int64_t row = 0; row < rows && run > 0; ++row) {
      int64_t first = 0, stride = 1, left = row;
      for (size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
        const int64_t beyond = axis < inner ? left % box.count[axis] : 0;
        if (axis < inner) left /= box.count[axis];
        first += (box.start[axis] + beyond) * stride;
      }
      const auto values = file_.read(first, run);
      out = std::copy(values.begin(), values.end(), out);
    }
  }

 private:
  static constexpr const char* kName = "array";

  void check_inside(const ArrayBox& box) const {
    const auto& shape = file_.shape();
    bool inside = box.start.size() == shape.size() && box.count.size() == shape.size();
    for (size_t i = 0; inside && i < shape.size(); ++i)
      inside = box.start[i] >= 0 && box.count[i] >= 0 && box.start[i] <= shape[i] - box.count[i];
    if (!inside)
      throw DataError(fmt::format("{}: box of [{}] from [{}] is not inside shape [{}]", path_,
                                  fmt::join(box.count, ", "), fmt::join(box.start, ", "),
                                  fmt::join(shape, ", ")));
  }

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
