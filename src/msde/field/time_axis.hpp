// Whether snapshots and points are equally spaced, as far as the type that holds them can say.
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

// How far apart snapshots are.
struct Spacing {
  bool equal = true;           // all spacings are the first trajectory's mean, within the tolerance
  double mean = 0;             // that mean; of unequal times the mean over all trajectories
  double least = 0, most = 0;  // of all
};

// Of `times` [N, T], row after row, T >= 2. DataError naming `where` ("file.h5: 'train_t'"), trajectory, snapshot,
// got and expected if a time is not finite or does not increase; and where the type cannot tell times apart to a
// hundredth of the mean spacing (t_{T-1} - t_0) / (T - 1) of the first trajectory.
Spacing spacing_of(const std::vector<double>& times, int64_t N, const std::string& where, Stored stored);

// Whether all trajectories of times [N, T] have the same times since their first, but for the rounding of float64.
bool same_since_first(const std::vector<double>& times, int64_t n_trajectories);

// Whether times begin .. end are further from those of training than training is long.
bool are_far_from(double begin, double end, double trained_begin, double trained_end);

double rounding(double largest, Stored stored);  // the distance of neighbouring values at `largest`

// DataError naming `where` where neighbours `spacing` apart are not told apart to a hundredth at `largest`.
void require_resolved(double largest, double spacing, const std::string& where, Stored stored);

}  // namespace msde
