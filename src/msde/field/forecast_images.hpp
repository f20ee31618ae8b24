// Forecasts as images of VTK, which ParaView opens: of each trajectory a .pvd and, for each of its frames, a .vti.
//
//   FOLDER/forecast_0000.pvd            trajectory 0: its files and their times
//   FOLDER/forecast_0000/0000.vti, ..   a frame: arrays of its points, float32 or, where asked for, float64
// Arrays: mean, std (with at least 2 members), point and, if asked for, member_0, member_1, ..; behind each the name of the
// channel, as in mean_u, where it has one, or of several channels its number: mean_0, mean_1, .., member_0_1.
// Axes called x, y and z are those of VTK. Where one has another name, the last is x, the one before y.
#pragma once

#include <functional>
#include <string>

#include "msde/field/forecast_file.hpp"

namespace msde {

// Why forecasts on this grid cannot be images; "" where they can: VTK has three axes.
std::string no_images_of(const Grid& grid);

// Whether the folder holds such series already.
bool has_images(const std::string& folder);

// Size of the arrays, to be announced before anything is computed.
int64_t image_bytes(const ForecastLayout& layout);

// Replaces series that are in the folder. As write_forecasts(): each file is whole or absent, and a .pvd is there only after all its frames. One frame is in memory
// besides the forecast.
void write_forecast_images(const std::string& folder, const ForecastLayout& layout,
                           const std::function<Forecast(int64_t trajectory)>& forecast_of);

}  // namespace msde
