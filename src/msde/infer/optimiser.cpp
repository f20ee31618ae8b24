#include "msde/infer/optimiser.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>

namespace msde {
namespace {

// A weight as a matrix: convolution taps join the columns.
torch::Tensor as_matrix(const torch::Tensor& w) {
  return w.dim() > 2 ? w.flatten(1) : w;
}

bool is_matrix(const torch::Tensor& w) {
  if (w.dim() < 2) return false;
  const auto m = as_matrix(w);
  return std::min(m.size(0), m.size(1)) > 1;
}

}  // namespace

FlatParameters::FlatParameters(std::vector<torch::Tensor> parameters) : parameters_(std::move(parameters)) {
  torch::NoGradGuard no_grad;
  int64_t size = 0;
  for (const auto& p : parameters_) {
    offsets_.push_back(size);
    size += p.numel();
  }
  values_ = torch::zeros({size}, parameters_.front().options().requires_grad(false));
  gradients_ = torch::zeros_like(values_);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto view = view_of(values_, i);
    view.copy_(parameters_[i]);
    parameters_[i].set_data(view);
    parameters_[i].mutable_grad() = view_of(gradients_, i);
  }
}

torch::Tensor FlatParameters::view_of(const torch::Tensor& flat, size_t i) const {
  return flat.narrow(0, offsets_[i], parameters_[i].numel()).view(parameters_[i].sizes());
}

Optimiser::Optimiser(FlatParameters& parameters, OptimiserOptions options)
    : parameters_(parameters), options_(options) {
  first = torch::zeros_like(parameters_.values());
  second = torch::zeros_like(parameters_.values());
  is_other_ = torch::ones_like(parameters_.values());
  for (size_t i = 0; options_.muon && i < parameters_.parameters().size(); ++i)
    if (is_matrix(parameters_.parameters()[i])) {
      matrices_.push_back(i);
      parameters_.view_of(is_other_, i).zero_();
    }
  const auto size = [&](size_t i) { return parameters_.parameters()[i].numel(); };
  std::stable_sort(matrices_.begin(), matrices_.end(), [&](size_t i, size_t j) { return size(i) > size(j); });
}

void Optimiser::update_matrix(size_t i, double lr) {
  const auto gradient = parameters_.view_of(parameters_.gradients(), i);
  auto momentum = parameters_.view_of(first, i), weight = parameters_.view_of(parameters_.values(), i);
  momentum.lerp_(gradient, 1 - options_.momentum);
  const auto update = orthogonalised(as_matrix(torch::lerp(gradient, momentum, options_.momentum)));
  const double size = static_cast<double>(std::max(update.size(0), update.size(1)));
  weight.sub_(update.view(weight.sizes()), lr * 0.2 * std::sqrt(size));
}

double Optimiser::step(const LearningRates& lr) {
  torch::NoGradGuard no_grad;
  auto& w = parameters_.values();
  auto& g = parameters_.gradients();
  const double norm = g.norm().item<double>();
  if (norm > options_.clip) g.mul_(options_.clip / norm);
  ++steps;

  // A matrix is the work of one thread: products of this size gain nothing from more.
  std::atomic<size_t> next = 0;
  const auto update_matrices = [&](int64_t, int64_t) {
    const torch::NoGradGuard no_grad_here;
    for (size_t k = next++; k < matrices_.size(); k = next++) update_matrix(matrices_[k], lr.matrices);
  };
  if (w.is_cpu())
    at::parallel_for(0, std::max(1, at::get_num_threads()), 1, update_matrices);
  else
    update_matrices(0, 1);
  // Adam works on the whole vector and is masked: fewer, larger operations than one pass per parameter.
  // Muon's momentum shares the vector of first moments, so it is put aside.
  auto kept = matrices_.empty() ? torch::Tensor() : first * (1 - is_other_);
  first.lerp_(g, 1 - options_.beta1);
  second.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
  const double c1 = 1 - std::pow(options_.beta1, steps), c2 = 1 - std::pow(options_.beta2, steps);
  auto update = first / (second.sqrt().mul_(1 / std::sqrt(c2)).add_(options_.epsilon));
  if (kept.defined()) {
    update.mul_(is_other_);
    first.mul_(is_other_).add_(kept);
  }
  w.sub_(update, lr.others / c1);
  g.zero_();
  return norm;
}

torch::Tensor orthogonalised(const torch::Tensor& matrix) {
  const bool tall = matrix.size(0) > matrix.size(1);
  auto X = tall ? matrix.t() : matrix;
  X = X / (X.norm() + 1e-12);
  for (int i = 0; i < 5; ++i) {
    const auto A = torch::mm(X, X.t());
    const auto B = torch::addmm(A, A, A, /*beta=*/-4.7750, /*alpha=*/2.0315);
    X = torch::addmm(X, B, X, /*beta=*/3.4445);
  }
  return (tall ? X.t() : X).contiguous();
}

double one_cycle(int64_t step, int64_t total, double warmup_fraction) {
  const double f = static_cast<double>(step) / static_cast<double>(std::max<int64_t>(total, 1));
  auto fall = [](double x) { return 0.5 * (1 + std::cos(M_PI * x)); };  // 1 -> 0
  if (f < warmup_fraction) return 0.04 + 0.96 * (1 - fall(f / warmup_fraction));
  return 1e-4 + (1 - 1e-4) * fall((f - warmup_fraction) / (1 - warmup_fraction));
}

}  // namespace msde
