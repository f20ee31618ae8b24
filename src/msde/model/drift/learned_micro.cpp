#include "msde/model/drift/learned_micro.hpp"

#include "msde/kernels/micro_drift.hpp"
#include "msde/model/fused/mlp_part.hpp"

namespace msde {

Activation micro_activation(const ModelOptions& o, const Grid& grid) {
  if (o.preset != "paper") return Activation::silu;
  return grid.dimensions() == 1 ? Activation::relu : Activation::leaky_relu;
}

LearnedMicroDrift::LearnedMicroDrift(torch::nn::Module& drift, const ModelOptions& o, const Grid& grid,
                                     DriftSizes sizes)
    : sizes_(std::move(sizes)) {
  const int64_t n_psi = o.psi == "linear" ? sizes_.n_eta : sizes_.n_zeta;
  const int64_t inputs = (sizes_.micro_time ? 1 : 0) + n_psi + sizes_.n_eta + sizes_.n_mu + sizes_.n_f;
  net_ = drift.register_module(
      "micro", Mlp(MlpOptions{inputs, o.micro_drift_hidden, sizes_.n_eta, micro_activation(o, grid)}));
}

DriftPart LearnedMicroDrift::at(const LatentState& z, const ScaledInputs& in) {
  std::vector<torch::Tensor> inputs;
  if (sizes_.micro_time) inputs.push_back(in.t);
  inputs.insert(inputs.end(), {z.psi, z.eta, in.mu, in.f});
  return {{}, net_->forward(torch::cat(inputs, -1)) * sizes_.rate};
}

std::optional<FusedDriftTerm> LearnedMicroDrift::fused() const {
  const auto net = fused_network(net_);
  if (!net) return std::nullopt;
  const MicroDriftKernel::Layout layout = {.n_zeta = sizes_.n_zeta,
                                           .n_outside = sizes_.n_outside(),
                                           .before = sizes_.micro_time ? 1 : 0,
                                           .rate = sizes_.rate.item<float>()};
  return FusedDriftTerm{std::make_shared<MicroDriftKernel>(net->kernel, layout), net->parameters,
                        net->memory};
}

}  // namespace msde
