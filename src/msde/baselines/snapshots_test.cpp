#include "msde/baselines/snapshots.hpp"

#include <gtest/gtest.h>

#include "msde/baselines/test_data.hpp"

namespace msde {
namespace {

TEST(Snapshots, ErrorInCoordinatesIsThatOfTheFields) {
  TestFolder folder;
  const auto data = written(folder, [](uint64_t split) {
    return normal({10, Stream::test, split}, {2, 6, 1, 12});
  });
  const auto reduced = reduce({.data = data, .case_name = ""}, 5);
  double expected = 0;
  std::vector<Tensor> paths;
  for (int64_t i = 0; i < 2; ++i) {
    paths.push_back(reduced.val[i].narrow(1, 0, 3) + .5);
    const auto y = data.fields("val", i, 0, 6).flatten(1).to(torch::kDouble);
    const auto fields = paths.back().matmul(reduced.modes.narrow(1, 0, 3).t());
    expected += ((fields - y).norm(2, 1) / y.norm(2, 1)).slice(0, 1).mean().item<double>() / 2;
  }
  EXPECT_NEAR(relative_error(reduced, paths), expected, 1e-12);
  EXPECT_NEAR(reduced.retained_energy(5) * reduced.total_energy,
              reduced.singular_values.square().sum().item<double>(), 1e-9);
}

}  // namespace
}  // namespace msde
