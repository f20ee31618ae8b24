// The baselines of a comparison: fitted here and now, in seconds.
#pragma once

#include <vector>

#include "apps/msde/comparison/comparison_context.hpp"

namespace msde {

// One row per baseline that is wanted; one that cannot be fitted or blows up has a status instead of scores.
std::vector<ComparisonRow> classical_rows(const ComparisonContext& context);

// Coarse DNS at several resolutions; none where no equation is known.
std::vector<CostPoint> resolution_points(const ComparisonContext& context);

}  // namespace msde
