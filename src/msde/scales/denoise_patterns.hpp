// Patterns on a grid that were learnt from noisy snapshots, with less of the noise that they took over.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// patterns [C * points, r] float64, with white noise of standard deviation noise[c, k] on every value of channel c in column
// k. Each channel of each is cut into scales, detail by detail, with B3 splines (the a trous algorithm: Holschneider et al.
// 1989; Starck & Murtagh, Astronomical Image and Data Analysis, 2006, section 1.4); details d of the three finest scales
// become
//   d max(0, 1 - 1.5 v / mean d^2),  v the noise of that scale, the mean over a box around the value
// (the local Wiener filter of Mihcak et al., IEEE Signal Processing Letters 6 (1999), with 1.5 v for v: the mean is an
// estimate). What varies smoothly and what stands out stays. Axes of 8 points and fewer are left out; patterns without
// others stay. 0 where there is no fluid. Stopped.
torch::Tensor denoise_patterns(const torch::Tensor& patterns, const torch::Tensor& noise, const Grid& grid);

}  // namespace msde
