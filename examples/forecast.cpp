// Predicts the first test trajectory of a dataset with a trained model: example_forecast RUN/model DATA.h5
#include <exception>
#include <iostream>

#include "msde/field/dataset.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: example_forecast RUN/model DATA.h5\n";
    return 2;
  }
  const auto data = msde::Dataset::open(argv[2]);
  const auto snapshot = data.fields("test", 0, 0, 1);  // [1, C, *grid]
  const int64_t n_steps = data.split("test").n_snapshots - 1;

  const auto model = msde::load_model(argv[1]);
  const msde::ForecastRequest request = {.first = snapshot,
                                         .mu = data.mu("test").narrow(0, 0, 1),
                                         .forcing = data.forcing("test").narrow(0, 0, 1),
                                         .t0 = data.times("test")[0][0].item<double>(),
                                         .dt = data.dt(),
                                         .n_steps = n_steps,
                                         .members = 8};
  const auto forecast = msde::ModelForecaster(model, {}).forecast(request);

  const auto spread = forecast.members.std(0, /*unbiased=*/true);  // [1, n_steps + 1, C, *grid]
  std::cout << "frames " << forecast.point.size(1) << ", rms of the last "
            << forecast.point[0][-1].square().mean().sqrt().item<double>() << ", mean spread there "
            << spread[0][-1].mean().item<double>() << "\n";
  return 0;
} catch (const std::exception& error) {
  std::cerr << "example_forecast: " << error.what() << "\n";
  return 1;
}
