// Predicts the first test trajectory of a dataset with a trained model:
//   forecast RUN DATA.h5     RUN is the folder of a run, or that of its model
#include <cmath>
#include <iostream>
#include <msde/msde.hpp>
#include <numeric>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: forecast RUN DATA.h5\n";
    return 2;
  }
  const msde::Model model = msde::Model::load(argv[1]);
  const msde::Data data = msde::Data::open(argv[2]);
  const auto first_row = [](msde::Array all) {  // of [N, ..]
    all.values.resize(all.values.size() / all.shape[0]);
    all.shape[0] = 1;
    return all;
  };
  const msde::Start start = {.first = data.fields("test", 0, 0, 1),
                             .mu = first_row(data.mu("test")),
                             .forcing = first_row(data.forcing("test")),
                             .t0 = data.times("test", 0)[0]};
  const int64_t steps = data.facts().splits.at("test").snapshots - 1;
  const msde::Prediction forecast = model.predict(start, {.steps = steps, .members = 8});

  const size_t size = start.first.values.size();  // of a frame
  const auto& point = forecast.point.values;      // [1, steps + 1, C, *grid]
  const auto& spread = forecast.deviation.values;
  const double square = std::inner_product(point.end() - size, point.end(), point.end() - size, 0.0);
  std::cout << "frames " << forecast.times.size() << ", rms of the last " << std::sqrt(square / size)
            << ", mean spread there " << std::accumulate(spread.end() - size, spread.end(), 0.0) / size
            << "\n";
  return 0;
} catch (const msde::Error& error) {
  std::cerr << "forecast: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
