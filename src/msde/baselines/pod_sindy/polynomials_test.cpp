#include "msde/baselines/pod_sindy/polynomials.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

const Polynomials library = {3, 2, true};  // 1 x y z xx xy yy xz yz zz

TEST(Polynomials, OneStateAndManyAgree) {
  const auto x = normal({6, Stream::test, 0}, {4, 3}, torch::kDouble);
  const auto all = library.evaluate(x);
  auto one = torch::empty({library.size()}, torch::kDouble);
  for (int64_t i = 0; i < 4; ++i) {
    library.evaluate(x[i].contiguous().data_ptr<double>(), one.data_ptr<double>());
    EXPECT_TRUE(torch::equal(all[i], one));
  }
  EXPECT_EQ(library.name(0), "1");
  EXPECT_EQ(library.name(3), "x2");
  EXPECT_EQ(library.name(5), "x0 x1");
  EXPECT_EQ(library.name(9), "x2 x2");
}

TEST(Polynomials, SmallerLibraryIsAPartOfALarger) {
  const auto x = normal({6, Stream::test, 1}, {4, 3}, torch::kDouble);
  for (const Polynomials part : {Polynomials{2, 2, true}, {3, 1, false}, {1, 1, true}}) {
    const auto taken = library.evaluate(x).index_select(1, library.positions_of(part));
    EXPECT_TRUE(torch::equal(taken, part.evaluate(x.narrow(1, 0, part.n))));
  }
  EXPECT_THROW((Polynomials{2, 1, false}.positions_of(library)), std::invalid_argument);
}

}  // namespace
}  // namespace msde
