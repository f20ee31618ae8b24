#include "msde/model/drift/learned_macro.hpp"

#include "msde/kernels/macro_drift.hpp"
#include "msde/model/fused/mlp_part.hpp"
#include "msde/scales/stencil.hpp"

namespace msde {

Activation macro_activation(const ModelOptions& o) {
  return o.preset == "paper" ? Activation::leaky_relu : Activation::silu;
}

LearnedMacroDrift::LearnedMacroDrift(torch::nn::Module& drift, const ModelOptions& o, const Grid& grid,
                                     DriftSizes sizes)
    : sizes_(std::move(sizes)) {
  net_ = drift.register_module(
      "macro", Mlp(MlpOptions{inputs().width(), o.macro_drift_hidden, grid.channels, macro_activation(o)}));
}

// Made anew: buffers move with the drift.
CellInputs LearnedMacroDrift::inputs() const {
  return {sizes_.stencil, sizes_.positions, sizes_.n_zeta, sizes_.n_eta, sizes_.n_mu + sizes_.n_f};
}

DriftPart LearnedMacroDrift::at(const LatentState& z, const ScaledInputs& in) {
  std::vector<torch::Tensor> common;
  if (sizes_.n_eta > 0) common.push_back(z.phi);
  common.insert(common.end(), {in.mu, in.f});
  const auto rate =
      net_->forward_shared(inputs().of_cells(z.zeta), torch::cat(common, -1));  // [.., cells, C]
  return {rate.transpose(-1, -2).reshape(z.zeta.sizes()) * sizes_.rate, {}};
}

std::optional<FusedDriftTerm> LearnedMacroDrift::fused() const {
  const auto net = fused_network(net_);
  if (!net) return std::nullopt;
  const auto cells = kernel_at_cells(net->kernel, inputs());
  const MacroDriftKernel::Layout layout = {.n_outside = sizes_.n_outside(),
                                           .skipped = sizes_.micro_time ? 1 : 0,
                                           .rate = sizes_.rate.item<float>()};
  return FusedDriftTerm{std::make_shared<MacroDriftKernel>(cells, layout), net->parameters, net->memory};
}

}  // namespace msde
