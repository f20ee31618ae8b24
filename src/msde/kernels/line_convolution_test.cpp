#include "msde/kernels/line_convolution.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "msde/core/random/random.hpp"

namespace msde {
namespace {

std::vector<float> draw(uint64_t number, int64_t size) {
  std::vector<float> values(static_cast<size_t>(size));
  fill_normal({71, Stream::test, number}, 0, size, values.data());
  return values;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// <C x, y> = <x, C^T y> = <dC/dkernel, kernel>, for any stride, odd and even taps.
TEST(LineConvolution, has_its_adjoint_and_its_kernel_gradient) {
  for (const int64_t stride : {1, 2, 3})
    for (const int64_t taps : {1, 2, 5, 8})
      for (const int64_t m : {1, 2, 9}) {
        const LineConvolution C(2, 3, taps, stride, m);
        const auto x = draw(1, C.inputs() * C.wide()), y = draw(2, C.outputs() * m),
                   kernel = draw(3, C.kernel_size()), by_phase = C.by_phase(kernel.data());
        std::vector<float> Cx(y.size()), Cy(x.size()), gradient(kernel.size()),
            scratch(static_cast<size_t>(C.scratch_size()));
        C.forward(x.data(), kernel.data(), nullptr, Cx.data(), scratch.data());
        C.transposed(y.data(), by_phase.data(), Cy.data(), scratch.data());
        C.add_kernel_gradient(x.data(), y.data(), gradient.data(), scratch.data());
        double by_gradient = 0;
        for (int64_t o = 0; o < 3; ++o)
          for (int64_t ck = 0; ck < 2 * taps; ++ck)
            by_gradient +=
                gradient[static_cast<size_t>(ck * 3 + o)] * kernel[static_cast<size_t>(o * 2 * taps + ck)];
        EXPECT_NEAR(dot(Cx, y), dot(x, Cy), 1e-4) << stride << " " << taps << " " << m;
        EXPECT_NEAR(dot(Cx, y), by_gradient, 1e-4) << stride << " " << taps << " " << m;
        // One value by its definition.
        double first = 0;
        for (int64_t c = 0; c < C.inputs(); ++c)
          for (int64_t k = 0; k < taps; ++k)
            first += kernel[static_cast<size_t>(c * taps + k)] *
                     x[static_cast<size_t>(c * C.wide() + stride * (m - 1) + k)];
        EXPECT_NEAR(Cx[static_cast<size_t>(m - 1)], first, 1e-5);
      }
}

}  // namespace
}  // namespace msde
