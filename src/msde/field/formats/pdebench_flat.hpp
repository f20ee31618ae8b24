// PDEBench, flat arrays: 1D_Burgers_Sols_Nu0.01.hdf5, 1D_Advection_Sols_beta0.1.hdf5, 1D/2D/3D_CFD_*.hdf5.
//   tensor                            [N, T, *grid], one channel; [1, N, T, *grid] is squeezed, with a note
//   density, pressure, Vx, Vy, Vz     [N, T, *grid] each: the channels, in this order
//   x-, y-, z-coordinate              points of each axis
//   t-coordinate                      T times, or T + 1 of which the last is left out
//   numeric attributes of the root    Nu, beta, eta, ..: mu, the same for all trajectories
// Steady problems (Darcy) have no t-coordinate and are refused.
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

bool has_flat_arrays(const FileProbe& probe);
std::unique_ptr<FieldSource> open_flat_arrays(FileProbe probe);  // DataError

}  // namespace msde
