#include "msde/field/start_frame.hpp"

#include <cmath>

namespace msde {

std::vector<int64_t> StartFrame::places(const torch::Tensor& snapshot) const {
  constexpr double kAlike = 1e-9;  // differences that are rounding, of the largest likeness there can be
  const auto D = static_cast<int64_t>(period.size());
  std::vector<int64_t> moving;  // axes of a channel
  for (int64_t axis = 0; axis < D; ++axis)
    if (period[static_cast<size_t>(axis)] > 0) moving.push_back(axis);
  std::vector<int64_t> places(period.size(), 0);
  if (moving.empty()) return places;
  const auto one_period = [&](const torch::Tensor& channel) {
    auto x = channel.to(torch::kDouble).nan_to_num(0);
    for (const int64_t axis : moving) x = x.narrow(axis, 0, period[static_cast<size_t>(axis)]);
    return x;
  };
  torch::Tensor sum;
  double of_snapshot = 0, of_reference = 0;
  for (int64_t c = 0; c < snapshot.size(0); ++c) {
    const auto y = one_period(snapshot[c]), r = one_period(reference[c]);
    of_snapshot += y.square().sum().item<double>(), of_reference += r.square().sum().item<double>();
    // Correlation is a product of transforms; what does not move is summed over.
    const auto product = torch::fft_fftn(y, {}, moving) * torch::fft_fftn(r, {}, moving).conj();
    auto likeness = at::real(torch::fft_ifftn(product, {}, moving));
    for (int64_t axis = D - 1; axis >= 0; --axis)
      if (period[static_cast<size_t>(axis)] == 0) likeness = likeness.sum(axis);
    sum = sum.defined() ? sum + likeness : likeness;
  }
  sum = sum.contiguous();
  if ((sum.max() - sum.min()).item<double>() <= kAlike * std::sqrt(of_snapshot * of_reference)) return places;
  int64_t best = sum.argmax().item<int64_t>();
  for (int64_t axis = D - 1; axis >= 0; --axis) {
    const int64_t p = period[static_cast<size_t>(axis)];
    if (p == 0) continue;
    places[static_cast<size_t>(axis)] = best % p;
    best /= p;
  }
  return places;
}

torch::Tensor moved(const torch::Tensor& fields, const std::vector<int64_t>& period,
                    const std::vector<int64_t>& places, bool backwards) {
  auto v = fields;
  const auto D = static_cast<int64_t>(period.size());
  for (int64_t axis = 0; axis < D; ++axis) {
    const int64_t p = period[static_cast<size_t>(axis)], s = places[static_cast<size_t>(axis)];
    const int64_t dim = v.dim() - D + axis;
    if (p == 0 || (s % p == 0 && v.size(dim) == p)) continue;
    const auto i = torch::arange(v.size(dim), torch::kLong) + (backwards ? p - s % p : s);
    v = v.index_select(dim, torch::remainder(i, p).to(v.device()));
  }
  return v;
}

}  // namespace msde
