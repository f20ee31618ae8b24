#include "msde/model/posterior.hpp"

#include <limits>

#include "msde/model/positive.hpp"

namespace msde {
namespace {

// NaN where M is not positive definite, which weights gone astray make it: so training sees that it diverges.
torch::Tensor cholesky_factor(const torch::Tensor& M) {
  const auto [factor, info] = torch::linalg_cholesky_ex(M);
  const auto failed = (info != 0).unsqueeze(-1).unsqueeze(-1);
  return factor.masked_fill(failed, std::numeric_limits<float>::quiet_NaN());
}

torch::Tensor rows_about_mean(const torch::Tensor& m) {
  return m - m.mean(-1, /*keepdim=*/true);
}

}  // namespace

GpOperators gp_operators(const GpKernel& kernel, const torch::Tensor& t, const torch::Tensor& t_query) {
  const int64_t W = t.size(-1);
  const auto first = t.narrow(-1, 0, 1);
  auto half_width = 0.5 * (t.narrow(-1, W - 1, 1) - first);  // c = (W - 1) dt / 2
  auto to_unit = [&](const torch::Tensor& times) { return (times - first - half_width) / half_width; };
  auto warp = [&](const torch::Tensor& r) {
    return kernel.warp ? kernel.warp(r) : WarpedTime{r, torch::ones_like(r)};
  };
  auto k = [&](const torch::Tensor& difference) {
    return kernel.amplitude * torch::exp(-0.5 * difference.square() / kernel.length.square());
  };
  const WarpedTime nodes = warp(to_unit(t));
  const WarpedTime query = warp(to_unit(t_query));

  auto K = k(nodes.tau.unsqueeze(-1) - nodes.tau.unsqueeze(-2));
  auto noisy = K + kernel.noise_var * torch::eye(W, K.options());
  auto difference = query.tau.unsqueeze(-1) - nodes.tau.unsqueeze(-2);
  auto k_query = k(difference);  // [.., Q, W]
  // dk/dt = -k (tau - tau') / ell^2 * tau'(r) * dr/dt
  auto dk_query = -k_query * difference / kernel.length.square() * (query.slope / half_width).unsqueeze(-1);

  // One Cholesky factor serves both right-hand sides: X = k (K + nu I)^-1.
  auto factor = cholesky_factor(noisy);
  auto both =
      torch::cholesky_solve(torch::cat({k_query, dk_query}, -2).transpose(-2, -1), factor).transpose(-2, -1);
  const int64_t Q = t_query.size(-1);
  return {both.narrow(-2, 0, Q), both.narrow(-2, Q, Q)};
}

GpOperators about_window_mean(const GpOperators& g) {
  return {rows_about_mean(g.value) + 1.0 / static_cast<double>(g.value.size(-1)),
          rows_about_mean(g.derivative)};
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// about_window_mean(gp_operators(.., t, t)) of an unwarped kernel with its gradient by hand: with M = K + nu
// I the maps are 1 - nu M^-1 and K' M^-1, and few small operations are left of many.
struct UnwarpedOperators : torch::autograd::Function<UnwarpedOperators> {
  static variable_list forward(AutogradContext* ctx, const torch::Tensor& length,
                               const torch::Tensor& amplitude, const torch::Tensor& noise_var, int64_t W,
                               double dt) {
    const auto tau = torch::linspace(-1, 1, W, length.options().requires_grad(false));
    const double rate = 2 / (dt * static_cast<double>(W - 1));  // d tau / dt
    const auto lag = tau.unsqueeze(1) - tau.unsqueeze(0);
    const auto K = amplitude * torch::exp(-0.5 * lag.square() / length.square());
    const auto dK = -rate * K * lag / length.square();
    const auto one = torch::eye(W, K.options());
    const auto inverse = torch::cholesky_inverse(cholesky_factor(K + noise_var * one));
    ctx->save_for_backward({length, amplitude, noise_var, lag, K, dK, inverse});
    ctx->saved_data["rate"] = rate;
    return {rows_about_mean(one - noise_var * inverse) + 1.0 / static_cast<double>(W),
            rows_about_mean(torch::mm(dK, inverse))};
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "no second derivative; use gp_operators");
    const auto saved = ctx->get_saved_variables();
    const auto &length = saved[0], &amplitude = saved[1], &nu = saved[2], &lag = saved[3], &K = saved[4],
               &dK = saved[5], &inverse = saved[6];
    const double rate = ctx->saved_data["rate"].toDouble();
    const auto of_value = rows_about_mean(upstream[0]), of_derivative = rows_about_mean(upstream[1]);
    const auto of_inverse = torch::addmm(of_value, dK.t(), of_derivative, /*beta=*/-nu.item<double>());
    const auto of_M = -torch::mm(torch::mm(inverse, of_inverse), inverse);
    const auto of_dK = torch::mm(of_derivative, inverse);
    const auto dK_by_K = -rate * lag / length.square();
    const auto by_K = K * (of_M + of_dK * dK_by_K);  // times K
    const auto of_length =
        ((by_K * lag.square()).sum() - 2 * length.square() * (of_dK * dK).sum()) / length.pow(3);
    return {of_length, by_K.sum() / amplitude, of_M.trace() - (of_value * inverse).sum().expand_as(nu),
            torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

PosteriorKernelImpl::PosteriorKernelImpl(bool learned_warp) {
  length_raw_ = register_parameter("length_raw", torch::full({1}, softplus_inverse(0.1)));
  amplitude_raw_ = register_parameter("amplitude_raw", torch::full({1}, softplus_inverse(1.0)));
  noise_raw_ = register_parameter("noise_raw", torch::full({1}, softplus_inverse(0.01)));
  if (learned_warp)
    warp_ = register_module("warp", Mlp(MlpOptions{1, {128, 128}, 1, Activation::leaky_relu}));
}

GpKernel PosteriorKernelImpl::kernel(int64_t window) const {
  Warp warp;
  if (!warp_.is_empty())
    warp = [net = warp_](const torch::Tensor& r) mutable {
      auto [value, slope] = net->value_and_slope(r.reshape({-1, 1}));
      return WarpedTime{r + value.view(r.sizes()), 1 + slope.view(r.sizes())};
    };
  return {to_positive(length_raw_) + 2.0 / static_cast<double>(window), to_positive(amplitude_raw_),
          to_positive(noise_raw_), warp};
}

GpOperators PosteriorKernelImpl::operators(int64_t window, double dt) const {
  const auto k = kernel(window);
  if (!k.warp) {
    const auto maps = UnwarpedOperators::apply(k.length, k.amplitude, k.noise_var, window, dt);
    return {maps[0], maps[1]};
  }
  const auto t = torch::arange(window, length_raw_.options()) * dt;
  return about_window_mean(gp_operators(k, t, t));
}

GpOperators PosteriorKernelImpl::operators(const torch::Tensor& times) const {
  const auto t = times.to(length_raw_.options().requires_grad(false));
  return about_window_mean(gp_operators(kernel(t.size(-1)), t, t));
}

torch::Tensor node_weights(const torch::Tensor& times) {
  const int64_t W = times.size(-1);
  if (W < 2) return torch::zeros_like(times);
  const auto spacing = torch::diff(times, 1, -1);  // [.., W - 1]
  const auto before = torch::cat({spacing.narrow(-1, 0, 1), spacing}, -1),
             after = torch::cat({spacing, spacing.narrow(-1, W - 2, 1)}, -1);
  const auto width = .5 * (before + after);
  return width / width.sum(-1, true) * (times.narrow(-1, W - 1, 1) - times.narrow(-1, 0, 1));
}

}  // namespace msde
