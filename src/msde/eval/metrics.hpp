// Accuracy and calibration as pure functions of tensors.
// Shapes: truth and prediction [B, T, C, *grid]; members [M, B, T, C, *grid]. Formula ids as in docs/metrics.md.
#pragma once

#include <torch/torch.h>

namespace msde {

struct MeanStd {
  double mean = 0, std = 0;  // population standard deviation
};

torch::Tensor rel_l2_per_frame(const torch::Tensor& prediction, const torch::Tensor& truth);  // [B, T]
MeanStd mean_std(const torch::Tensor& values);
MeanStd rel_l2(const torch::Tensor& prediction, const torch::Tensor& truth);
double vrmse(const torch::Tensor& prediction, const torch::Tensor& truth, double eps = 1e-7);
double nrmse_well(const torch::Tensor& prediction, const torch::Tensor& truth, double eps = 1e-7);
double rmse(const torch::Tensor& prediction, const torch::Tensor& truth);
double crps_fair(const torch::Tensor& members, const torch::Tensor& truth);
double ssr_adjusted(const torch::Tensor& members, const torch::Tensor& truth);
double energy_score(const torch::Tensor& members, const torch::Tensor& truth);
torch::Tensor rank_histogram(const torch::Tensor& members, const torch::Tensor& truth, uint64_t seed = 0);  // [M+1] int64
// Fraction of truth inside the central interval that holds `level` of the M + 1 ranks.
double coverage(const torch::Tensor& members, const torch::Tensor& truth, double level);

}  // namespace msde
