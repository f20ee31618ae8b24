#include "msde/model/local_decoder.hpp"

#include "msde/model/fused/mlp_part.hpp"
#include "msde/scales/cell_positions.hpp"
#include "msde/scales/stencil.hpp"

namespace msde {

LocalDecoderImpl::LocalDecoderImpl(const ModelOptions& o, const Grid& grid, int64_t n)
    : modes_per_cell_(o.local_modes) {
  stencil_ = register_buffer("stencil", stencil_index(o.n_zeta, grid, o.stencil_radius));
  if (o.position == "on") positions_ = register_buffer("positions", cell_positions(grid, o.n_zeta));
  cells_ = stencil_.size(0);
  const int64_t width = inputs(grid.channels * cells_, o.n_eta).width();
  net_ = register_module("net", Mlp(MlpOptions{width, o.local_hidden, modes_per_cell_, Activation::silu}));
  modes_ = register_buffer("modes", torch::zeros({cells_ * modes_per_cell_, n}));
  scale_ = register_buffer("scale", torch::ones({1}));
}

CellInputs LocalDecoderImpl::inputs(int64_t n_zeta, int64_t n_eta) const {
  return {stencil_, positions_, n_zeta, n_eta};
}

void LocalDecoderImpl::set_modes(const torch::Tensor& modes, double scale) {
  torch::NoGradGuard no_grad;
  modes_.copy_(modes);
  scale_.fill_(scale);
}

std::optional<LocalDecoderImpl::Fused> LocalDecoderImpl::fused(int64_t n_zeta, int64_t n_eta) const {
  const auto net = fused_network(net_);
  if (!net) return std::nullopt;
  return Fused{{kernel_at_cells(net->kernel, inputs(n_zeta, n_eta)), net->parameters, net->memory},
               modes_.data_ptr<float>(),
               scale_.item<float>()};
}

torch::Tensor LocalDecoderImpl::forward(const torch::Tensor& zeta, const torch::Tensor& eta) {
  const auto of_cells = inputs(zeta.size(-1), eta.size(-1)).of_cells(zeta);
  auto coefficients = net_->forward_shared(of_cells, eta) * scale_;
  return torch::mm(coefficients.view({-1, cells_ * modes_per_cell_}), modes_);
}

}  // namespace msde
