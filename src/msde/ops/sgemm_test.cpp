// LibTorch's products go through the program's sgemm_: against float64, which does not.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include "msde/tensor/torch.hpp"

namespace msde {
namespace {

extern "C" void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*,
                       const float*, const int*, const float*, const int*, const float*, float*, const int*);

TEST(sgemm, is_the_programs_own) {
  if (at::hasMKL()) GTEST_SKIP() << "LibTorch holds a BLAS of its own";
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "sgemm_"), reinterpret_cast<void*>(&sgemm_));
}

// Every way of lying in memory, parts of larger matrices, alone and inside a parallel region.
void expect_products(int64_t m, int64_t n, int64_t k) {
  const auto transposed_or_not = [](int64_t rows, int64_t columns, bool transposed) {
    const auto x =
        transposed ? torch::randn({columns + 3, rows + 5}).t() : torch::randn({rows + 5, columns + 3});
    return x.narrow(0, 1, rows).narrow(1, 2, columns);
  };
  for (const bool of_a : {false, true})
    for (const bool of_b : {false, true}) {
      const auto a = transposed_or_not(m, k, of_a), b = transposed_or_not(k, n, of_b),
                 c = torch::randn({m, n});
      const auto expected =
          -1.5 * c.to(torch::kDouble) + .5 * torch::mm(a.to(torch::kDouble), b.to(torch::kDouble));
      std::vector<torch::Tensor> got(2);
      got[0] = torch::addmm(c, a, b, -1.5, .5);
#pragma omp parallel for num_threads(2)
      for (int i = 0; i < 2; ++i) {
        const auto inside = torch::addmm(c, a, b, -1.5, .5);
        if (i == 1) got[1] = inside;
      }
      for (const auto& x : got)
        EXPECT_LT((x.to(torch::kDouble) - expected).abs().max().item<double>(),
                  1e-6 * (4 + 4 * std::sqrt(static_cast<double>(k))))
            << m << " x " << n << " x " << k << ", " << of_a << of_b;
    }
}

TEST(sgemm, multiplies_what_lies_anyhow) {
  torch::manual_seed(7);
  for (const int64_t m : {1, 2, 30, 300})
    for (const int64_t n : {1, 3, 70, 200})
      for (const int64_t k : {1, 5, 300}) expect_products(m, n, k);
}

TEST(sgemm, keeps_what_nothing_is_added_to) {
  const int n = 2, none = 0;
  const float one = 1, half = .5f, zero = 0, value = 3;
  float c[4] = {1, 2, 3, 4};
  sgemm_("N", "N", &n, &n, &none, &one, &value, &n, &value, &n, &half, c, &n);
  EXPECT_EQ(c[3], 2);
  sgemm_("N", "N", &none, &n, &n, &one, &value, &n, &value, &n, &zero, c, &n);
  EXPECT_EQ(c[0], .5f);
}

}  // namespace
}  // namespace msde
