#include "msde/model/posterior.hpp"

#include "msde/model/positive.hpp"

namespace msde {

GpOperators gp_operators(const GpKernel& kernel, const torch::Tensor& t, const torch::Tensor& t_query) {
  const int64_t W = t.size(0);
  auto half_width = 0.5 * (t[W - 1] - t[0]);  // c = (W - 1) dt / 2
  auto to_unit = [&](const torch::Tensor& times) { return (times - t[0] - half_width) / half_width; };
  auto warp = [&](const torch::Tensor& r) {
    return kernel.warp ? kernel.warp(r) : WarpedTime{r, torch::ones_like(r)};
  };
  auto k = [&](const torch::Tensor& difference) {
    return kernel.amplitude * torch::exp(-0.5 * difference.square() / kernel.length.square());
  };
  const WarpedTime nodes = warp(to_unit(t));
  const WarpedTime query = warp(to_unit(t_query));

  auto K = k(nodes.tau.unsqueeze(1) - nodes.tau.unsqueeze(0));
  auto noisy = K + kernel.noise_var * torch::eye(W, K.options());
  auto difference = query.tau.unsqueeze(1) - nodes.tau.unsqueeze(0);
  auto k_query = k(difference);  // [Q, W]
  // dk/dt = -k (tau - tau') / ell^2 * tau'(r) * dr/dt
  auto dk_query = -k_query * difference / kernel.length.square() * (query.slope / half_width).unsqueeze(1);

  // One Cholesky factor serves both right-hand sides: X = k (K + nu I)^-1.
  auto factor = torch::linalg_cholesky(noisy);
  auto both = torch::cholesky_solve(torch::cat({k_query, dk_query}, 0).t(), factor).t();
  const int64_t Q = t_query.size(0);
  return {both.narrow(0, 0, Q), both.narrow(0, Q, Q)};
}

GpOperators about_window_mean(const GpOperators& g) {
  auto centred = [](const torch::Tensor& m) { return m - m.mean(1, /*keepdim=*/true); };
  return {centred(g.value) + 1.0 / static_cast<double>(g.value.size(1)), centred(g.derivative)};
}

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
      auto [value, slope] = net->value_and_slope(r.unsqueeze(1));
      return WarpedTime{r + value.squeeze(1), 1 + slope.squeeze(1)};
    };
  return {to_positive(length_raw_) + 2.0 / static_cast<double>(window), to_positive(amplitude_raw_),
          to_positive(noise_raw_), warp};
}

GpOperators PosteriorKernelImpl::operators(int64_t window, double dt) const {
  auto t = torch::arange(window, length_raw_.options()) * dt;
  return about_window_mean(gp_operators(kernel(window), t, t));
}

}  // namespace msde
