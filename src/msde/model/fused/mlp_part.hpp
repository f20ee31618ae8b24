// A network of the model in plain memory.
#pragma once

#include <optional>

#include "msde/kernels/mlp.hpp"
#include "msde/model/fused/part.hpp"
#include "msde/model/mlp.hpp"

namespace msde {

// None where LibTorch must compute it: not float32 on the CPU, or an activation that kernels lack. Its memory
// is kept alive where the parameters get another.
inline std::optional<FusedPart<MlpKernel>> fused_network(const Mlp& net) {
  const auto network = net->parameters_in_order();
  auto held = network;
  for (auto& tensor : held.tensors) tensor = tensor.detach();
  const auto kernel = kernel_of(held);
  if (!kernel) return std::nullopt;
  return FusedPart<MlpKernel>{*kernel, network.tensors, held.tensors};
}

}  // namespace msde
