#include "msde/model/drift/input_units.hpp"

namespace msde {
namespace {

torch::Tensor constants_of(const std::vector<SeenRange>& ranges) {
  std::vector<uint8_t> fixed;
  for (const SeenRange& range : ranges) fixed.push_back(is_constant(range));
  const auto mask = torch::tensor(fixed, torch::kUInt8).to(torch::kBool);
  return mask.any().item<bool>() ? mask : torch::Tensor();
}

}  // namespace

InputUnits::InputUnits(torch::nn::Module& drift, int64_t n_mu, int64_t n_f) {
  t_middle_ = drift.register_buffer("t_middle", torch::zeros({1}));
  t_half_ = drift.register_buffer("t_half", torch::ones({1}));
  mu_mean_ = drift.register_buffer("mu_mean", torch::zeros({n_mu}));
  mu_std_ = drift.register_buffer("mu_std", torch::ones({n_mu}));
  f_mean_ = drift.register_buffer("f_mean", torch::zeros({n_f}));
  f_std_ = drift.register_buffer("f_std", torch::ones({n_f}));
}

void InputUnits::set(const Values& u) {
  torch::NoGradGuard no_grad;
  t_middle_.fill_(0.5 * (u.t_begin + u.t_end));
  t_half_.fill_(0.5 * (u.t_end - u.t_begin));
  mu_mean_.copy_(u.mu_mean);
  mu_std_.copy_(u.mu_std);
  f_mean_.copy_(u.f_mean);
  f_std_.copy_(u.f_std);
}

void InputUnits::set_seen(const SeenInputs& seen) {
  ranges_known_ = seen.known;
  if (!seen.known) return;
  mu_fixed_ = constants_of(seen.mu);
  f_fixed_ = constants_of(seen.f);
}

void InputUnits::measure_what_varies_now(const SeenInputs& before, const torch::Tensor& mu,
                                         const torch::Tensor& forcing) {
  torch::NoGradGuard no_grad;
  const auto measure = [](torch::Tensor& mean, torch::Tensor& std, const std::vector<SeenRange>& was,
                          const torch::Tensor& fixed, const torch::Tensor& x) {
    const auto units = standardisation(x);
    for (size_t i = 0; i < was.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      if (!is_constant(was[i]) || (fixed.defined() && fixed[at].item<bool>())) continue;
      mean[at] = units.mean[at];
      std[at] = units.scale[at];
    }
  };
  measure(mu_mean_, mu_std_, before.mu, mu_fixed_, mu);
  measure(f_mean_, f_std_, before.f, f_fixed_, forcing);
}

SeenInputs InputUnits::seen_of_units() const {
  return {.known = false, .mu = ranges_of({mu_mean_, mu_std_}), .f = ranges_of({f_mean_, f_std_})};
}

torch::Tensor InputUnits::typical_mu() const {
  return ranges_known_ ? mu_mean_ : typical_values({mu_mean_, mu_std_});
}
torch::Tensor InputUnits::typical_forcing() const {
  return ranges_known_ ? f_mean_ : typical_values({f_mean_, f_std_});
}

// (x - mean) / scale, and for what is fixed as in training: 0, or, where only the units say so, the rounding
// that the constant entered as.
torch::Tensor InputUnits::scaled(const torch::Tensor& x, const Standardisation& units,
                                 const torch::Tensor& fixed) const {
  const auto values = (x - units.mean) / units.scale;
  if (ranges_known_) return fixed.defined() ? values.masked_fill(fixed.to(x.device()), 0) : values;
  const auto constant = constants_of(ranges_of(units));
  if (!constant.defined()) return values;
  return torch::where(constant.to(x.device()), (typical_values(units) - units.mean) / units.scale, values);
}

torch::Tensor InputUnits::scaled_mu(const torch::Tensor& mu) const {
  return scaled(mu, {mu_mean_, mu_std_}, mu_fixed_);
}
torch::Tensor InputUnits::scaled_forcing(const torch::Tensor& f) const {
  return scaled(f, {f_mean_, f_std_}, f_fixed_);
}

torch::Tensor InputUnits::scaled_time(const torch::Tensor& t) const {
  return (t - t_middle_) / t_half_;
}

}  // namespace msde
