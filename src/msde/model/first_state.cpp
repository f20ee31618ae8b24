#include "msde/model/first_state.hpp"

namespace msde {

FirstStateImpl::FirstStateImpl(int64_t K, int64_t n) {
  mean_ = register_buffer("mean", torch::zeros({K, n}));
  gain_ = register_buffer("gain", torch::zeros({K, n, n}));
  whitening_ = register_buffer("whitening", torch::zeros({K, n, n}));
  log_scale_ = register_buffer("log_scale", torch::zeros({K}));
  used_ = register_buffer("used", torch::zeros({1}));
}

void FirstStateImpl::set(const SnapshotMixture& mixture) {
  torch::NoGradGuard no_grad;
  mean_.copy_(mixture.mean);
  gain_.copy_(mixture.gain);
  whitening_.copy_(mixture.whitening);
  log_scale_.copy_(mixture.log_scale);
  used_.fill_(1);
}

void FirstStateImpl::leave_as_it_is() {
  torch::NoGradGuard no_grad;
  used_.zero_();
}

torch::Tensor FirstStateImpl::expected(const torch::Tensor& a) const {
  if (used_.item<double>() == 0) return a;
  return SnapshotMixture{mean_, gain_, whitening_, log_scale_}.expectation(a);
}

}  // namespace msde
