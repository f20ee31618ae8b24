#include "msde/pde/flow/immersed_circle.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/random/random.hpp"

namespace msde {
namespace {

const Channel channel{.nx = 40, .ny = 30, .h = .1};
const Circle circle{1.8, 1.43, .51};  // off the grid's symmetries

StaggeredVelocity filled(double (*u)(double, double), double (*v)(double, double)) {
  StaggeredVelocity w(channel.nx, channel.ny);
  const double h = channel.h;
  for (int64_t i = 0; i <= channel.nx; ++i)
    for (int64_t j = 0; j < channel.ny; ++j)
      w.u(i)[j] = u(static_cast<double>(i) * h, (static_cast<double>(j) + .5) * h);
  for (int64_t i = 0; i < channel.nx; ++i)
    for (int64_t j = 0; j <= channel.ny; ++j)
      w.v(i)[j] = v((static_cast<double>(i) + .5) * h, static_cast<double>(j) * h);
  return w;
}

TEST(ImmersedCircle, SensesLinearFieldsExactly) {
  const ImmersedCircle body(channel, circle);
  const auto w = filled([](double x, double y) { return 1 + 2 * x - 3 * y; },
                        [](double x, double y) { return 2 - x + 5 * y; });
  const auto sensed = body.sense(w);
  const auto n = sensed.size() / 2;
  EXPECT_EQ(n, static_cast<size_t>(2 * M_PI * (.51 / .1 - .3)));
  for (size_t k = 0; k < n; ++k) {
    const double angle = 2 * M_PI * (static_cast<double>(k) + .5) / static_cast<double>(n);
    const double x = 1.8 + .48 * std::cos(angle), y = 1.43 + .48 * std::sin(angle);
    EXPECT_NEAR(sensed[k], 1 + 2 * x - 3 * y, 1e-12);
    EXPECT_NEAR(sensed[n + k], 2 - x + 5 * y, 1e-12);
  }
}

TEST(ImmersedCircle, SpreadsByTheTransposed) {
  const ImmersedCircle body(channel, circle);
  std::vector<double> f(static_cast<size_t>(body.values())), faces(static_cast<size_t>(2 * 41 * 31));
  fill_normal({1, Stream::test, 0}, 0, body.values(), f.data());
  fill_normal({1, Stream::test, 1}, 0, static_cast<int64_t>(faces.size()), faces.data());
  StaggeredVelocity w(channel.nx, channel.ny), spread(channel.nx, channel.ny);
  body.spread(f, spread);
  double product = 0, momentum = 0;
  size_t next = 0;
  for (int64_t i = 0; i <= channel.nx; ++i) {
    for (int64_t j = 0; j < channel.ny; ++j) {
      w.u(i)[j] = faces[next++], product += w.u(i)[j] * spread.u(i)[j], momentum += spread.u(i)[j];
      if (spread.u(i)[j] == 0) continue;
      EXPECT_TRUE(i > body.first_row() && i < body.end_row());
    }
  }
  for (int64_t i = 0; i < channel.nx; ++i)
    for (int64_t j = 0; j <= channel.ny; ++j)
      w.v(i)[j] = faces[next++], product += w.v(i)[j] * spread.v(i)[j];
  const auto sensed = body.sense(w);
  double expected = 0, total = 0;
  for (size_t k = 0; k < f.size(); ++k) {
    expected += f[k] * sensed[k];
    if (k < f.size() / 2) total += f[k];
  }
  EXPECT_NEAR(product, expected, 1e-12);
  EXPECT_NEAR(momentum, total, 1e-12);
}

}  // namespace
}  // namespace msde
