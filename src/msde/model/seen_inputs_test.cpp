#include "msde/model/seen_inputs.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

using torch::Tensor;

// What a network sees of a value in training.
double enters_as(const Standardisation& units, float value) {
  return ((torch::full({1}, value) - units.mean) / units.scale).item<double>();
}

TEST(seen_inputs, a_constant_enters_as_zero_whatever_its_size_and_number) {
  for (const float value : {.02f, .1f, 1.f / 3, -7.3e-12f, 1e12f, 0.f})
    for (const int64_t rows : {1, 2, 10, 400, 123457}) {
      const auto x = torch::full({rows, 1}, value);
      const auto units = standardisation(x);
      EXPECT_EQ(units.mean.item<float>(), value) << rows;
      EXPECT_EQ(units.scale.item<float>(), 1) << value << " " << rows;
      EXPECT_EQ(enters_as(units, value), 0);
      EXPECT_TRUE(is_constant(seen_ranges(x).at(0)));
    }
}

TEST(seen_inputs, rounding_is_no_variation) {
  const float value = .3f, next = std::nextafter(value, 1.f);
  EXPECT_TRUE(is_constant(seen_ranges(torch::tensor({value, next, value}).view({3, 1})).at(0)));
  EXPECT_EQ(standardisation(torch::tensor({value, next, value}).view({3, 1})).scale.item<float>(), 1);
}

TEST(seen_inputs, what_varies_has_unit_variance_in_every_unit) {
  const auto shape = torch::tensor({.2, .4, .6, 1.}, torch::kDouble).view({4, 1});
  for (const double unit : {1e-30, 1e-12, 1e-6, 1., 1e6, 1e12, 1e30}) {
    const auto x = (unit * shape).to(torch::kFloat);
    const auto units = standardisation(x);
    EXPECT_FALSE(is_constant(seen_ranges(x).at(0))) << unit;
    const auto y = (x - units.mean) / units.scale;
    EXPECT_NEAR(y.mean().item<double>(), 0, 1e-6) << unit;
    EXPECT_NEAR(y.square().mean().item<double>(), 1, 1e-6) << unit;
    EXPECT_EQ(typical_values(units).item<float>(), units.mean.item<float>()) << unit;
  }
}

TEST(seen_inputs, columns_are_separate_and_trajectories_are_joined) {
  auto x = torch::zeros({2, 3, 2});
  x.select(2, 0).copy_(torch::tensor({{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}}));
  x.select(2, 1).fill_(.02f);
  const auto units = standardisation(x);
  EXPECT_NEAR(units.mean[0].item<double>(), 3.5, 1e-7);
  EXPECT_NEAR(units.scale[0].item<double>(), std::sqrt(35. / 12), 1e-6);
  EXPECT_EQ(units.mean[1].item<float>(), .02f);
  EXPECT_EQ(units.scale[1].item<float>(), 1);
  const auto ranges = seen_ranges(x);
  EXPECT_EQ(ranges[0].low, 1);
  EXPECT_EQ(ranges[0].high, 6);
  EXPECT_TRUE(seen_ranges(torch::empty({3, 0})).empty());
}

TEST(seen_inputs, the_constant_of_a_mean_and_scale_in_float32_is_found_again) {
  // LibTorch's float32 mean and deviation of ten times .02: 1 ulp below it, and that ulp.
  const auto x = torch::full({10, 1}, .02f);
  const Standardisation units = {x.mean(0), x.std(0, /*unbiased=*/false)};
  ASSERT_GT(units.scale.item<double>(), 1e-12);
  ASSERT_TRUE(is_constant(ranges_of(units)[0]));
  EXPECT_EQ(ranges_of(units)[0].low, .02f);
  EXPECT_EQ(typical_values(units).item<float>(), .02f);
  EXPECT_NEAR(std::abs(enters_as(units, typical_values(units).item<float>())), 1, 1e-5);
  // Also where the mean lies above it.
  const float c = .3f, above = std::nextafter(c, 1.f);
  EXPECT_EQ(typical_values({torch::full({1}, above), torch::full({1}, above - c)}).item<float>(), c);
  // Without a scale of its own the mean alone is off.
  const float mean = std::nextafter(1000.f, 0.f);
  EXPECT_EQ(typical_values({torch::full({1}, mean), torch::ones({1})}).item<float>(), 1000.f);
  EXPECT_FALSE(is_constant(ranges_of({torch::full({1}, .5f), torch::full({1}, .01f)})[0]));
}

