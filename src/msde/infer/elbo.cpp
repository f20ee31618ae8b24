#include "msde/infer/elbo.hpp"

#include "msde/model/fused/choose.hpp"
#include "msde/model/positive.hpp"

namespace msde {

WindowBatch WindowBatch::cut(const Share& rows) const {
  return {rows.cut(inputs),
          rows.cut(a),
          rows.cut(off_norm2),
          rows.cut(t),
          rows.cut(mu),
          rows.cut(f),
          dt,
          times.defined() ? rows.cut(times) : times,
          seen.defined() ? rows.cut(seen) : seen};
}

namespace {

// 1/2 sum_j r_j^2 / L_j^2 at every node
torch::Tensor residual_at_nodes(const Marginals& q, const torch::Tensor& z, const torch::Tensor& drift,
                                const torch::Tensor& dispersion) {
  const auto L2 = dispersion.square();
  const auto A = 0.5 * (L2 / q.var - q.dlogvar);
  const auto r = A * (q.mean - z) + q.dmean - drift;
  return (0.5 * r.square() / L2).sum(-1);
}

}  // namespace

torch::Tensor drift_residual_integral(const Marginals& q, const torch::Tensor& z, const torch::Tensor& drift,
                                      const torch::Tensor& dispersion, double duration) {
  return duration * residual_at_nodes(q, z, drift, dispersion).mean(-1);
}

torch::Tensor drift_residual_integral(const Marginals& q, const torch::Tensor& z, const torch::Tensor& drift,
                                      const torch::Tensor& dispersion, const torch::Tensor& weights) {
  return (weights * residual_at_nodes(q, z, drift, dispersion)).sum(-1);
}

torch::Tensor gaussian_kl(const torch::Tensor& m, const torch::Tensor& S, const torch::Tensor& mean,
                          const torch::Tensor& var) {
  return 0.5 * (S / var + (m - mean).square() / var - 1 - (S / var).log()).sum(-1);
}

ElboTerms elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise) {
  return elbo(model, batch, noise, model->scales());
}

ElboTerms elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise,
               const Scales& scales) {
  const int64_t W = batch.a.size(1), B = batch.a.size(0);

  // Encode, then smooth over the window: m(t), m'(t), log S(t), (log S)'(t)   [section 5]
  const auto encoded = model->encode(batch.inputs, scales);                        // [B, W, d]
  const auto log_s = model->encoder->log_variance().expand({W, encoded.size(2)});  // [W, d]
  const bool equal = !batch.times.defined();
  const auto gp = equal ? model->posterior->operators(W, batch.dt) : model->posterior->operators(batch.times);
  const Marginals q = {torch::matmul(gp.value, encoded), torch::matmul(gp.value, log_s).exp(),
                       torch::matmul(gp.derivative, encoded), torch::matmul(gp.derivative, log_s)};
  const auto std = q.var.sqrt();

  // sum_i E_q log p(y_i | z_i)   [section 3]
  ElboTerms terms;
  const auto reconstruction = model->reconstruct(q.mean + std * noise.likelihood, scales);
  const auto per_snapshot = log_likelihood(batch.a, batch.off_norm2, reconstruction,
                                           model->decoder->variances(), model->spec().grid.fluid_size());
  auto per_window = [&](const torch::Tensor& x) {
    return (batch.seen.defined() ? x * batch.seen : x).sum(-1).mean();
  };
  terms.likelihood = {per_window(per_snapshot.macro_residual), per_window(per_snapshot.micro_correlation),
                      per_window(per_snapshot.micro_norm), per_window(per_snapshot.log_determinant),
                      per_window(per_snapshot.constant)};

  // 1/2 int E_q |A(m - z) + m' - f(z, t)|^2 dt   [section 6]
  const auto z = q.mean + std * noise.drift;
  const auto t = batch.t.unsqueeze(-1);
  const auto f = model->drift->forward(z, {t, batch.mu.unsqueeze(1).expand({B, W, -1}), batch.f});
  const auto L = model->dispersion->diagonal(t);
  const auto integral = equal
                            ? drift_residual_integral(q, z, f, L, batch.dt * static_cast<double>(W - 1))
                            : drift_residual_integral(q, z, f, L, node_weights(batch.times).to(z.options()));
  terms.drift_residual = integral.mean();

  // KL(q(z_0) | p(z_0))   [section 6]
  terms.kl_initial = gaussian_kl(q.mean.select(1, 0), q.var.select(-2, 0), model->initial_mean,
                                 to_positive(model->initial_raw))
                         .mean();
  return terms;
}

WeightedElbo weighted_elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise,
                           double beta) {
  const FusedWindows windows = {batch.inputs, batch.a, batch.off_norm2,  batch.t,
                                batch.mu,     batch.f, noise.likelihood, noise.drift,
                                batch.dt,     beta,    batch.times,      batch.seen};
  const auto scales = model->scales();
  const auto fused = fused_window_elbo(model, scales, windows);
  if (!fused) {
    const auto terms = elbo(model, batch, noise, scales);
    return {terms.value(beta), terms};
  }
  const auto number = [&](double x) { return torch::full({}, x, batch.a.options()); };
  const auto& t = fused->terms;
  WeightedElbo e = {fused->value, {}};
  e.terms.likelihood = {number(t.macro_residual), number(t.micro_correlation), number(t.micro_norm),
                        number(t.log_determinant), number(t.constant)};
  e.terms.drift_residual = number(t.drift_residual);
  e.terms.kl_initial = number(t.kl_initial);
  return e;
}

}  // namespace msde
