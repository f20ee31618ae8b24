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

void File::make_scale(const std::string& dataset) {
  if (H5DSset_scale(handles_->dataset(dataset), dataset.c_str()) < 0)
    fail(path(), dataset, "cannot be made the scale of a dimension: " + reason());
}

void File::label_axis(const std::string& dataset, int64_t axis, const std::string& label) {
  const Id target = handles_->dataset(dataset);
  if (H5DSset_label(target, static_cast<unsigned>(axis), label.c_str()) < 0) {
    fail(path(), dataset, "cannot label axis " + std::to_string(axis) + ": " + reason());
  }
}

std::vector<std::string> File::axis_names(const std::string& name) const {
  if (const auto found = handles_->axis_names.find(name); found != handles_->axis_names.end())
    return found->second;
  const Id dataset = handles_->dataset(name);
  const size_t axes = handles_->stored_as(name, dataset).shape.size();
  std::vector<std::string>& names = handles_->axis_names[name];
  names.resize(axes);
  if (H5Aexists(dataset, "DIMENSION_LABELS") <= 0 && H5Aexists(dataset, "DIMENSION_LIST") <= 0) return names;
  const auto scale_name = [](hid_t, unsigned, hid_t scale, void* text) -> herr_t {
    char found[256] = "";
    const ssize_t length = H5Iget_name(scale, found, sizeof found);
    const std::string path = length > 0 ? found : "";
    *static_cast<std::string*>(text) = path.substr(path.rfind('/') + 1);
    return 1;  // the first is enough
  };
  for (size_t axis = 0; axis < axes; ++axis) {
    char label[256] = "";
    if (H5DSget_label(dataset, static_cast<unsigned>(axis), label, sizeof label) > 0) names[axis] = label;
    if (names[axis].empty() && H5DSget_num_scales(dataset, static_cast<unsigned>(axis)) > 0)
      H5DSiterate_scales(dataset, static_cast<unsigned>(axis), nullptr, scale_name, &names[axis]);
  }
  return names;
}

}  // namespace msde::hdf5
