#include "msde/scales/axis_smoothing.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

// The definition as a dense matrix G [n, n].
Tensor matrix(int64_t n, double width, int64_t reach, const AxisEnds& ends) {
  auto G = torch::zeros({n, n}, torch::kDouble);
  auto g = G.accessor<double, 2>();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t lag = -reach; lag <= reach; ++lag) {
      int64_t j = i + lag;
      if (ends.periodic()) j = ((j % n) + n) % n;
      if (j >= 0 && j < n) g[i][j] += std::exp(-0.5 * (lag / width) * (lag / width));
    }
  return G / G.sum(1, /*keepdim=*/true);
}

double largest(const Tensor& x) {
  return x.abs().max().item<double>();
}

TEST(AxisSmoothing, is_the_normalised_gaussian_matrix_and_its_transpose) {
  const int64_t n = 45;
  const auto u = normal({5, Stream::test, 1}, {3, 2, n}, torch::kDouble);
  for (const AxisEnds& boundary : {AxisEnds(Boundary::periodic), AxisEnds(Boundary::wall),
                                   AxisEnds(Boundary::open), AxisEnds(Boundary::wall, Boundary::open)})
    for (const int64_t reach : {6, 30, 70}) {  // short of the axis, wrapping once, wrapping more than once
      const auto G = matrix(n, 4.5, reach, boundary);
      const AxisSmoothing smoothing(n, 4.5, reach, boundary);
      EXPECT_LT(largest(smoothing.smoothed(u) - torch::matmul(u, G.t())), 1e-14);
      EXPECT_LT(largest(smoothing.transposed(u) - torch::matmul(u, G)), 1e-14);
    }
}

TEST(AxisSmoothing, keeps_constants_on_a_line_whose_matrix_would_not_fit) {
  const int64_t n = 300'000;  // a matrix of 670 GiB
  for (const auto boundary : {Boundary::periodic, Boundary::open})
    EXPECT_LT(
        largest(AxisSmoothing(n, 6000, 20'000, boundary).smoothed(torch::ones({1, n}, torch::kDouble)) - 1),
        1e-12);
}

}  // namespace
}  // namespace msde
