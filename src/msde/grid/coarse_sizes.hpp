// Macroscale grids that fit, for who asks for one that does not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/grid/grid.hpp"

namespace msde {

// Numbers of coarse points, 1 .. n / 2, that divide `n` into equal cells of two points or more; none for a prime.
std::vector<int64_t> coarse_sizes(int64_t n);

// Near what was asked for: with as many numbers as axes the nearest of coarse_sizes() of each; else cells about as
// long in points along every axis, their number near the product of what was asked. Of an axis that has none near
// (within a factor 1.5), the advice is to crop to the next fewer points that have one:
// "model.n_zeta = [6, 12] fits", "data.crop = \"x=0:72\" and model.n_zeta = 18 fit". `crop` is how the grid was cut out of
// a larger one already, which the advice keeps.
std::string proposed_n_zeta(const Grid& grid, const std::vector<int64_t>& asked,
                            const std::vector<AxisRange>& crop = {});

}  // namespace msde
