// Forecasts through the library, for tests/same_forecast_test.py to hold against the program's: writes the
// point forecast of the first test trajectory as float32 [T, C, *grid].
//   cpp_forecast RUN/model DATA.h5 OUT           parameters and forcing of the dataset
//   cpp_forecast RUN/model DATA.h5 OUT typical   those that stand for what nobody gave
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include "msde/field/dataset.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::cerr << "usage: cpp_forecast RUN/model DATA.h5 OUT [typical]\n";
    return 2;
  }
  const auto data = msde::Dataset::open(argv[2]);
  const auto model = msde::load_model(argv[1]);
  msde::ForecastRequest request = {.first = data.fields("test", 0, 0, 1),
                                   .mu = data.mu("test").narrow(0, 0, 1),
                                   .forcing = data.forcing("test").narrow(0, 0, 1),
                                   .t0 = data.times("test")[0][0].item<double>(),
                                   .dt = data.dt(),
                                   .n_steps = data.split("test").n_snapshots - 1};
  if (argc > 4) {
    request.mu = model->drift->inputs.typical_mu().view({1, -1});
    request.forcing = model->drift->inputs.typical_forcing().view({1, 1, -1}).expand_as(request.forcing);
  }
  const auto point = msde::ModelForecaster(model, {}).forecast(request).point.contiguous();
  std::ofstream(argv[3], std::ios::binary)
      .write(static_cast<const char*>(point.data_ptr()), static_cast<std::streamsize>(point.nbytes()));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "cpp_forecast: " << error.what() << "\n";
  return 1;
}
