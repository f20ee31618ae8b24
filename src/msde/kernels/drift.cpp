#include "msde/kernels/drift.hpp"

#include <algorithm>

namespace msde {

int64_t DriftKernel::tape_width() const {
  int64_t width = 0;
  for (const auto& term : terms) width += term->tape_width();
  return width;
}

int64_t DriftKernel::scratch_size(int64_t n) const {
  int64_t size = 0;
  for (const auto& term : terms) size = std::max(size, term->scratch_size(n));
  return size;
}

int64_t DriftKernel::gradient_size() const {
  int64_t size = 0;
  for (const auto& term : terms) size += term->gradient_size();
  return size;
}

DriftKernel::Transposed DriftKernel::transposed_weights() const {
  Transposed all;
  for (const auto& term : terms) all.push_back(term->transposed_weights());
  return all;
}

void DriftKernel::forward(const StateBlock& states, float* dz, float* tape, float* scratch) const {
  std::fill_n(dz, states.n * n_z, 0.f);
  for (const auto& term : terms) {
    term->forward(states, dz, tape, scratch);
    tape += states.n * term->tape_width();
  }
}

void DriftKernel::backward(int64_t n, const float* tape, const Transposed& transposed,
                           const Gradients& gradients, float* scratch) const {
  float* parameters = gradients.parameters;
  for (size_t i = 0; i < terms.size(); ++i) {
    terms[i]->backward(n, tape, {transposed[i].data(), gradients.d, gradients.z_gradient, parameters},
                       scratch);
    tape += n * terms[i]->tape_width();
    parameters += terms[i]->gradient_size();
  }
}

}  // namespace msde
