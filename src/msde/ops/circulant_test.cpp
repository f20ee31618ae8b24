#include "msde/ops/circulant.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

TEST(circulant, rows_are_shifts_of_the_first) {
  const auto taps = torch::tensor({{1., 2., 4.}}, torch::kDouble);
  const auto expected = torch::tensor({{2., 4., 0., 1.}, {0., 1., 2., 4.}}, torch::kDouble);
  EXPECT_TRUE(torch::equal(circulant_rows(taps, 4, 2)[0], expected)) << circulant_rows(taps, 4, 2);
}

TEST(circulant, gradients_equal_central_differences) {
  for (const int64_t taps : {7, 31})  // the second wraps round more than once
    for (const int64_t step : {1, 3})
      expect_gradient([&](const auto& in) { return circulant_rows(in[0], 12, step); },
                      {normal({11, Stream::test, 0}, {2, taps}, torch::kDouble)},
                      {.step = 1e-3, .tolerance = 1e-9});
}

}  // namespace
}  // namespace msde
