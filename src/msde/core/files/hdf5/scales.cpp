// Named axes: HDF5's dimension scales.
#include <hdf5.h>
#include <hdf5_hl.h>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"

namespace msde::hdf5 {

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
