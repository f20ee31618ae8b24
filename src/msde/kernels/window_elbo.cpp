#include "msde/kernels/window_elbo.hpp"

#include <algorithm>
#include <cmath>

#include "msde/kernels/products.hpp"

namespace msde {
namespace {

constexpr int64_t kStates = 64;  // decoded, or given to the drift, at a time

// z = m + std noise,  [rows, d]
void sample(int64_t rows, const std::vector<float>& std, const float* m, const float* noise, float* z) {
  for (int64_t i = 0; i < rows; ++i)
    for (const float scale : std) *z++ = *m++ + scale * *noise++;
}

// dm += dz,  dstd += sum of noise dz: the adjoint of `sample`
void pull_back_sample(int64_t rows, int64_t d, const float* dz, const float* noise, float* dm, float* dstd) {
  for (int64_t i = 0; i < rows; ++i, dz += d, noise += d, dm += d)
    for (int64_t j = 0; j < d; ++j) {
      dm[j] += dz[j];
      dstd[j] += noise[j] * dz[j];
    }
}

}  // namespace

// m, m' of the window [W, d] and the objective's gradient with respect to them.
struct WindowElboKernel::Posterior {
  float *m, *dm, *m_gradient, *dm_gradient;
};

WindowElboKernel::Prepared::Prepared(const WindowElboKernel& kernel)
    : to_encoder(kernel.encoder.transposed_weights()),
      to_decoder(kernel.decoder.transposed_weights()),
      to_drift(kernel.drift.transposed_weights()) {
  for (int64_t j = 0; j < kernel.d(); ++j) {
    std.push_back(std::sqrt(kernel.s[j]));
    A.push_back(0.5f * kernel.L2[j] / kernel.s[j]);
  }
}

void WindowElboKernel::Terms::add(const Terms& o) {
  macro_residual += o.macro_residual;
  micro_correlation += o.micro_correlation;
  micro_norm += o.micro_norm;
  log_determinant += o.log_determinant;
  constant += o.constant;
  drift_residual += o.drift_residual;
  kl_initial += o.kl_initial;
}

int64_t WindowElboKernel::likelihood_memory() const {
  return kStates * (2 * n() + 2 * d() + decoder.tape_width()) + decoder.scratch_size(kStates);
}

int64_t WindowElboKernel::drift_memory() const {
  return kStates * (3 * d() + drift.tape_width()) + drift.scratch_size(kStates);
}

int64_t WindowElboKernel::scratch_size() const {
  const int64_t encoding = encoder.scratch_size(W);
  return W * (6 * d() + encoder.tape_width()) + std::max({encoding, likelihood_memory(), drift_memory()});
}

void WindowElboKernel::add_window(const Window& window, float weight, const Prepared& prepared, Terms& terms,
                                  const Gradients& g, float* memory) const {
  const int64_t size = W * d();
  float *encoded = memory, *encoded_gradient = encoded + size;
  Posterior q = {encoded_gradient + size, encoded_gradient + 2 * size, encoded_gradient + 3 * size,
                 encoded_gradient + 4 * size};
  float *tape = q.dm_gradient + size, *scratch = tape + W * encoder.tape_width();

  const float *to_value = window.value ? window.value : value,
              *to_derivative = window.derivative ? window.derivative : derivative;
  // Encode, then smooth over the window: m(t), m'(t)   [section 5]
  encoder.forward(W, window.inputs, encoded, tape, scratch);
  Product{W, d(), W}.of(to_value, encoded, q.m);
  Product{W, d(), W}.of(to_derivative, encoded, q.dm);
  std::fill_n(q.m_gradient, 2 * size, 0.f);
  likelihood(window, weight, prepared, terms, g, q, scratch);
  drift_residual(window, weight, prepared, terms, g, q, scratch);
  distance_from_initial_mean(weight, terms, g, q);

  const Product to_operator{.m = W, .n = W, .k = d(), .keep = 1};
  to_operator.by_transposed(q.m_gradient, encoded, g.value);
  to_operator.by_transposed(q.dm_gradient, encoded, g.derivative);
  Product{W, d(), W}.of_transposed(to_value, q.m_gradient, encoded_gradient);
  Product{.m = W, .n = d(), .k = W, .keep = 1}.of_transposed(to_derivative, q.dm_gradient, encoded_gradient);
  encoder.backward(W, window.inputs, tape,
                   {prepared.to_encoder.data(), encoded_gradient, g.separation, g.encoder}, scratch);
}

// E log p(y | z) = -1/2 P (|r|^2 + |y_perp|^2) + r . c / v - 1/2 |c / v|^2 / P + .., r = a - macro, c = micro
// [section 3]
void WindowElboKernel::likelihood(const Window& window, float weight, const Prepared& prepared, Terms& terms,
                                  const Gradients& g, Posterior& q, float* memory) const {
  const float P = precision(), pull = 1 / micro_variance, norm = pull * pull / P;
  double rr = 0, rc = 0, cc = 0;
  float *z = memory, *dz = z + kStates * d(), *macro = dz + kStates * d(), *micro = macro + kStates * n(),
        *tape = micro + kStates * n(), *scratch = tape + kStates * decoder.tape_width();
  for (int64_t first = 0; first < W; first += kStates) {
    const int64_t count = std::min(kStates, W - first);
    const float* noise = window.likelihood_noise + first * d();
    sample(count, prepared.std, q.m + first * d(), noise, z);
    decoder.forward(count, z, macro, micro, tape, scratch);
    for (int64_t i = 0; i < count; ++i) {
      const float* a = window.a + (first + i) * n();
      const float share = window.seen ? window.seen[first + i] : 1, of_snapshot = weight * share;
      float *u = macro + i * n(), *c = micro + i * n(), sums[3] = {0, 0, 0};
      for (int64_t j = 0; j < n(); ++j) {
        const float r = a[j] - u[j];
        sums[0] += r * r;
        sums[1] += r * c[j];
        sums[2] += c[j] * c[j];
        u[j] = of_snapshot * (P * r - pull * c[j]);
        c[j] = of_snapshot * (pull * r - norm * c[j]);
      }
      rr += share * (sums[0] + window.off_norm2[first + i]);
      rc += share * sums[1];
      cc += share * sums[2];
    }
    std::fill_n(dz, count * d(), 0.f);
    decoder.backward(count, z, tape, prepared.to_decoder,
                     {macro, micro, dz, g.prolongation, g.separation, g.decoder}, scratch);
    pull_back_sample(count, d(), dz, noise, q.m_gradient + first * d(), g.std);
  }
  terms.macro_residual -= weight * 0.5 * P * rr;
  terms.micro_correlation += weight * pull * rc;
  terms.micro_norm -= weight * 0.5 * norm * cc;
  *g.P += weight * static_cast<float>(-0.5 * rr + 0.5 * norm / P * cc);
  *g.micro_variance += weight * pull * static_cast<float>(-pull * rc + norm * cc);
}

// sum over the window of weight_i 1/2 sum_j r_j^2 / L_j^2, r = A (m - z) + m' - f(z), m - z = -std noise; equally
// spaced nodes have duration / W each
// [section 6]
void WindowElboKernel::drift_residual(const Window& window, float weight, const Prepared& prepared,
                                      Terms& terms, const Gradients& g, Posterior& q, float* memory) const {
  const float per_node = duration / static_cast<float>(W), of_all = -beta * weight * per_node;
  double sum = 0;
  float *z = memory, *dz = z + kStates * d(), *f = dz + kStates * d(), *tape = f + kStates * d(),
        *scratch = tape + kStates * drift.tape_width();
  for (int64_t first = 0; first < W; first += kStates) {
    const int64_t count = std::min(kStates, W - first);
    const float* noise = window.drift_noise + first * d();
    sample(count, prepared.std, q.m + first * d(), noise, z);
    drift.forward({count, z, window.outside + first * drift.n_outside}, f, tape, scratch);
    for (int64_t i = 0; i < count; ++i) {
      const float *xi = noise + i * d(), *dm = q.dm + (first + i) * d();
      float *f_i = f + i * d(), *dm_gradient = q.dm_gradient + (first + i) * d(), of_state = 0;
      const float of_node = window.weights ? window.weights[first + i] / per_node : 1,
                  factor = of_all * of_node;
      for (int64_t j = 0; j < d(); ++j) {
        const float spread = prepared.std[j] * xi[j], r = dm[j] - prepared.A[j] * spread - f_i[j],
                    scaled = r / L2[j], dr = factor * scaled;
        of_state += r * scaled;
        dm_gradient[j] += dr;
        g.A[j] -= spread * dr;
        g.std[j] -= prepared.A[j] * xi[j] * dr;
        g.L2[j] -= 0.5f * scaled * dr;
        f_i[j] = -dr;
      }
      sum += of_node * of_state;
    }
    std::fill_n(dz, count * d(), 0.f);
    drift.backward(count, tape, prepared.to_drift, {f, dz, g.drift}, scratch);
    pull_back_sample(count, d(), dz, noise, q.m_gradient + first * d(), g.std);
  }
  terms.drift_residual += weight * 0.5 * per_node * sum;
}

// Of KL(q(z_0) | p(z_0)): 1/2 |m_0 - mean|^2 / var
void WindowElboKernel::distance_from_initial_mean(float weight, Terms& terms, const Gradients& g,
                                                  Posterior& q) const {
  for (int64_t j = 0; j < d(); ++j) {
    const float off = q.m[j] - initial_mean[j], scaled = off / initial_var[j], slope = beta * weight * scaled;
    terms.kl_initial += weight * 0.5 * off * scaled;
    q.m_gradient[j] -= slope;
    g.initial_mean[j] += slope;
    g.initial_var[j] += 0.5f * slope * scaled;
  }
}

void WindowElboKernel::add_shared(const Prepared& prepared, Terms& terms, const Gradients& g) const {
  const double P = precision(), values = 0.5 * counted * static_cast<double>(n_y);
  terms.log_determinant += values * std::log(P);
  terms.constant -= values * std::log(2 * M_PI);
  const double P_gradient = *g.P + values / P;
  *g.macro_variance -= static_cast<float>(P_gradient / (macro_variance * macro_variance));
  *g.micro_variance -= static_cast<float>(P_gradient / (micro_variance * micro_variance));

  // The rest of the KL, 1/2 (S / var - 1 - log(S / var)); then std = sqrt(s), A = L^2 / (2 s)
  for (int64_t j = 0; j < d(); ++j) {
    const double ratio = s[j] / initial_var[j];
    terms.kl_initial += 0.5 * (ratio - 1 - std::log(ratio));
    g.initial_var[j] += static_cast<float>(0.5 * beta * (ratio - 1)) / initial_var[j];
    g.s[j] -= static_cast<float>(0.5 * beta * (ratio - 1)) / s[j];
    g.s[j] += 0.5f * g.std[j] / prepared.std[j] - g.A[j] * prepared.A[j] / s[j];
    g.L2[j] += 0.5f * g.A[j] / s[j];
  }
}

}  // namespace msde
