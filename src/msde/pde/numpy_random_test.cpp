#include "msde/pde/numpy_random.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

// Values of NumPy 1.24: numpy.random.default_rng(entropy).bit_generator.random_raw(2) and .uniform(.3, .7).
struct Row {
  std::vector<uint32_t> entropy;
  uint64_t first, second;
  double uniform;
};
const Row rows[] = {
    {{0}, 0xa30febcfd9c2825f, 0x4510bdf882d9d721, 0.5547846749285816},
    {{7}, 0xa00641a9f1e54a8b, 0xe5afcdbcaf266a95, 0.5500381866418668},
    {{950}, 0x528fa9e0de49a75d, 0x1f709f9982323dcd, 0.42900185295085524},
    {{999}, 0xc761138bd05b74fd, 0x2c187c7c2c988d5f, 0.611530007032109},
    {{3, 7}, 0xaea69e8587e857de, 0x99a2a1cef7b9477b, 0.5728919630433329},
    {{1, 2, 3, 4, 5, 6}, 0x9f2e9b7b6e265292, 0x1e9114dcb6eb4a21, 0.5487219687020659},
};

TEST(NumpyGenerator, DrawsWhatNumpyDraws) {
  for (const Row& row : rows) {
    NumpyGenerator raw(row.entropy), uniform(row.entropy);
    EXPECT_EQ(raw.next(), row.first);
    EXPECT_EQ(raw.next(), row.second);
    EXPECT_EQ(uniform.uniform(.3, .7), row.uniform);
  }
}

TEST(NumpyGenerator, ZerosBeyondTheLastWordChangeNothing) {
  EXPECT_EQ(NumpyGenerator({5, 9}).next(), NumpyGenerator({5, 9, 0}).next());
}

}  // namespace
}  // namespace msde
