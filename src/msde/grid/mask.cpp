#include "msde/grid/mask.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"

namespace msde {

Mask::Mask(std::vector<uint8_t> fluid) : fluid_(std::move(fluid)) {
  for (uint8_t& point : fluid_) point = point != 0, n_fluid_ += point;
  if (n_fluid_ == 0) throw DataError(fmt::format("a mask of {} points: got none that are fluid", points()));
}

std::vector<int64_t> Mask::which(bool fluid) const {
  std::vector<int64_t> numbers;
  numbers.reserve(static_cast<size_t>(fluid ? n_fluid_ : points() - n_fluid_));
  for (int64_t i = 0; i < points(); ++i)
    if (is_fluid(i) == fluid) numbers.push_back(i);
  return numbers;
}

std::vector<int64_t> Mask::runs() const {
  std::vector<int64_t> lengths = {0};
  bool fluid = true;
  for (int64_t i = 0; i < points(); ++i) {
    if (is_fluid(i) != fluid) fluid = !fluid, lengths.push_back(0);
    ++lengths.back();
  }
  return lengths;
}

std::shared_ptr<const Mask> make_mask(std::vector<uint8_t> fluid) {
  if (std::find(fluid.begin(), fluid.end(), 0) == fluid.end()) return nullptr;
  return std::make_shared<const Mask>(std::move(fluid));
}

std::shared_ptr<const Mask> mask_of_runs(const std::vector<int64_t>& runs, int64_t points,
                                         const std::string& where) {
  std::vector<uint8_t> fluid;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto left = points - static_cast<int64_t>(fluid.size());
    if (runs[i] < 0 || runs[i] > left)
      throw DataError(fmt::format("{}: got a run of {} points, expected 0 to {}", where, runs[i], left));
    fluid.insert(fluid.end(), static_cast<size_t>(runs[i]), i % 2 == 0);
  }
  if (static_cast<int64_t>(fluid.size()) != points)
    throw DataError(fmt::format("{}: got runs of {} points, expected {}", where, fluid.size(), points));
  return make_mask(std::move(fluid));
}

}  // namespace msde
