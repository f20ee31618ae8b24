#include "msde/baselines/point_forecaster.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "msde/baselines/test_data.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(PointForecaster, BlowUpNamesForecasterAndTime) {
  const Grid grid = {
      .channels = 1, .shape = {3}, .length = {1}, .boundary = {Boundary::periodic}, .axes = {"x"}};
  const PointForecaster doubling("doubling", grid, [](const Tensor& first, const FrameTimes& times) {
    auto fields = first.expand({times.n_steps + 1, first.numel()}).clone();
    fields.slice(0, 4) *= std::numeric_limits<double>::max();  // finite, but not in float32
    return Path{fields, 0};
  });
  ForecastRequest request;
  request.first = torch::ones({2, 1, 3});
  request.t0 = 1, request.dt = .25, request.n_steps = 6;
  try {
    doubling.forecast(request);
    ADD_FAILURE() << "no blow-up";
  } catch (const NumericsError& error) {
    EXPECT_EQ(std::string(error.what()), "doubling: blow-up at t = 2: the field of frame 4 is not finite");
  }
  request.first = torch::ones({2, 1, 4});
  EXPECT_THROW(doubling.forecast(request), DataError);
}

TEST(PointForecaster, EnsembleIsAsWideAsTheValidationError) {
  // White noise of deviation .2 about zero: the mean forecast errs by just that.
  TestFolder folder;
  const auto data = written(folder, [](uint64_t split) {
    return .2 * normal({9, Stream::test, split}, {4, 10, 1, 500});
  });
  auto request = request_for(data, 1, 9);
  request.members = 20;
  const auto members =
      row("mean", "").fit({.data = data, .case_name = ""}).forecaster->forecast(request).members;
  EXPECT_NEAR(members.std().item<double>(), .2, .005);
}

}  // namespace
}  // namespace msde