TEST(seen_inputs, a_model_keeps_them_and_ignores_other_values_of_a_constant) {
  torch::NoGradGuard no_grad;
  auto spec = small_spec("paper");
  spec.seen = {.known = true, .mu = {{.02f, .02f}}, .f = {{-1, 1}}};
  const auto again = spec_from_json(spec_to_json(spec), "here");
  ASSERT_TRUE(again.seen.known);
  EXPECT_EQ(again.seen.mu.at(0).high, .02f);
  EXPECT_EQ(again.seen.f.at(0).low, -1);

  auto model = small_model(spec);
  const auto z = torch::ones({1, model->n_z()}, torch::kDouble);
  const auto drift = [&](double mu, double f) {
    return model->drift->forward(
        z, {torch::zeros({1, 1}, torch::kDouble), torch::full({1, 1}, mu, torch::kDouble),
            torch::full({1, 1}, f, torch::kDouble)});
  };
  EXPECT_TRUE(torch::equal(drift(.02, .5), drift(1e9, .5)));
  EXPECT_FALSE(torch::equal(drift(.02, .5), drift(.02, .6)));
}

// As files of models without ranges have it: the constant .02 entered as +1 or -1, and does so still.
TEST(seen_inputs, a_model_without_them_ignores_other_values_of_what_its_units_show_constant) {
  torch::NoGradGuard no_grad;
  auto model = small_model(small_spec("paper"));
  const auto x = torch::full({10, 1}, .02f);
  const Standardisation units = {x.mean(0), x.std(0, /*unbiased=*/false)};
  model->drift->inputs.set(
      {.mu_mean = units.mean, .mu_std = units.scale, .f_mean = torch::zeros({1}), .f_std = torch::ones({1})});
  const auto outside = [&](float mu, float f) {
    return model->drift->outside({torch::zeros({1, 1}), torch::full({1, 1}, mu), torch::full({1, 1}, f)});
  };
  const double as_trained = ((.02 - units.mean.item<double>()) / units.scale.item<double>()) > 0 ? 1 : -1;
  const auto of_mu = outside(.03f, .5f).narrow(-1, outside(.03f, .5f).size(-1) - 2, 1);
  EXPECT_NEAR(of_mu.item<double>(), as_trained, 1e-5);
  EXPECT_TRUE(torch::equal(outside(.02f, .5f), outside(.03f, .5f)));
  EXPECT_FALSE(torch::equal(outside(.02f, .5f), outside(.02f, .6f)));
  const auto seen = model->drift->inputs.seen_of_units();
  EXPECT_FALSE(seen.known);
  EXPECT_EQ(seen.mu.at(0).low, .02f);
  EXPECT_FALSE(is_constant(seen.f.at(0)));
}

TEST(seen_inputs, of_two_trainings_are_the_wider_ranges) {
  const SeenInputs own = {.known = true, .mu = {{1, 2}, {0, 1}}, .f = {{0, 0}}};
  const auto both = joined({.known = true, .mu = {{3, 3}, {.2, .8}}, .f = {{0, 0}}}, own);
  EXPECT_TRUE(both.known);
  EXPECT_EQ(both.mu[0].low, 1);
  EXPECT_EQ(both.mu[0].high, 3);
  EXPECT_EQ(both.mu[1].low, 0);
  EXPECT_EQ(both.mu[1].high, 1);
  EXPECT_TRUE(is_constant(both.f[0]));
  const SeenInputs anything = {.mu = ranges_of({torch::zeros({2}), torch::ones({2})})};
  EXPECT_EQ(joined(anything, own).mu[0].high, 2);
}

TEST(seen_inputs, a_model_file_without_them_loads_and_one_with_others_does_not) {
  auto spec = small_spec("paper");
  EXPECT_EQ(spec_to_json(spec).find("seen"), std::string::npos);
  EXPECT_FALSE(spec_from_json(spec_to_json(spec), "here").seen.known);
  spec.seen = {.known = true, .mu = {{0, 1}, {0, 1}}, .f = {{0, 1}}};
  EXPECT_THROW(spec_from_json(spec_to_json(spec), "here"), ModelFormatError);
  spec.seen = {.known = true, .mu = {{1, 0}}, .f = {{0, 1}}};
  EXPECT_THROW(spec_from_json(spec_to_json(spec), "here"), ModelFormatError);
}

}  // namespace
}  // namespace msde
