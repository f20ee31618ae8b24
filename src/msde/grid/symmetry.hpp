// Symmetries of a grid: reflections of axes and exchanges of two of them, which map its points onto each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/grid/grid.hpp"

namespace msde {

// The image of a field u under a symmetry: v[i] = u[j], j the place of i. Along axis `axis` of u
//   j = i + shift, or shift - i where it runs backwards,   modulo the points of the axis.
struct AxisImage {
  int64_t axis = 0;
  bool backwards = false;
  int64_t shift = 0;
  bool operator==(const AxisImage&) const = default;
};
using GridImage = std::vector<AxisImage>;  // one for each axis of v

// Grid::symmetry has the generators of a group as words:
//   "reflect y"      i -> n - 1 - i; "reflect y x" both axes at once
//   "reflect y at 0" i -> -i mod n of an axis that is periodic
//   "swap y x"       the transposed field; "swap y x reflect y" reflected after that, a quarter turn
// ConfigError: axes that are not there, exchanged ones that differ in points or in being periodic, other words.
GridImage parse_symmetry(const std::string& words, const Grid& grid);

// All elements of the group that grid.symmetry generates, the identity first. ConfigError as above, where they make up
// translations, as two reflections of the same axis about different points do, and of groups of more than 48.
std::vector<GridImage> symmetry_group(const Grid& grid);
// The same on the cells of a coarse grid, whose points lie as coarse_points.hpp says: to within a fine point. ConfigError,
// too, where exchanged axes have other numbers of cells.
std::vector<GridImage> coarse_symmetry_group(const Grid& grid, const std::vector<int64_t>& n_zeta);

// Places in C order of the points of the image, also in C order.
std::vector<int64_t> image_places(const GridImage& image, const std::vector<int64_t>& shape);
// Of every point the smallest number of those that the group maps onto each other.
std::vector<int64_t> orbits(const std::vector<GridImage>& group, const std::vector<int64_t>& shape);

}  // namespace msde
