#include "msde/pde/flow/immersed_circle.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace msde {
namespace {

constexpr double kRetraction = .3;  // of the points, in cells

double delta(double r) {
  r = std::abs(r);
  if (r <= .5) return (1 + std::sqrt(1 - 3 * r * r)) / 3;
  if (r <= 1.5) return (5 - 3 * r - std::sqrt(std::max(0., 1 - 3 * (1 - r) * (1 - r)))) / 6;
  return 0;
}

// The three faces nearest to a place, which is in cells from face 0.
int64_t first_of_three(double place, std::array<double, 3>& weights) {
  const auto first = static_cast<int64_t>(std::floor(place + .5)) - 1;
  for (int64_t k = 0; k < 3; ++k)
    weights[static_cast<size_t>(k)] = delta(static_cast<double>(first + k) - place);
  return first;
}

}  // namespace

ImmersedCircle::ImmersedCircle(const Channel& channel, const Circle& circle) {
  const double radius = circle.radius / channel.h - kRetraction;
  const auto count = static_cast<int64_t>(2 * std::numbers::pi * radius);
  first_row_ = channel.nx;
  for (int64_t k = 0; k < count; ++k) {
    // Half a step off the axis: symmetric to the first axis of the circle, and to both where their number is even.
    const double angle = 2 * std::numbers::pi * (static_cast<double>(k) + .5) / static_cast<double>(count);
    const double x = circle.x / channel.h + radius * std::cos(angle);
    const double y = circle.y / channel.h + radius * std::sin(angle);
    for (const bool is_v : {false, true}) {
      Point p;
      p.i = first_of_three(is_v ? x - .5 : x, p.along);
      p.j = first_of_three(is_v ? y : y - .5, p.across);
      points_[is_v].push_back(p);
      // A face has a cell on either side.
      first_row_ = std::min(first_row_, p.i - 1);
      end_row_ = std::max(end_row_, p.i + 3);
    }
  }
}

std::vector<double> ImmersedCircle::sense(const StaggeredVelocity& velocity) const {
  std::vector<double> values;
  values.reserve(static_cast<size_t>(this->values()));
  for (const bool is_v : {false, true}) {
    for (const Point& p : points_[is_v]) {
      double sum = 0;
      for (int64_t a = 0; a < 3; ++a) {
        const double* row = (is_v ? velocity.v(p.i + a) : velocity.u(p.i + a)) + p.j;
        for (int64_t b = 0; b < 3; ++b)
          sum += p.along[static_cast<size_t>(a)] * p.across[static_cast<size_t>(b)] * row[b];
      }
      values.push_back(sum);
    }
  }
  return values;
}

void ImmersedCircle::spread(const std::vector<double>& values, StaggeredVelocity& velocity) const {
  auto value = values.begin();
  for (const bool is_v : {false, true}) {
    for (const Point& p : points_[is_v]) {
      for (int64_t a = 0; a < 3; ++a) {
        double* row = (is_v ? velocity.v(p.i + a) : velocity.u(p.i + a)) + p.j;
        for (int64_t b = 0; b < 3; ++b)
          row[b] += *value * p.along[static_cast<size_t>(a)] * p.across[static_cast<size_t>(b)];
      }
      ++value;
    }
  }
}

}  // namespace msde
