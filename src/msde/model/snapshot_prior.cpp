#include "msde/model/snapshot_prior.hpp"

namespace msde {

SnapshotPriorImpl::SnapshotPriorImpl(int64_t n, int64_t r) {
  mean_ = register_buffer("mean", torch::zeros({n}));
  modes_ = register_buffer("modes", torch::zeros({n, r}));
  variance_ = register_buffer("variance", torch::zeros({r}));
  rest_ = register_buffer("rest", torch::zeros({1}));
}

void SnapshotPriorImpl::set(const FieldPrior& prior) {
  torch::NoGradGuard no_grad;
  mean_.copy_(prior.mean);
  modes_.copy_(prior.modes);
  variance_.copy_(prior.variance);
  rest_.fill_(prior.rest);
}

torch::Tensor SnapshotPriorImpl::fill(const torch::Tensor& fields, const Coordinates& coordinates) const {
  const auto on_grid = [&](const torch::Tensor& a) {
    return coordinates->expand(a).to(torch::kCPU, torch::kDouble);
  };
  const FieldPrior prior = {on_grid(mean_), on_grid(modes_.t()).t().contiguous(),
                            variance_.to(torch::kCPU, torch::kDouble), rest_.item<double>()};
  return fill_missing(prior, fields.cpu()).to(fields.device());
}

}  // namespace msde
