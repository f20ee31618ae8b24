// Checks that snapshots and points are equally spaced, as far as the type that holds them can say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// How exactly times or coordinates are stored.
enum class Stored { float32, float64 };

// How far two spacings may differ that count as equal, where the largest |value| is `largest`: eight roundings of the
// type, of float64 at least a thousandth of the spacing (times are often measured, or were float32 once); never above
// a hundredth of it.
double spacing_tolerance(double largest, double spacing, Stored stored);

// `times` [N, T], row after row, T >= 2. Returns the spacing (t_{T-1} - t_0) / (T - 1) of the first
// trajectory. DataError naming `where` ("file.h5: 'train_t'"), trajectory, snapshot, got and expected if a
// time is not finite, does not increase, or a spacing differs from it by more than the tolerance; and where the type
// cannot tell such times apart to a hundredth of their spacing.
double equal_spacing(const std::vector<double>& times, int64_t N, const std::string& where, Stored stored);

// Whether times begin .. end are further from those of training than training is long.
bool are_far_from(double begin, double end, double trained_begin, double trained_end);

double rounding(double largest, Stored stored);  // the distance of neighbouring values at `largest`

// DataError naming `where` where neighbours `spacing` apart are not told apart to a hundredth at `largest`.
void require_resolved(double largest, double spacing, const std::string& where, Stored stored);

}  // namespace msde
