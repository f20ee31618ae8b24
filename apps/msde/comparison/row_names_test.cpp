#include "apps/msde/comparison/row_names.hpp"

#include <gtest/gtest.h>

#include "msde/baselines/baselines.hpp"

namespace msde {
namespace {

TEST(RowNames, AreTheBaselinesThenTheLearnedOnes) {
  std::vector<std::string> expected;
  for (const Baseline& baseline : baselines())
    if (expected.empty() || expected.back() != baseline.name) expected.push_back(baseline.name);
  expected.insert(expected.end(), {"pod_galerkin", "eddy_viscosity", "macro_only", "multiscale"});
  EXPECT_EQ(row_names(), expected);
}

}  // namespace
}  // namespace msde
