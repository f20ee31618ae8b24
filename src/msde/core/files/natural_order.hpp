// Names in the order in which people count: traj_2 before traj_10.
#pragma once

#include <string_view>

namespace msde {

// Digits are compared as numbers, everything else byte by byte; equal numbers with more zeros before them come later.
bool in_natural_order(std::string_view a, std::string_view b);

}  // namespace msde
