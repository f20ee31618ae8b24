#include "msde/ops/continuation.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

TEST(continuation, follows_the_boundary) {
  const auto x = torch::tensor({{1., 2., 3., 4.}}, torch::kDouble);
  const auto is = [&](const AxisEnds& boundary, std::vector<double> expected) {
    const auto got = continued(x, 1, 2, boundary);
    EXPECT_TRUE(torch::equal(got[0], torch::tensor(expected, torch::kDouble))) << got;
  };
  is(Boundary::periodic, {3, 4, 1, 2, 3, 4, 1, 2});
  is(Boundary::wall, {2, 1, 1, 2, 3, 4, 4, 3});
  is(Boundary::open, {1, 1, 1, 2, 3, 4, 4, 4});
  is({Boundary::wall, Boundary::open}, {2, 1, 1, 2, 3, 4, 4, 4});
  is({Boundary::open, Boundary::wall}, {1, 1, 1, 2, 3, 4, 4, 3});
}

TEST(continuation, works_on_any_axis_with_gradient) {
  const auto x = normal({12, Stream::test, 0}, {2, 3, 5}, torch::kDouble);
  for (const AxisEnds& boundary : {AxisEnds(Boundary::periodic), AxisEnds(Boundary::wall),
                                   AxisEnds(Boundary::open), AxisEnds(Boundary::wall, Boundary::open)})
    for (int64_t dim = 0; dim < 3; ++dim) {
      const auto turned = continued(x.movedim(dim, 0), 0, 2, boundary).movedim(0, dim);
      EXPECT_TRUE(torch::equal(continued(x, dim, 2, boundary), turned));
      expect_gradient([&](const auto& in) { return continued(in[0], dim, 2, boundary); }, {x});
    }
}

TEST(continuation, wrapping_round_is_the_adjoint_of_the_periodic_rule) {
  const auto x = normal({12, Stream::test, 1}, {2, 6, 3}, torch::kDouble);
  for (const int64_t p : {1, 4, 6}) {
    const auto wide = normal({12, Stream::test, 2}, {2, 6 + 2 * p, 3}, torch::kDouble);
    EXPECT_NEAR((continued(x, 1, p, Boundary::periodic) * wide).sum().item<double>(),
                (x * wrapped_round(wide, 1, p)).sum().item<double>(), 1e-12);
    expect_gradient([&](const auto& in) { return wrapped_round(in[0], 1, p); }, {wide});
  }
}

}  // namespace
}  // namespace msde
