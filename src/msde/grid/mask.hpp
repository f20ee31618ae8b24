// Which points of a grid hold a field.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace msde {

// Points that are fluid, numbered in C order. The others (a body in a flow, land in a sea) hold no field: they count in
// nothing, and files have NaN there.
class Mask {
 public:
  // A number per point, 0 where there is no fluid. DataError: no point is fluid.
  explicit Mask(std::vector<uint8_t> fluid);

  int64_t points() const { return static_cast<int64_t>(fluid_.size()); }
  int64_t fluid_points() const { return n_fluid_; }
  bool is_fluid(int64_t point) const { return fluid_[static_cast<size_t>(point)] != 0; }
  std::vector<int64_t> fluid() const { return which(true); }  // their numbers, ascending
  std::vector<int64_t> solid() const { return which(false); }
  bool operator==(const Mask&) const = default;

  // Lengths of runs of equal points in C order, the first of fluid (it may be 0): how files write a mask shortly.
  std::vector<int64_t> runs() const;

 private:
  std::vector<int64_t> which(bool fluid) const;
  std::vector<uint8_t> fluid_;
  int64_t n_fluid_ = 0;
};

// Null where every point is fluid: such a grid has no mask. DataError: no point is.
std::shared_ptr<const Mask> make_mask(std::vector<uint8_t> fluid);
// Of Mask::runs(). DataError naming `where`: they do not add up to `points`.
std::shared_ptr<const Mask> mask_of_runs(const std::vector<int64_t>& runs, int64_t points,
                                         const std::string& where);

}  // namespace msde
