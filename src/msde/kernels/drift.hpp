// The drift of the latent state as a sum of terms: what DriftImpl::forward computes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "msde/kernels/kernel.hpp"

namespace msde {

// States z [n, n_z] = zeta [channels * cells], eta, and what each of them sees of the outside [n, n_outside]:
// t (where a term asks for it), mu, f, in units of training.
struct StateBlock {
  int64_t n;
  const float *z, *outside;
};

// One term of the drift.
class DriftTermKernel {
 public:
  virtual ~DriftTermKernel() = default;
  virtual int64_t tape_width() const = 0;
  virtual int64_t scratch_size(int64_t n) const = 0;
  virtual int64_t gradient_size() const = 0;
  virtual std::vector<float> transposed_weights() const = 0;

  // Adds to dz [n, n_z].
  virtual void forward(const StateBlock& states, float* dz, float* tape, float* scratch) const = 0;

  // Adds J^T d to z_gradient [n, n_z] and the parameters' gradients to `parameters`.
  struct Gradients {
    const float* transposed_weights;
    const float* d;  // [n, n_z]
    float *z_gradient, *parameters;
  };
  virtual void backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const = 0;
};
static_assert(Kernel<DriftTermKernel>);

struct DriftKernel {
  std::vector<std::shared_ptr<const DriftTermKernel>> terms;
  int64_t n_z = 1, n_outside = 0;
  int64_t cells = 1;  // coarse cells: states in a block are chosen by them

  int64_t tape_width() const;
  int64_t scratch_size(int64_t n) const;
  int64_t gradient_size() const;  // those of each term in turn

  using Transposed = std::vector<std::vector<float>>;  // of each term
  Transposed transposed_weights() const;

  // -> dz [n, n_z]
  void forward(const StateBlock& states, float* dz, float* tape, float* scratch) const;

  struct Gradients {
    const float* d;  // [n, n_z]
    float *z_gradient, *parameters;
  };
  void backward(int64_t n, const float* tape, const Transposed& transposed, const Gradients& gradients,
                float* scratch) const;
};
static_assert(Kernel<DriftKernel>);

}  // namespace msde
