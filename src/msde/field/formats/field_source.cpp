#include "msde/field/formats/field_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace msde {

bool SourceFacts::equal_times() const {
  return std::all_of(sets.begin(), sets.end(), [](const TrajectorySet& set) { return set.equal_times; });
}

void FieldSource::read_clean(size_t, const FrameRange&, float*) const {
  throw DataError(path_ + ": has no clean fields");
}

void FieldSource::read_clean(size_t, const FrameRange&, double*) const {
  throw DataError(path_ + ": has no clean fields");
}

DataError not_finite(const std::string& path, const std::string& place, double got) {
  if (std::isfinite(got))
    return DataError(
        fmt::format("{}: {}: got {:g}, expected values of at most {:g} in size; choose another unit", path,
                    place, got, kMostValue));
  return DataError(
      fmt::format("{}: {}: got {}, expected finite values, or NaN where one is missing", path, place, got));
}

DataError no_values(const std::string& path, const std::string& place) {
  return DataError(fmt::format(
      "{}: {}: every value is missing; leave such snapshots out: times need not be equally spaced", path,
      place));
}

}  // namespace msde
