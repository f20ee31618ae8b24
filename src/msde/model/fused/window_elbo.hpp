// The ELBO of a batch of windows as one differentiable operation.
#pragma once

#include "msde/kernels/window_elbo.hpp"
#include "msde/model/fused/choose.hpp"

namespace msde {

struct FusedParts {
  FusedPart<EncoderKernel> encoder;
  FusedPart<DecoderKernel> decoder;
  FusedDrift drift;
};

// Means over windows in nats; value has one derivative, the terms none.
FusedElbo window_elbo(const MultiscaleModel& model, const ScaleMatrices& maps, const FusedParts& parts,
                      const FusedWindows& windows);

}  // namespace msde
