// What the terms of a prior act on: fields that a part of the latent state shows, and how their rates of change are read
// back.
#pragma once

#include <functional>
#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct LatentSpace {
  int64_t n = 0;  // numbers of z that show the fields, the first ones
  Grid grid;
  std::vector<int64_t> period = {};  // points of the grid's axes that do not repeat others; empty: all
  // [B, n] -> [B, C, *grid] in units of the data, affine; and rates of change of those -> dz [B, n], linear, per unit of
  // the data's time. Of the type of what they are given.
  std::function<torch::Tensor(const torch::Tensor& z)> fields;
  std::function<torch::Tensor(const torch::Tensor& rates)> read;
};

}  // namespace msde
