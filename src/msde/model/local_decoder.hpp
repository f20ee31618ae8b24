// Microscale detail that moves with the macroscale: one small network shared by all coarse cells.
#pragma once

#include <optional>

#include "msde/grid/grid.hpp"
#include "msde/kernels/cells.hpp"
#include "msde/model/fused/part.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"
#include "msde/scales/stencil.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// At every coarse cell j a network of the zeta stencil around it, of eta and, with model.position = on, of where the
// cell lies gives q coefficients of local modes, patches two cells wide centred on the cell: sum_j sum_q c_jq b_jq. The
// position of a narrow pulse between coarse points is in the ratios of neighbouring zeta, whatever the cell, so one
// network serves them all and learns from all of them.
class LocalDecoderImpl : public torch::nn::Module {
 public:
  LocalDecoderImpl(const ModelOptions& options, const Grid& grid, int64_t n);
  // [B, n_zeta], [B, n_eta] -> [B, n]
  torch::Tensor forward(const torch::Tensor& zeta, const torch::Tensor& eta);
  // The same function in plain memory, where it is float32 on the CPU.
  struct Fused {
    FusedPart<CellsKernel> cells;
    const float* modes;  // [cells * q, n]
    float scale;
  };
  std::optional<Fused> fused(int64_t n_zeta, int64_t n_eta) const;

  // modes [cells * q, n] in the model's coordinates; scale: typical size of a coefficient
  void set_modes(const torch::Tensor& modes, double scale);

 private:
  CellInputs inputs(int64_t n_zeta, int64_t n_eta) const;
  int64_t cells_, modes_per_cell_;
  Mlp net_{nullptr};
  torch::Tensor stencil_, positions_, modes_, scale_;
};
TORCH_MODULE(LocalDecoder);

}  // namespace msde
