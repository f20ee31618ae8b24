// The datasets of an HDF5 file, as arrays of values in msde's order of axes: forecasts (forecast_file.hpp), files with a dataset x, any other.
#pragma once

#include <memory>

#include "msde/field/formats/coordinates.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

class Hdf5Arrays : public StoredArrays {
 public:
  explicit Hdf5Arrays(hdf5::File file) : StoredArrays(file.path()), file_(std::move(file)) {}
  const hdf5::File& file() const { return file_; }

  using StoredArrays::read;
  std::vector<std::string> names() const override { return file_.names(); }
  bool has(const std::string& name) const override { return file_.has(name); }
  std::string why_absent(const std::string& name) const override { return file_.why_absent(name); }
  bool is_array(const std::string& name) const override { return file_.is_dataset(name); }
  bool is_numeric(const std::string& array) const override { return file_.is_numeric(array); }
  Stored stored_as(const std::string& array) const override { return msde::stored_as(file_, array); }
  Shape shape(const std::string& array) const override;
  void read(const std::string& array, const ArrayBox& box, double* out) const override {
    read_box(array, box, out);
  }
  void read(const std::string& array, const ArrayBox& box, float* out) const override {
    read_box(array, box, out);
  }
  std::string missing_mark(const std::string& array) const override { return file_.missing_mark(array); }
  std::string called(const std::string& array) const override;
  DatasetAttributes attributes() const override { return read_dataset_attributes(file_); }
  std::optional<double> number(const std::string& attribute) const override {
    return file_.number("/", attribute);
  }
  std::optional<std::string> text(const std::string& array, const std::string& attribute) const override {
    return file_.text(array, attribute);
  }

 private:
  // Axes stand as their names say (axis_roles.hpp), whatever their order in the file.
  std::vector<size_t> order_of(const std::string& array) const;
  template <class T>
  void read_box(const std::string& array, const ArrayBox& box, T* out) const;

  hdf5::File file_;
};

bool is_hdf5(const FileProbe& probe);
bool has_point_forecast(const FileProbe& probe);  // a dataset 'point'
bool has_array_x(const FileProbe& probe);         // a dataset 'x'
std::unique_ptr<StoredArrays> open_hdf5_arrays(FileProbe probe);

}  // namespace msde
