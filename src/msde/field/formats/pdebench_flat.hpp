// PDEBench, flat arrays: 1D_Burgers_Sols_Nu0.01.hdf5, 1D_Advection_Sols_beta0.1.hdf5, 1D/2D/3D_CFD_*.hdf5.
//   tensor                            [N, T, *grid], one channel; [1, N, T, *grid] is squeezed, with a note
//   density, pressure, Vx, Vy, Vz     [N, T, *grid] each: the channels, in this order
//   x-, y-, z-coordinate              points of each axis
//   t-coordinate                      T times, or T + 1 of which the last is left out
//   numeric attributes of the root    Nu, beta, eta, ..: mu, the same for all trajectories
// Steady problems (Darcy) have no t-coordinate and are refused.
#pragma once

#include <memory>

#include "msde/core/files/hdf5.hpp"
#include "msde/field/formats/field_source.hpp"

namespace msde {

bool has_flat_arrays(const hdf5::File& file);
std::unique_ptr<FieldSource> open_flat_arrays(hdf5::File file);  // DataError

}  // namespace msde
