#include "msde/pde/equations/cylinder_2d.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/pde/flow/shedding.hpp"

namespace msde {
namespace {

// A test of seconds; docs/cylinder.md has the same at full size. Published of unbounded flow: St .164 ..
// .167, drag 1.33 .. 1.37, lift .32 .. .34; so few cells and walls so near change them by some per cent.
TEST(CylinderFlow, ShedsAtReynolds100AsIsPublished) {
  const Cylinder c{.length = 20,
                   .height = 12,
                   .diameter = 1,
                   .x = 6,
                   .y = 6,
                   .reynolds = 100,
                   .cells_per_diameter = 10,
                   .disturbance = .5};
  CylinderFlow flow(c);
  Forces forces{.25, {}, {}};
  for (int i = 0; i < 280; ++i) {
    const auto f = flow.advance(forces.spacing);
    forces.drag.push_back(2 * f.drag), forces.lift.push_back(2 * f.lift);
  }
  const auto s = shedding(forces, 50, 70);
  EXPECT_GE(s.periods, 2);
  EXPECT_NEAR(s.frequency, .166, .012);
  EXPECT_NEAR(s.mean_drag, 1.35, .1);
  EXPECT_NEAR(s.lift, .33, .09);
}

TEST(CylinderFlow, StartsAtOnceWithTheDisturbance) {
  const CylinderFlow flow(Cylinder{.cells_per_diameter = 10});
  const auto points = flow.at_points(CylinderPoints::spacing, CylinderPoints::shape);
  EXPECT_LT((points[0][0] - 1).abs().max().item<double>(), 1e-3);  // inflow
  EXPECT_LT(points[1][0].abs().max().item<double>(), 2e-2);
  EXPECT_LT(points[1].select(1, 0).abs().max().item<double>(), 1e-12);  // wall
  EXPECT_GT(points[1][52][40].item<double>(), .03);
  // Potential flow: nearly twice as fast beside the body, no flow on it.
  EXPECT_NEAR(points[0][40][47].item<double>(), 1.7, .2);
  EXPECT_LT(points.slice(1, 36, 45).slice(2, 40, 41)[0].abs().max().item<double>(), .5);
}

TEST(CylinderFlow, GoesOnFromPointsAsFromItself) {
  CylinderFlow flow(Cylinder{.cells_per_diameter = 10}), again(Cylinder{.cells_per_diameter = 10});
  for (int i = 0; i < 20; ++i) flow.advance(.01);
  const auto points = [](const CylinderFlow& f) {
    return f.at_points(CylinderPoints::spacing, CylinderPoints::shape);
  };
  const auto first = points(flow);
  again.start_from(first, CylinderPoints::spacing);
  const auto error = [&] {
    return ((points(again) - points(flow)).norm() / points(flow).norm()).item<double>();
  };
  EXPECT_LT(error(), .02);  // interpolated twice near the body
  for (int i = 0; i < 10; ++i) flow.advance(.01), again.advance(.01);
  EXPECT_LT(error(), .02);
}

TEST(CylinderFluid, IsAllButTheDiskAroundPoint4040) {
  const auto fluid = cylinder_fluid();
  ASSERT_EQ(fluid.size(), 320u * 80u);
  int64_t none = 0;
  for (int64_t i = 0; i < 280; ++i)
    for (int64_t j = 0; j < 80; ++j) {
      const bool inside = (i - 40) * (i - 40) + (j - 40) * (j - 40) <= 25;  // a diameter is ten points
      EXPECT_EQ(fluid[static_cast<size_t>(i * 80 + j)], !inside);
      none += inside;
    }
  EXPECT_EQ(none, 81);
}

TEST(SimulateCylinder, HandsOverAllSnapshotsInOrderWithoutABody) {
  int64_t next = 0;
  torch::Tensor last;
  simulate_cylinder_2d({.mu = 160, .n_snapshots = 11, .cells_per_diameter = 10},
                       [&](int64_t first, const torch::Tensor& clean) {
                         EXPECT_EQ(first, next);
                         next += clean.size(0);
                         EXPECT_EQ(clean.sizes().slice(1), (std::vector<int64_t>{2, 320, 80}));
                         EXPECT_EQ(clean.isnan().sum().item<int64_t>(), clean.size(0) * 2 * 81);
                         last = clean;
                       });
  EXPECT_EQ(next, 11);
  Cylinder c;
  c.cells_per_diameter = 10;
  CylinderFlow flow(c);
  for (int i = 0; i < 10; ++i) flow.advance(.01);
  const auto expected = flow.at_points(CylinderPoints::spacing, CylinderPoints::shape);
  const auto got = last[-1];
  EXPECT_TRUE(torch::equal(got.nan_to_num(7), torch::where(got.isnan(), torch::full_like(got, 7), expected)));
}

}  // namespace
}  // namespace msde
