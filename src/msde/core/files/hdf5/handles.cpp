#include "msde/core/files/hdf5/handles.hpp"

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {

Id open_for_reading(const std::string& path) {
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);
  return Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
}

Id File::Handles::dataset(const std::string& name) const {
  silence();
  Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!id.valid()) fail(path, name, "no such dataset, or unreadable: " + reason());
  return id;
}

Id File::Handles::object(const std::string& name) const {
  silence();
  Id id(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
  if (!id.valid()) fail(path, name, "no such object, or unreadable: " + reason());
  return id;
}

const StoredAs& File::Handles::stored_as(const std::string& name, hid_t dataset) const {
  const auto found = known.find(name);
  return found != known.end() ? found->second
                              : known.emplace(name, hdf5::stored_as(path, name, dataset)).first->second;
}

Id File::Handles::select(const std::string& name, hid_t dataset, const Slab& slab) const {
  Id space(H5Dget_space(dataset), H5Sclose);
  const Shape shape = extent(space);
  bool inside = slab.start.size() == shape.size() && slab.count.size() == shape.size();
  for (size_t i = 0; inside && i < shape.size(); ++i) {
    inside = slab.start[i] >= 0 && slab.count[i] >= 0 && slab.start[i] <= shape[i] - slab.count[i];
  }
  if (!inside) {
    fail(path, name,
         "box of " + show(slab.count) + " from " + show(slab.start) + " is not inside shape " + show(shape));
  }
  if (!shape.empty()) {
    H5Sselect_hyperslab(space, H5S_SELECT_SET, sizes(slab.start).data(), nullptr, sizes(slab.count).data(),
                        nullptr);
  }
  return space;
}

}  // namespace msde::hdf5
