#include "msde/infer/data/fit_terms.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr int64_t kWindows = 16, kLeastNodes = 24;  // of a trajectory, of a window
constexpr int64_t kNodesOfHalves =
    16;  // of a window: with fewer, products are of all snapshots with themselves
constexpr double kGain = .05,
                 kGainOfAll =
                     .001;  // least shares that a term takes off the remainder, and off that of no term
constexpr int64_t kMostTrajectories = 64;

// Sums over windows of b = what the known terms leave, and A_k: A A^T, A b, |b|^2.
struct Normal {
  torch::Tensor AA, Ab;
  double bb = 0;

  // |A^T x - b|^2
  double remainder(const torch::Tensor& x) const {
    return bb - 2 * x.dot(Ab).item<double>() + x.dot(AA.mv(x)).item<double>();
  }
  torch::Tensor solution(const std::set<int64_t>& chosen) const {
    auto x = torch::zeros_like(Ab);
    if (chosen.empty()) return x;
    const auto index = torch::tensor(std::vector<int64_t>(chosen.begin(), chosen.end()));
    const auto G = AA.index_select(0, index).index_select(1, index), h = Ab.index_select(0, index);
    if (G.diagonal().min().item<double>() <= 0) return x;  // a term that is nothing but noise
    const auto size = G.diagonal().sqrt();  // columns of length 1: u and its fourth derivative are not alike
    const auto scaled = G / size / size.unsqueeze(1) + 1e-12 * torch::eye(index.numel(), torch::kDouble);
    return x.index_copy(0, index, torch::linalg_solve(scaled, h / size) / size);
  }
};

// Numbers of z by what they are of the field's norm, each channel in units of its own.
torch::Tensor field_sizes(const MultiscaleModel& model) {
  const auto& space = model->drift->prior()->space();
  const auto unit = torch::eye(space.n, torch::kDouble);
  const auto zero = torch::zeros({1, space.n}, torch::kDouble);
  auto change = (space.fields(unit) - space.fields(zero)).flatten(2);  // [n, C, points]
  if (const auto& scale = model->spec().units.scale; !scale.empty())
    change = change / torch::tensor(scale, torch::kDouble).unsqueeze(1);
  return change.square().sum({1, 2}).sqrt();
}

// of_terms() of T states, so many at a time that monomials and fields are small: [K, T, n] float64.
torch::Tensor in_blocks(const PriorDrift& prior, const torch::Tensor& z, const DriftInputs& in) {
  const int64_t T = z.size(0), rows = prior.affordable_states();
  std::vector<torch::Tensor> blocks;
  for (int64_t first = 0; first < T; first += rows) {
    const auto part = [&](const torch::Tensor& x) { return x.narrow(0, first, std::min(rows, T - first)); };
    blocks.push_back(prior.of_terms(part(z), {part(in.t), part(in.mu), part(in.f)}).to(torch::kDouble));
  }
  return torch::cat(blocks, 1);
}

