// Named axes: HDF5's dimension scales.
#include <hdf5.h>
#include <hdf5_hl.h>

#include "msde/core/files/hdf5/attribute.hpp"
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

namespace {

// HDF5's own functions for labels and scales trust the types of these attributes, so they are read here.
std::vector<std::string> labels_of(const std::string& path, hid_t dataset, size_t axes) {
  const std::string attribute = "DIMENSION_LABELS";
  const auto found = open_attribute(path, dataset, attribute);
  if (!found || found->elements != static_cast<int64_t>(axes)) return std::vector<std::string>(axes);
  return texts_of(path, *found, attribute).value_or(std::vector<std::string>(axes));
}

// The last part of the name of each axis' first scale, "" where it has none.
std::vector<std::string> scale_names_of(const std::string& path, hid_t dataset, size_t axes) {
  std::vector<std::string> names(axes);
  const auto found = open_attribute(path, dataset, "DIMENSION_LIST");
  if (!found || found->elements != static_cast<int64_t>(axes) || H5Tget_class(found->type) != H5T_VLEN)
    return names;
  const Id reference(H5Tget_super(found->type), H5Tclose);
  if (H5Tequal(reference, H5T_STD_REF_OBJ) <= 0) return names;
  std::vector<hvl_t> scales(axes, hvl_t{0, nullptr});
  if (H5Aread(found->id, found->type, scales.data()) < 0) return names;
  for (size_t axis = 0; axis < axes; ++axis) {
    if (scales[axis].len == 0) continue;
    const Id scale(H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, scales[axis].p), H5Oclose);
    char text[256] = "";
    if (!scale.valid() || H5Iget_name(scale, text, sizeof text) <= 0) continue;
    const std::string name = text;
    names[axis] = name.substr(name.rfind('/') + 1);
  }
  const Id space(H5Aget_space(found->id), H5Sclose);
  H5Dvlen_reclaim(found->type, space, H5P_DEFAULT, scales.data());
  return names;
}

}  // namespace

std::vector<std::string> File::axis_names(const std::string& name) const {
  if (const auto found = handles_->axis_names.find(name); found != handles_->axis_names.end())
    return found->second;
  const Id dataset = handles_->dataset(name);
  const size_t axes = handles_->stored_as(name, dataset).shape.size();
  auto names = labels_of(path(), dataset, axes);
  const auto scales = scale_names_of(path(), dataset, axes);
  for (size_t axis = 0; axis < axes; ++axis)
    if (names[axis].empty()) names[axis] = scales[axis];
  return handles_->axis_names[name] = names;
}

}  // namespace msde::hdf5
