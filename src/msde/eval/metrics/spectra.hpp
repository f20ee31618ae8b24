// Mean power spectra over radial shells of wavenumbers, summed as blocks of frames come.
#pragma once

#include "msde/eval/metrics/frame_block.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// [C, K]: mean over trajectories and frames of the power in shell k (spectrum.hpp); over all shells it adds
// up to the mean square of the channel. `members` is the mean power of the members, not the power of their
// mean; undefined without members.
struct Spectra {
  torch::Tensor truth, prediction, error, members;
  int64_t frames = 0;

  void add(const FrameBlock& block, int64_t first,
           int64_t count);  // those frames of each trajectory of the block
  Spectra mean() const;
};

}  // namespace msde
