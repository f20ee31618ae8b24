// Test support: small float64 models of both presets with random parameters.
#pragma once

#include "msde/model/multiscale.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/tensor/random_tensor.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

inline ModelSpec small_spec(const std::string& preset) {
  ModelSpec spec;
  spec.case_name = "test";
  spec.grid = {
      .channels = 1, .shape = {120}, .length = {1.0}, .boundary = {Boundary::periodic}, .axes = {"x"}};
  spec.options.preset = preset;
  spec.options.n_zeta = {8};
  spec.options.n_eta = 2;
  spec.options.n_sigma = 2;
  spec.options.local_modes = 3;
  spec.options.encoder_hidden = {6};
  spec.options.decoder_hidden = {6};
  spec.options.local_hidden = {5};
  spec.options.macro_drift_hidden = {6, 5};
  spec.options.micro_drift_hidden = {6};
  spec.n_reduced = preset == "reduced" ? 30 : 0;
  spec.n_mu = 1;
  spec.n_f = 1;
  spec.dt = 0.01;
  spec.noise_std = 0.1;
  return spec;
}

// Two channels on 16 x 32 points, 4 x 4 coarse ones of 4 x 8: nothing square, every axis of its own kind.
inline ModelSpec small_plane_spec(const std::string& preset, std::vector<AxisEnds> boundary) {
  auto spec = small_spec(preset);
  spec.grid = {.channels = 2,
               .shape = {16, 32},
               .length = {1.0, 2.0},
               .boundary = std::move(boundary),
               .axes = {"y", "x"}};
  spec.options.n_zeta = {4, 4};
  spec.options.n_sigma = 1;
  spec.options.stencil_radius = 1;
  spec.options.position = preset == "reduced" ? "on" : "off";
  spec.n_reduced = preset == "reduced" ? 110 : 0;
  return spec;
}

// An orthonormal basis holding the rows of every R S_k, and the filter's maps in it.
inline void set_random_space(MultiscaleModel& model) {
  const ModelSpec& spec = model->spec();
  const auto kept = restricted_points(spec.grid, spec.options.n_zeta);
  auto unit = torch::zeros({spec.grid.size(), kept.numel()}, torch::kDouble);
  unit.index_put_({kept, torch::arange(kept.numel())}, 1.0);
  std::vector<torch::Tensor> columns;
  for (double width : kFilterWidths)
    columns.push_back(
        smooth_columns(unit, spec.grid, {width, spec.options.n_sigma, spec.options.n_zeta}, true));
  columns.push_back(normal({7, Stream::test, 1}, {spec.grid.size(), spec.n_reduced}, torch::kDouble));
  auto V = std::get<0>(torch::linalg_qr(torch::cat(columns, 1).narrow(1, 0, spec.n_reduced)));
  std::vector<torch::Tensor> smooth, restriction;
  for (double width : kFilterWidths) {
    auto SV = smooth_columns(V, spec.grid, {width, spec.options.n_sigma, spec.options.n_zeta});
    smooth.push_back(torch::mm(V.t(), SV));
    restriction.push_back(SV.index_select(0, kept));
  }
  model->coordinates->set_basis(V);
  std::dynamic_pointer_cast<ReducedFilter>(model->filter)
      ->set_maps(torch::stack(smooth), torch::stack(restriction));
}

// Module::to would turn index buffers into floating point too.
inline void to_type(torch::nn::Module& module, torch::ScalarType type) {
  for (auto& p : module.parameters()) p.set_data(p.to(type));
  for (auto& b : module.buffers())
    if (b.is_floating_point()) b.set_data(b.to(type));
}

inline MultiscaleModel small_model(ModelSpec spec) {
  torch::NoGradGuard no_grad;
  MultiscaleModel model(std::move(spec));
  to_type(*model, torch::kDouble);
  initialise_networks(model, 3);
  uint64_t number = 0;
  for (auto& p : model->parameters()) {
    const auto change = normal({5, Stream::test, number++}, p.sizes(), torch::kDouble);
    // What is left of a kernel at an end must not sum to nothing.
    const bool divided_by_its_sum = p.is_same(model->filter->parameters()[0]) && p.dim() > 2;
    p.add_(divided_by_its_sum ? 0.3 * p * change : 0.1 * change);
  }
  if (model->coordinates->is_reduced()) set_random_space(model);
  if (auto& local = model->decoder->local(); !local.is_empty()) {
    int64_t rows = model->spec().options.local_modes;
    for (int64_t n : model->spec().options.n_zeta) rows *= n;
    local->set_modes(normal({5, Stream::test, 900}, {rows, model->coordinates->size()}, torch::kDouble), 0.3);
  }
  const auto& s = model->spec();
  model->drift->set_rate(2.0);
  model->drift->inputs.set({.t_begin = 0,
                            .t_end = 1,
                            .mu_mean = torch::zeros({s.n_mu}),
                            .mu_std = torch::ones({s.n_mu}),
                            .f_mean = torch::zeros({s.n_f}),
                            .f_std = torch::ones({s.n_f})});
  return model;
}

}  // namespace msde
