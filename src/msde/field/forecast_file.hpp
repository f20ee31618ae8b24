// Forecasts as HDF5 with named axes, written trajectory by trajectory: the ensemble of one trajectory is in
// memory.
//
// HDF5 that is also NetCDF-4 with the CF conventions (1.8), so that xarray, ncdump, cdo and ParaView read it. Layout
// (docs/formats.md), float32 or, where asked for, float64 unless said otherwise; N trajectories, T frames, M members:
//   time       [T] float64, the times of trajectory 0, in the units and calendar of the data
//   start      [N] float64, the time of frame 0 of each trajectory: frame k of trajectory n is at
//              start[n] + time[k] - time[0], or at t[n, k]
//   t          [N, T] float64, the times of each, where these are not the same since their first
//   sample     [N] int64, channel [C] int64, realization [M] int64, one float64 coordinate per axis of the grid
//   point      [N, T, C, *grid]     the point prediction
//   mean       [N, T, C, *grid]     ensemble mean, or the point prediction where there are no members
//   std        [N, T, C, *grid]     ensemble standard deviation (divisor M - 1); with M >= 2
//   members    [M, N, T, C, *grid]  if asked for
//   members_left [N] int64      members that left the region of training and are held there (model/free_runs.hpp)
//   zeta       [N, T, n_zeta], eta [N, T, n_eta]  latent states of the point prediction; absent where there are
//              none
// Fields are NaN where there is no fluid. Every axis carries its label and its dimension scale. Root attributes: Conventions, title, forecaster, case, length,
// boundary, observation_noise.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "msde/field/field_labels.hpp"
#include "msde/field/forecaster.hpp"
#include "msde/grid/grid.hpp"

namespace msde {

struct ForecastLayout {
  Grid grid;
  int64_t n_trajectories = 1;
  int64_t n_frames = 2;             // n_steps + 1
  std::vector<double> start = {0};  // [n_trajectories] time of frame 0
  double dt = 1;
  std::vector<double> times =
      {};               // [n_trajectories, n_frames] where they are not every dt, start first; else empty
  int64_t members = 0;  // of every forecast, 0 = point predictions only
  bool write_members = false;      // store each member, not only mean and std
  bool float64 = false;            // fields; else float32
  bool observation_noise = false;  // the members hold it, said in the file
  int64_t n_zeta = 0, n_eta = 0;
  std::string forecaster, case_name;
  FieldLabels labels = {};  // of the data: what the file says of channels, axes and times
};

double time_of(const ForecastLayout& layout, int64_t trajectory, int64_t frame);

// Size of the file's data, to be announced before anything is computed.
int64_t forecast_bytes(const ForecastLayout& layout);

// Calls forecast_of(i) for i = 0..N-1 in order; it returns the forecast of trajectory i alone (B = 1). The
// file is whole or absent (core/files/atomic_file.hpp). NumericsError naming the trajectory if a forecast is not
// finite, DataError if its shape does not fit the layout or the file cannot be written.
void write_forecasts(const std::string& path, const ForecastLayout& layout,
                     const std::function<Forecast(int64_t trajectory)>& forecast_of);

}  // namespace msde
