#include "msde/grid/symmetry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr size_t kMostElements = 48;  // of a cube

int64_t modulo(int64_t i, int64_t n) {
  return (i % n + n) % n;
}

GridImage identity(size_t axes) {
  GridImage image(axes);
  for (size_t axis = 0; axis < axes; ++axis) image[axis].axis = static_cast<int64_t>(axis);
  return image;
}

// The image under `outer` of the image under `inner`.
GridImage composed(const GridImage& outer, const GridImage& inner, const std::vector<int64_t>& shape) {
  GridImage all(outer.size());
  for (size_t axis = 0; axis < outer.size(); ++axis) {
    const AxisImage& o = outer[axis];
    // v[i] = w[j], w[j'] = u[k]: j runs along axis o.axis of w, which is axis in.axis of u.
    const AxisImage& in = inner[static_cast<size_t>(o.axis)];
    const int64_t sign = in.backwards ? -1 : 1;
    all[axis] = {in.axis, in.backwards != o.backwards,
                 modulo(in.shift + sign * o.shift, shape[static_cast<size_t>(in.axis)])};
  }
  return all;
}

class Words {
 public:
  Words(const std::string& words, const Grid& grid) : words_(words), grid_(grid) {
    std::istringstream stream(words);
    for (std::string word; stream >> word;) list_.push_back(word);
  }

  GridImage image() {
    GridImage image = identity(grid_.shape.size());
    if (list_.empty()) refuse("expected \"reflect AXIS\" or \"swap AXIS AXIS\"");
    if (take("swap")) {
      const size_t a = axis(), b = axis();
      if (a == b) refuse("expected two axes to swap");
      if (grid_.shape[a] != grid_.shape[b] || grid_.boundary[a].periodic() != grid_.boundary[b].periodic())
        refuse(fmt::format("axes {} and {} differ ({} and {} points), and cannot be exchanged", grid_.axes[a],
                           grid_.axes[b], grid_.shape[a], grid_.shape[b]));
      std::swap(image[a], image[b]);
    }
    if (take("reflect")) {
      std::vector<size_t> axes = {axis()};
      while (next_ < list_.size() && list_[next_] != "at") axes.push_back(axis());
      const bool at_0 = take("at");
      if (at_0 && !take("0")) refuse("expected \"at 0\"");
      for (const size_t a : axes) {
        if (at_0 && !grid_.boundary[a].periodic())
          refuse("axis " + grid_.axes[a] + " is not periodic: \"at 0\" is beyond its end");
        image[a].backwards = true;
        image[a].shift = at_0 ? 0 : grid_.shape[a] - 1;
      }
    }
    if (next_ < list_.size()) refuse("got '" + list_[next_] + "' where it should end");
    return image;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw ConfigError(fmt::format("data.symmetry: '{}': {}", words_, problem));
  }
  bool take(const std::string& word) {
    if (next_ == list_.size() || list_[next_] != word) return false;
    ++next_;
    return true;
  }
  size_t axis() {
    if (next_ == list_.size()) refuse("a name of an axis is missing");
    const auto& name = list_[next_++];
    const auto found = std::find(grid_.axes.begin(), grid_.axes.end(), name);
    if (found == grid_.axes.end())
      refuse(fmt::format("got axis '{}', expected one of {}", name, fmt::join(grid_.axes, ", ")));
    return static_cast<size_t>(found - grid_.axes.begin());
  }

  const std::string& words_;
  const Grid& grid_;
  std::vector<std::string> list_;
  size_t next_ = 0;
};

// Whether two images are one after a translation.
bool differs_by_shift(const GridImage& a, const GridImage& b) {
  for (size_t axis = 0; axis < a.size(); ++axis)
    if (a[axis].axis != b[axis].axis || a[axis].backwards != b[axis].backwards) return false;
  return true;
}

std::vector<GridImage> generated(const std::vector<GridImage>& generators,
                                 const std::vector<int64_t>& shape) {
  std::vector<GridImage> group = {identity(shape.size())};
  for (size_t i = 0; i < group.size(); ++i)
    for (const GridImage& g : generators) {
      const GridImage next = composed(g, group[i], shape);
      if (std::find(group.begin(), group.end(), next) != group.end()) continue;
      const auto moves_alike = [&](const GridImage& other) { return differs_by_shift(other, next); };
      if (std::any_of(group.begin(), group.end(), moves_alike))
        throw ConfigError("data.symmetry: these symmetries together are translations, which are not meant");
      group.push_back(next);
      if (group.size() > kMostElements)
        throw ConfigError(
            fmt::format("data.symmetry: these symmetries make up a group of more than {}", kMostElements));
    }
  return group;
}

}  // namespace

GridImage parse_symmetry(const std::string& words, const Grid& grid) {
  return Words(words, grid).image();
}

std::vector<GridImage> symmetry_group(const Grid& grid) {
  std::vector<GridImage> generators;
  for (const auto& words : grid.symmetry) generators.push_back(parse_symmetry(words, grid));
  return generated(generators, grid.shape);
}

std::vector<GridImage> coarse_symmetry_group(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  std::vector<GridImage> generators;
  for (const auto& words : grid.symmetry) {
    GridImage image = parse_symmetry(words, grid);
    for (size_t axis = 0; axis < image.size(); ++axis) {
      const auto from = static_cast<size_t>(image[axis].axis);
      if (n_zeta[axis] != n_zeta[from])
        throw ConfigError(
            fmt::format("data.symmetry: '{}' needs as many coarse cells along {} as along {}, got "
                        "model.n_zeta = [{}]",
                        words, grid.axes[axis], grid.axes[from], fmt::join(n_zeta, ", ")));
      // Coarse points of a periodic axis begin with point 0, which its reflection keeps or moves by one fine point.
      if (image[axis].backwards) image[axis].shift = grid.boundary[axis].periodic() ? 0 : n_zeta[axis] - 1;
    }
    generators.push_back(image);
  }
  return generated(generators, n_zeta);
}

std::vector<int64_t> image_places(const GridImage& image, const std::vector<int64_t>& shape) {
  const size_t axes = shape.size();
  std::vector<int64_t> stride(axes, 1);
  for (size_t axis = axes - 1; axis > 0; --axis) stride[axis - 1] = stride[axis] * shape[axis];
  std::vector<int64_t> places = {0};
  for (size_t axis = 0; axis < axes; ++axis) {
    const AxisImage& along = image[axis];
    const int64_t n = shape[static_cast<size_t>(along.axis)];
    std::vector<int64_t> next;
    next.reserve(places.size() * static_cast<size_t>(shape[axis]));
    for (const int64_t place : places)
      for (int64_t i = 0; i < shape[axis]; ++i)
        next.push_back(place + stride[static_cast<size_t>(along.axis)] *
                                   modulo(along.backwards ? along.shift - i : along.shift + i, n));
    places = std::move(next);
  }
  return places;
}

std::vector<int64_t> orbits(const std::vector<GridImage>& group, const std::vector<int64_t>& shape) {
  std::vector<int64_t> smallest;
  for (const GridImage& g : group) {
    const auto places = image_places(g, shape);
    if (smallest.empty()) smallest = places;
    for (size_t i = 0; i < places.size(); ++i) smallest[i] = std::min(smallest[i], places[i]);
  }
  return smallest;
}

}  // namespace msde