Normal normal_equations(MultiscaleModel& model, const TrainingData& data, const torch::Tensor& known) {
  const auto& prior = *model->drift->prior();
  const int64_t n = prior.space().n, K = prior.terms().size(), T = data.n_snapshots();
  const int64_t nodes = std::min(T, std::max(kLeastNodes, T / kWindows)),
                step = std::max<int64_t>(1, nodes / 4);
  const int64_t halves = nodes >= kNodesOfHalves ? 2 : 1;
  const auto sizes = field_sizes(model);
  Normal sum = {torch::zeros({K, K}, torch::kDouble), torch::zeros({K}, torch::kDouble)};
  const auto snapshots = torch::arange(T).unsqueeze(0);
  const auto chosen = evenly_spread(data.n_trajectories(), kMostTrajectories);
  for (int64_t k = 0; k < chosen.numel(); ++k) {
    throw_if_interrupted();
    const int64_t i = chosen[k].item<int64_t>();
    const auto g = data.gather(torch::full({1}, i, torch::kLong), snapshots);
    const auto z = model->encode(g.a[0], model->scales()).narrow(-1, 0, n);
    const DriftInputs inputs = {g.t[0].unsqueeze(-1), g.mu.expand({T, g.mu.size(1)}), g.f[0]};
    const auto F = (in_blocks(prior, z, inputs) * sizes).transpose(0, 1);  // [T, K, n]
    const auto y = z.to(torch::kDouble) * sizes;
    const auto t = data.equal_times() ? data.dt() * torch::arange(T, torch::kDouble) : g.times[0];
    for (int64_t first = 0; first + nodes <= T; first += step) {
      std::vector<torch::Tensor> A, b;  // [K, n], [n]
      for (int64_t half = 0; half < halves; ++half) {
        const auto index = torch::arange(first + half, first + nodes, halves);
        const auto at = t.index_select(0, index), ends = t.narrow(0, first, nodes);
        const auto half_length = (ends[nodes - 1] - ends[0]) / 2;
        const auto s = (at - ends[0]) / half_length - 1;
        const auto dt = at.diff();
        const auto w = (torch::constant_pad_nd(dt, {1, 0}) + torch::constant_pad_nd(dt, {0, 1})) / 2;
        const auto room = (1 - s.square()).clamp_min(0);
        const auto phi = w * room.pow(4), slope = w * (-8 * s * room.pow(3)) / half_length;
        A.push_back(torch::tensordot(phi, F.index_select(0, index), {0}, {0}));
        b.push_back(-torch::mv(y.index_select(0, index).t(), slope) - torch::mv(A.back().t(), known));
      }
      const auto &A0 = A.front(), &A1 = A.back(), &b0 = b.front(), &b1 = b.back();
      const auto AA = A0.mm(A1.t());
      sum.AA += (AA + AA.t()) / 2;
      sum.Ab += (A0.mv(b1) + A1.mv(b0)) / 2;
      sum.bb += b0.dot(b1).item<double>();
    }
  }
  return sum;
}

// The term of `free` whose presence, or absence, leaves least of validation.
std::optional<std::pair<int64_t, double>> best_change(const Normal& train, const Normal& val,
                                                      const std::set<int64_t>& chosen,
                                                      const std::vector<int64_t>& terms, bool enters) {
  std::optional<std::pair<int64_t, double>> best;
  for (const int64_t k : terms) {
    if (chosen.count(k) == (enters ? 1 : 0)) continue;
    auto other = chosen;
    if (enters)
      other.insert(k);
    else
      other.erase(k);
    const double left = val.remainder(train.solution(other));
    if (!best || left < best->second) best = {k, left};
  }
  return best;
}

}  // namespace

torch::Tensor fit_terms(MultiscaleModel& model, const TrainingData& train, const TrainingData& val,
                        const std::vector<int64_t>& free) {
  const torch::NoGradGuard no_grad;
  const auto known = model->drift->prior()->beginning().to(torch::kDouble);
  const auto of_train = normal_equations(model, train, known), of_val = normal_equations(model, val, known);
  for (const auto* normal : {&of_train, &of_val})
    for (int64_t k = 0; k < known.numel(); ++k)
      if (!normal->AA[k][k].isfinite().item<bool>()) model->drift->prior()->refuse_term(k);
  std::set<int64_t> chosen;
  double left = of_val.bb;
  while (const auto enters = best_change(of_train, of_val, chosen, free, /*enters=*/true)) {
    if (!(enters->second < std::min((1 - kGain) * left, left - kGainOfAll * of_val.bb))) break;
    chosen.insert(enters->first);
    left = enters->second;
  }
  while (const auto leaves = best_change(of_train, of_val, chosen, free, /*enters=*/false)) {
    if (!(leaves->second <= std::max((1 + kGain) * left, left + kGainOfAll * of_val.bb))) break;
    chosen.erase(leaves->first);
    left = leaves->second;
  }
  const auto coefficients = known + of_train.solution(chosen);
  return coefficients.isfinite().all().item<bool>() ? coefficients : known;
}

}  // namespace msde
