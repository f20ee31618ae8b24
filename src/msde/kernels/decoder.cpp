#include "msde/kernels/decoder.hpp"

#include <algorithm>

#include "msde/kernels/products.hpp"

namespace msde {

// Tape: u, v = R S c [n_zeta each], c [n], the network's, the inputs of a network of eta alone, the cells'.
int64_t DecoderKernel::tape_width() const {
  return 2 * n_zeta + n() + net.tape_width() + (sees_zeta() ? 0 : n_eta) + (local ? local->tape_width() : 0);
}

int64_t DecoderKernel::scratch_size(int64_t rows) const {
  const int64_t of_net = rows * net.inputs() + net.scratch_size(rows);
  const int64_t of_local = local ? rows * local->outputs() + local->scratch_size(rows) : 0;
  return rows * (2 * n_zeta + n()) + std::max(of_net, of_local);
}

void DecoderKernel::forward(int64_t rows, const float* z, float* macro, float* micro, float* tape,
                            float* scratch) const {
  float *u = tape, *v = u + rows * n_zeta, *c = v + rows * n_zeta, *rest = c + rows * n();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < n_zeta; ++j) u[i * n_zeta + j] = z[i * n_z() + j] * zeta_std[j] + zeta_mean[j];
  Product{rows, n(), n_zeta}.of(u, prolongation, macro);

  const float* inputs = z;
  if (!sees_zeta()) {
    inputs = rest;
    for (int64_t i = 0; i < rows; ++i) rest = std::copy_n(z + i * n_z() + n_zeta, n_eta, rest);
  }
  net.forward(rows, inputs, c, rest, scratch);
  rest += rows * net.tape_width();
  for (int64_t i = 0; i < rows * n(); ++i) c[i] *= micro_scale;
  if (local) {
    float* coefficients = scratch;
    local->forward(rows, z, nullptr, 0, coefficients, rest, scratch + rows * local->outputs());
    Product{.m = rows, .n = n(), .k = local->outputs(), .factor = local_scale, .keep = 1}.of(coefficients,
                                                                                             modes, c);
  }
  Product{rows, n_zeta, n()}.by_transposed(c, restriction, v);
  std::copy_n(c, rows * n(), micro);
  Product{.m = rows, .n = n(), .k = n_zeta, .factor = -1, .keep = 1}.of(v, prolongation, micro);
}

DecoderKernel::Transposed DecoderKernel::transposed_weights() const {
  return {net.transposed_weights(), local ? local->transposed_weights() : std::vector<float>()};
}

void DecoderKernel::backward(int64_t rows, const float* z, const float* tape, const Transposed& transposed,
                             const Gradients& g, float* scratch) const {
  const float *u = tape, *v = u + rows * n_zeta, *c = v + rows * n_zeta, *rest = c + rows * n();
  float *du = scratch, *dv = du + rows * n_zeta, *dc = dv + rows * n_zeta, *free = dc + rows * n();

  // macro = D u
  const Product sum_over_rows{.m = n_zeta, .n = n(), .k = rows, .keep = 1};
  sum_over_rows.of_transposed(u, g.dmacro, g.prolongation);
  Product{rows, n_zeta, n()}.by_transposed(g.dmacro, prolongation, du);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < n_zeta; ++j) g.z_gradient[i * n_z() + j] += du[i * n_zeta + j] * zeta_std[j];

  // micro = c - D v,  v = R S c
  Product{.m = n_zeta, .n = n(), .k = rows, .factor = -1, .keep = 1}.of_transposed(v, g.dmicro,
                                                                                   g.prolongation);
  Product{.m = rows, .n = n_zeta, .k = n(), .factor = -1}.by_transposed(g.dmicro, prolongation, dv);
  sum_over_rows.of_transposed(dv, c, g.restriction);
  std::copy_n(g.dmicro, rows * n(), dc);
  Product{.m = rows, .n = n(), .k = n_zeta, .keep = 1}.of(dv, restriction, dc);

  const float* inputs = z;
  const int64_t skip = sees_zeta() ? 0 : n_zeta;
  if (!sees_zeta()) {
    inputs = rest;
    rest += rows * n_eta;
  }
  if (local) {
    float* dcoefficients = free;
    Product{.m = rows, .n = local->outputs(), .k = n(), .factor = local_scale}.by_transposed(dc, modes,
                                                                                             dcoefficients);
    local->backward(
        rows, rest + rows * net.tape_width(),
        {transposed.local.data(), dcoefficients, g.z_gradient, g.parameters + net.gradient_size()},
        free + rows * local->outputs());
  }
  for (int64_t i = 0; i < rows * n(); ++i) dc[i] *= micro_scale;
  float* dx = free;
  net.backward(rows, inputs, rest, {transposed.net.data(), dc, dx, g.parameters}, dx + rows * net.inputs());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < net.inputs(); ++j) g.z_gradient[i * n_z() + skip + j] += dx[i * net.inputs() + j];
}

}  // namespace msde
