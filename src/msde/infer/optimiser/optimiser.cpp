#include "msde/infer/optimiser/optimiser.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "msde/kernels/muon_adam.hpp"
#include "msde/tensor/plain_memory.hpp"

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
  for (size_t i = 0; i < parameters_.parameters().size(); ++i)
    (options_.muon && is_matrix(parameters_.parameters()[i]) ? matrices_ : others_).push_back(i);
  const auto size = [&](size_t i) { return parameters_.parameters()[i].numel(); };
  std::stable_sort(matrices_.begin(), matrices_.end(), [&](size_t i, size_t j) { return size(i) > size(j); });
  is_other_ = torch::zeros_like(parameters_.values());
  for (size_t i : others_) parameters_.view_of(is_other_, i).fill_(1);
}

Optimiser::Slices Optimiser::slices_of(size_t i) const {
  return {parameters_.view_of(parameters_.gradients(), i), parameters_.view_of(first, i),
          parameters_.view_of(second, i), parameters_.view_of(parameters_.values(), i)};
}

double Optimiser::step_of_matrix(const torch::Tensor& weight, double lr) {
  const auto matrix = as_matrix(weight);
  return lr * 0.2 * std::sqrt(static_cast<double>(std::max(matrix.size(0), matrix.size(1))));
}

// In plain memory: a matrix is the work of one thread, products of this size gain nothing from more.
void Optimiser::update_in_plain_memory(const LearningRates& lr) {
  std::atomic<size_t> next = 0;
  at::parallel_for(0, std::max(1, at::get_num_threads()), 1, [&](int64_t, int64_t) {
    const torch::NoGradGuard no_grad_here;
    std::vector<float> scratch;
    for (size_t k = next++; k < matrices_.size(); k = next++) {
      const auto x = slices_of(matrices_[k]);
      const auto matrix = as_matrix(x.weight);
      const MuonUpdate muon = {matrix.size(0), matrix.size(1), static_cast<float>(options_.momentum),
                               static_cast<float>(step_of_matrix(x.weight, lr.matrices))};
      scratch.resize(std::max(scratch.size(), static_cast<size_t>(muon.scratch_size())));
      muon.apply(x.gradient.data_ptr<float>(), x.first.data_ptr<float>(), x.weight.data_ptr<float>(),
                 scratch.data());
    }
  });
  const double c1 = 1 - std::pow(options_.beta1, steps), c2 = 1 - std::pow(options_.beta2, steps);
  const AdamUpdate adam = {static_cast<float>(options_.beta1), static_cast<float>(options_.beta2),
                           static_cast<float>(options_.epsilon), static_cast<float>(lr.others / c1),
                           static_cast<float>(std::sqrt(c2))};
  for (size_t i : others_) {
    const auto x = slices_of(i);
    adam.apply(x.weight.numel(), x.gradient.data_ptr<float>(), x.first.data_ptr<float>(),
               x.second.data_ptr<float>(), x.weight.data_ptr<float>());
  }
}

// The plain twin. Adam works on the whole vector and is masked: fewer, larger operations than one pass per
// parameter.
void Optimiser::update_by_operations(const LearningRates& lr) {
  auto& w = parameters_.values();
  const auto& g = parameters_.gradients();
  const auto momentum = torch::lerp(first, g, 1 - options_.momentum);
  for (size_t i : matrices_) {
    const auto weight = parameters_.view_of(w, i);
    const auto update = orthogonalised(as_matrix(
        torch::lerp(parameters_.view_of(g, i), parameters_.view_of(momentum, i), options_.momentum)));
    weight.sub_(update.view(weight.sizes()), step_of_matrix(weight, lr.matrices));
  }
  first.lerp_(g, 1 - options_.beta1);
  second.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
  const double c1 = 1 - std::pow(options_.beta1, steps), c2 = 1 - std::pow(options_.beta2, steps);
  const auto update = first / (second.sqrt().mul_(1 / std::sqrt(c2)).add_(options_.epsilon));
  w.sub_(update.mul_(is_other_), lr.others / c1);
  first = torch::lerp(momentum, first, is_other_);
}

void Optimiser::forget() {
  first.zero_();
  second.zero_();
  steps = 0;
  parameters_.gradients().zero_();
}

double Optimiser::gradient_norm() const {
  return parameters_.gradients().norm().item<double>();
}

void Optimiser::step(const LearningRates& lr, double norm) {
  torch::NoGradGuard no_grad;
  auto& w = parameters_.values();
  auto& g = parameters_.gradients();
  if (norm > options_.clip) g.mul_(options_.clip / norm);
  ++steps;
  if (fits_kernels(w))
    update_in_plain_memory(lr);
  else
    update_by_operations(lr);
  g.zero_();
}

torch::Tensor orthogonalised(const torch::Tensor& matrix) {
  const bool tall = matrix.size(0) > matrix.size(1);
  auto X = tall ? matrix.t() : matrix;
  X = X / (X.norm() + 1e-12);
  for (int i = 0; i < NewtonSchulz::steps; ++i) {
    const auto A = torch::mm(X, X.t());
    const auto B = torch::addmm(A, A, A, /*beta=*/NewtonSchulz::b, /*alpha=*/NewtonSchulz::c);
    X = torch::addmm(X, B, X, /*beta=*/NewtonSchulz::a);
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
