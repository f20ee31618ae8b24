#include "msde/kernels/overlapping_products.hpp"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>
#include <vector>

#include "msde/core/random/random.hpp"

namespace msde {
namespace {

std::vector<float> draw(uint64_t number, int64_t size) {
  std::vector<float> values(static_cast<size_t>(size));
  fill_normal({72, Stream::test, number}, 0, size, values.data());
  return values;
}

std::vector<int64_t> every(int64_t distance, int64_t count) {
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i < count; ++i) offsets.push_back(distance * i);
  return offsets;
}

// Tiles of all heights and widths, rows that overlap by all but one value. Nothing behind the last column is
// written; under asan nothing there is read.
void expect_sums_of_products() {
  for (const int64_t m : {1, 2, 3, 5, 6, 7, 11, 12})
    for (const int64_t n : {1, 3, 8, 15, 16, 17, 31, 33, 50, 64, 65, 130})
      for (const int64_t k : {0, 1, 2, 9, 40}) {
        const auto a = draw(1, m + k - 1), b = draw(2, k == 0 ? 0 : n + 2 * (k - 1)),
                   before = draw(3, m * n + 1);
        const auto of_a = every(1, m), of_b = every(2, k);
        for (const float keep : {0.f, 1.f, -.5f}) {
          auto c = before;
          if (keep == 0) c[0] = std::numeric_limits<float>::quiet_NaN();  // must not be read
          OverlappingProduct{m, n, k, keep}.of({a.data(), of_a.data()}, {b.data(), of_b.data()}, c.data());
          EXPECT_EQ(c.back(), before.back());
          for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
              double expected = keep == 0 ? 0 : keep * before[static_cast<size_t>(i * n + j)];
              for (int64_t l = 0; l < k; ++l)
                expected +=
                    static_cast<double>(a[static_cast<size_t>(i + l)]) * b[static_cast<size_t>(2 * l + j)];
              ASSERT_NEAR(c[static_cast<size_t>(i * n + j)], expected, 2e-5)
                  << m << " x " << n << " x " << k << " at " << i << ", " << j;
            }
        }
      }
}

TEST(OverlappingProduct, is_the_sum_of_products_on_every_instruction_set) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    expect_sums_of_products();
  }
  hwy::SetSupportedTargetsForTest(0);  // the processor's own again
}

}  // namespace
}  // namespace msde
