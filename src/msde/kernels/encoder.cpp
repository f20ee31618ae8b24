#include "msde/kernels/encoder.hpp"

#include "msde/kernels/products.hpp"

namespace msde {

void EncoderKernel::forward(int64_t rows, const float* a, float* z, float* tape, float* scratch) const {
  const int64_t width = n_zeta + n;
  float *separated = scratch, *eta = separated + rows * width, *residual = tape;
  Product{rows, width, n}.by_transposed(a, separation, separated);
  for (int64_t i = 0; i < rows; ++i) {
    const float* s = separated + i * width;
    for (int64_t j = 0; j < n_zeta; ++j) z[i * n_z() + j] = (s[j] - zeta_mean[j]) / zeta_std[j];
    for (int64_t j = 0; j < n; ++j) residual[i * n + j] = (a[i * n + j] - s[n_zeta + j]) / residual_scale;
  }
  net.forward(rows, residual, eta, tape + rows * n, eta + rows * n_eta());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < n_eta(); ++k) z[i * n_z() + n_zeta + k] = eta[i * n_eta() + k];
}

void EncoderKernel::backward(int64_t rows, const float* a, const float* tape, const Gradients& gradients,
                           float* scratch) const {
  const int64_t width = n_zeta + n;
  float *d = scratch, *deta = d + rows * width, *rest = deta + rows * n_eta();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < n_eta(); ++k) deta[i * n_eta() + k] = gradients.dz[i * n_z() + n_zeta + k];
  float* dresidual = d;  // dense, then spread to its columns of d from the last row on
  net.backward(rows, tape, tape + rows * n,
               {gradients.transposed_weights, deta, dresidual, gradients.parameters}, rest);
  for (int64_t i = rows; i-- > 0;) {
    float* to = d + i * width;
    for (int64_t j = n; j-- > 0;) to[n_zeta + j] = -dresidual[i * n + j] / residual_scale;
    for (int64_t j = 0; j < n_zeta; ++j) to[j] = gradients.dz[i * n_z() + j] / zeta_std[j];
  }
  Product{.m = width, .n = n, .k = rows, .keep = 1}.of_transposed(d, a, gradients.separation);
}

}  // namespace msde
