// What else an ensemble is asked beside metrics.hpp: members [M, B, T, C, *grid], truth [B, T, C, *grid].
// Errors: DataError if the shapes do not agree, ConfigError for a level outside (0, 1).
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// The CRPS of the empirical distribution of the members, by its own name: its expectation falls with M, so it
// compares ensembles of one size only. mean_i |x_i - y| - sum_{i,j} |x_i - x_j| / (2 M^2), mean over all
// values.
double crps_biased(const torch::Tensor& members, const torch::Tensor& truth);
// The same per frame, [B, T]; `fair` is crps_fair_per_frame() of them (metrics.hpp).
torch::Tensor crps_biased_per_frame(const torch::Tensor& members, const torch::Tensor& truth,
                                    const torch::Tensor& fair);

// Sharpness: mean width x_(M+1-l) - x_(l) of the central intervals of coverage_of_ranks() (metrics.hpp), one per
// level; NaN for a level that M members cannot have, M + 1 <= 2 l.
std::vector<double> central_widths(const torch::Tensor& members, const std::vector<double>& levels);
torch::Tensor central_widths_per_frame(const torch::Tensor& members,
                                       const std::vector<double>& levels);  // [B, T, levels]

// sum_r |f_r - 1/(M + 1)| over the frequencies f_r of a rank histogram: 0 is flat, below 2 always
// (Delle Monache et al., JGR 2006). Neighbouring points are correlated, so there is no p-value.
double reliability_index(const torch::Tensor& rank_histogram);

}  // namespace msde
