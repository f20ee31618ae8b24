// msde's own layout, which is also that of the reference code: {train,val,test}_{x,t,mu,f,x_clean}; or, of a file
// without splits, x, t, mu, f, x_clean.
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

bool has_native_splits(const FileProbe& probe);
bool has_fields_with_times(const FileProbe& probe);  // x and t
// The arrays of either, of HDF5 or .npz.
std::unique_ptr<StoredArrays> open_named_arrays(FileProbe probe);
// DataError for anything that docs/formats.md does not allow, splits that disagree included.
std::unique_ptr<FieldSource> open_native_splits(FileProbe probe);
std::unique_ptr<FieldSource> open_fields_with_times(FileProbe probe);
// Of such a file x and t alone, whatever is beside them.
std::unique_ptr<FieldSource> open_fields_with_times_alone(FileProbe probe);

}  // namespace msde
