#include "msde/model/clock_forcing.hpp"

#include <gtest/gtest.h>

#include "msde/core/files/test_folder.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

ModelSpec spec_with_clock() {
  auto spec = small_spec("reduced");
  spec.n_f = 1 + 4;
  spec.clock = {"year", "day"};
  spec.labels.units.time = {"hours since 2000-02-20", "standard"};
  spec.dt = 5;
  spec.t_end = 100;
  return spec;
}

ForecastRequest request() {
  ForecastRequest r;
  r.first = normal({3, Stream::test, 1}, {2, 1, 120}, torch::kFloat);
  r.mu = torch::zeros({2, 1});
  r.forcing = normal({3, Stream::test, 2}, {2, 9, 1}, torch::kFloat);
  r.t0 = 17, r.dt = .25, r.n_steps = 8;
  return r;
}

TEST(ClockForcing, AForecastIsThatOfAModelThatIsGivenTheClock) {
  auto spec = spec_with_clock();
  auto model = small_model(spec);
  to_type(*model, torch::kFloat);
  const auto r = request();
  const auto own = ModelForecaster(model, {}).forecast(r);

  auto plain = spec;
  plain.clock.clear();
  auto without = small_model(plain);
  to_type(*without, torch::kFloat);
  auto given = r;
  const auto times = (17 + .25 * torch::arange(9, torch::kDouble)).expand({2, 9});
  given.forcing = with_clock(r.forcing, times, spec.own_clock());
  EXPECT_EQ(given.forcing.sizes(), at::IntArrayRef({2, 9, 5}));
  EXPECT_TRUE(ModelForecaster(without, {}).forecast(given).point.equal(own.point));
  given.forcing.select(2, 4).zero_();
  EXPECT_FALSE(ModelForecaster(without, {}).forecast(given).point.equal(own.point));
}

TEST(ClockForcing, AModelKeepsItsClock) {
  const TestFolder folder;
  const auto spec = spec_with_clock();
  save_model(small_model(spec), folder / "model");
  const auto loaded = load_model(folder / "model")->spec();
  EXPECT_EQ(loaded.clock, spec.clock);
  EXPECT_EQ(loaded.n_given_f(), 1);
  EXPECT_EQ(loaded.own_clock().time.units, "hours since 2000-02-20");
}

TEST(ClockForcing, ADescriptionWhoseClockHasNoDatesOrNoInputsIsRefused) {
  auto spec = spec_with_clock();
  spec.labels.units.time.units = "hours";
  EXPECT_THROW(spec_from_json(spec_to_json(spec), "m"), ModelFormatError);
  spec = spec_with_clock();
  spec.n_f = 3;
  EXPECT_THROW(spec_from_json(spec_to_json(spec), "m"), ModelFormatError);
  spec = spec_with_clock();
  spec.clock = {"year", "tide"};
  EXPECT_THROW(spec_from_json(spec_to_json(spec), "m"), ModelFormatError);
}

}  // namespace
}  // namespace msde
