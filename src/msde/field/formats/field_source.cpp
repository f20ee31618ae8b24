#include "msde/field/formats/field_source.hpp"

#include "msde/core/error.hpp"

namespace msde {

torch::Tensor FieldSource::clean_fields(size_t, const FrameRange&) const {
  throw DataError(path_ + ": has no clean fields");
}

}  // namespace msde
