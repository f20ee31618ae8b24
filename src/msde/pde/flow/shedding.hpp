// What the forces on a body say of the vortices behind it.
#pragma once

#include <vector>

namespace msde {

struct Forces {
  double spacing = 1;  // of samples in time
  std::vector<double> drag, lift;
};

struct Shedding {
  double frequency = 0;                  // of the lift: whole periods between its zeros from below
  double mean_drag = 0;                  // over these periods
  double lift = 0;                       // half the height from lowest to highest, mean over the periods
  double first_peak = 0, last_peak = 0;  // of the lift, in the first and the last of the periods
  int periods = 0;
};

// Of the samples in [begin, end], times counted from the first sample. All zero where there is no whole
// period.
Shedding shedding(const Forces& forces, double begin, double end);

}  // namespace msde
