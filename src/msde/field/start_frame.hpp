// A frame that begins where a trajectory does: along periodic axes fields are moved so that every first snapshot lies as a
// reference does.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// By whole points, so that a trajectory that begins elsewhere on the grid is the same one in its frame, bit for bit.
// (Template fitting: Rowley & Marsden, Physica D 142 (2000).)
struct StartFrame {
  torch::Tensor reference;      // [C, *grid] float32, without units
  std::vector<int64_t> period;  // points after which fields repeat, of every axis; 0: not moved along it

  // The places s of a snapshot y [C, *grid] without units, one per axis: where it is most like the reference,
  //   s = argmax_s sum_i reference_i y_{i + s},
  // over channels and points, modulo the period; the first of several, 0 where none is more alike. NaN count as 0.
  std::vector<int64_t> places(const torch::Tensor& snapshot) const;
};

// v_i = y_{i + s} of fields [.., *grid], modulo the period. Points beyond one period, as where an axis has its first point at
// its end again, are its points again, also where nothing moves. backwards: i - s, which undoes it.
torch::Tensor moved(const torch::Tensor& fields, const std::vector<int64_t>& period,
                    const std::vector<int64_t>& places, bool backwards = false);

}  // namespace msde
