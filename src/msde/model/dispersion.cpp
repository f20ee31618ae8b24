#include "msde/model/dispersion.hpp"

#include "msde/model/positive.hpp"

namespace msde {
namespace {

constexpr double kFresh = 0.35;  // of L, where latent states and time have no unit

}  // namespace

DispersionImpl::DispersionImpl(int64_t d, bool linear_in_time) {
  raw_ = register_parameter("raw", torch::full({d}, softplus_inverse(kFresh)));
  if (linear_in_time) slope_ = register_parameter("slope", torch::zeros({d}));
  scale_ = register_buffer("scale", torch::ones({d}));
  t_middle_ = register_buffer("t_middle", torch::zeros({1}));
  t_half_ = register_buffer("t_half", torch::ones({1}));
}

void DispersionImpl::set_time_range(double t_begin, double t_end) {
  torch::NoGradGuard no_grad;
  t_middle_.fill_(0.5 * (t_begin + t_end));
  t_half_.fill_(0.5 * (t_end - t_begin));
}

torch::Tensor DispersionImpl::diagonal(const torch::Tensor& t) const {
  auto raw = slope_.defined() ? raw_ + slope_ * (t - t_middle_) / t_half_ : raw_;
  return to_positive(raw) * scale_;
}

}  // namespace msde
