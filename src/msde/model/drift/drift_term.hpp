// A term of the drift. The drift is the sum of its terms (drift.hpp).
#pragma once

#include <memory>
#include <optional>

#include "msde/kernels/drift.hpp"
#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/drift/input_units.hpp"
#include "msde/model/fused/part.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The latent state and what each scale sees of the other; leading axes [..] as those of z.
struct LatentState {
  torch::Tensor zeta, eta;  // [.., n_zeta], [.., n_eta]
  torch::Tensor phi;        // phi(eta), which the macro drift sees; eta where it is the identity
  torch::Tensor psi;        // psi(zeta), which the micro drift sees; zeta where it is the identity
};

// What acts from outside, in units of training: absolute time [.., 1] on [-1, 1], defined only with
// model.micro_time = on, parameters [.., n_mu], forcing [.., n_f].
struct ScaledInputs {
  torch::Tensor t, mu, f;
  torch::Tensor factors = {};  // [.., n_factors], of a prior
  DriftInputs given = {};      // as they come
};

// What a term adds to d zeta/dt [.., n_zeta] and d eta/dt [.., n_eta]; undefined: nothing.
struct DriftPart {
  torch::Tensor zeta, eta;
};

using FusedDriftTerm = FusedPart<std::shared_ptr<const DriftTermKernel>>;

class DriftTerm {
 public:
  virtual ~DriftTerm() = default;
  virtual DriftPart at(const LatentState& z, const ScaledInputs& inputs) = 0;
  virtual void see(const DriftSizes&) {}  // the outside of the drift has changed
  // The same in plain memory, of identity modulations. None: then the whole drift is computed by LibTorch.
  virtual std::optional<FusedDriftTerm> fused() const { return std::nullopt; }
};

}  // namespace msde
