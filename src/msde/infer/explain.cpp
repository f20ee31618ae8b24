#include "msde/infer/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "msde/infer/data/training_data.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/physics/known_operator.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr int64_t kStates = 512, kMostTerms = 6;
constexpr double kGain = .01;  // of R2

struct States {
  torch::Tensor z;
  DriftInputs inputs;
};

double rms(const torch::Tensor& x) {
  return x.numel() == 0 ? 0 : std::sqrt(x.square().mean(torch::kDouble).item<double>());
}

double ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

// Least squares y = sum_k c_k F_k of columns F [m, K], those of no size left out.
torch::Tensor least_squares(const torch::Tensor& F, const torch::Tensor& y) {
  const auto size = F.square().sum(0).sqrt();
  const auto used = size > 0;
  const auto scaled = F / torch::where(used, size, torch::ones_like(size));
  const auto A = scaled.t().mm(scaled) + 1e-12 * torch::eye(F.size(1), torch::kDouble);
  const auto c = torch::linalg_solve(A, scaled.t().mv(y));
  return torch::where(used, c / torch::where(used, size, torch::ones_like(size)), torch::zeros_like(c));
}

double r2_of(const torch::Tensor& F, const torch::Tensor& c, const torch::Tensor& y) {
  return 1 - ratio((y - F.mv(c)).square().sum().item<double>(), y.square().sum().item<double>());
}

void explain_prior(MultiscaleModel& model, const States& s, const torch::Tensor& whole, Explanation& e) {
  const auto learned = model->drift->learned(s.z, s.inputs);
  e.learned_share = ratio(rms(learned), rms(whole));
  auto* prior = model->drift->prior();
  if (prior == nullptr) return;
  e.prior_at = model->spec().options.prior.at;
  const int64_t n = prior->space().n;
  const auto F =
      prior->of_terms(s.z.narrow(-1, 0, n), s.inputs).flatten(1).t().to(torch::kDouble);  // [states n, terms]
  const auto y = learned.narrow(-1, 0, n).flatten().to(torch::kDouble);
  const auto b = least_squares(F, y), a = prior->coefficients().to(torch::kDouble);
  e.learned_along_prior = rms(learned) > 0 ? std::max(0., r2_of(F, b, y)) : 0;
  const auto& terms = prior->terms();
  for (int64_t k = 0; k < terms.size(); ++k) {
    Explanation::PriorTerm term;
    term.text = terms.texts[static_cast<size_t>(k)];
    term.coefficient = a[k].item<double>();
    term.is_candidate = k >= terms.n_known;
    term.share = ratio(std::abs(term.coefficient) * rms(F.select(1, k)), rms(whole.narrow(-1, 0, n)));
    term.learned = b[k].item<double>();
    e.prior.push_back(std::move(term));
  }
}

// The candidates of a channel at coarse points, as the terms of a configuration have them.
std::vector<std::string> library(const ExpressionNames& names, const std::string& u) {
  std::vector<std::string> terms = {u, u + "*" + u};
  for (size_t axis = 0; axis < names.axes.size(); ++axis) {
    const auto d = [&](const std::string& of) { return fmt::format("d[{}]({})", axis, of); };
    for (const auto& text : {d(u), u + "*" + d(u), d(d(u)), d(d(d(u)))}) terms.push_back(text);
  }
  return terms;
}

// For people: d[0](u[1]) as dx(v).
std::string readable(std::string text, const ExpressionNames& names) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  for (size_t axis = 0; axis < names.axes.size(); ++axis)
    if (!names.axes[axis].empty()) replace(fmt::format("d[{}](", axis), "d" + names.axes[axis] + "(");
  for (size_t c = 0; c < names.channels.size(); ++c)
    if (!names.channels[c].empty()) replace(fmt::format("u[{}]", c), names.channels[c]);
  return text;
}

void explain_macro(MultiscaleModel& model, const States& s, const torch::Tensor& whole, Explanation& e) {
  const ModelSpec& spec = model->spec();
  const bool coarse_values = !spec.options.is_linear() && !spec.grid.mask && spec.grid.symmetry.empty();
  if (!coarse_values) return;
  const auto space = macro_space(spec, {model->coordinates, model->filter, model->encoder, model->decoder});
  const auto zeta = s.z.narrow(-1, 0, space.n).to(torch::kDouble);
  const auto fields = space.fields(zeta);
  // Rates of change of the coarse values: those of zeta by the affine map between them, per unit of the data's time.
  const double tau = spec.units.time_scale;
  const auto none = space.fields(torch::zeros_like(zeta));
  const auto rates = (space.fields(whole.narrow(-1, 0, space.n).to(torch::kDouble)) - none) / tau;
  const auto names = names_in(spec);
  const auto inputs = torch::zeros({zeta.size(0), 1}, torch::kDouble);
  for (int64_t c = 0; c < spec.grid.channels; ++c) {
    Explanation::Regression regression;
    const auto& name = names.channels[static_cast<size_t>(c)];
    regression.channel = name.empty() ? fmt::format("u[{}]", c) : name;
    const auto texts = library(names, fmt::format("u[{}]", c));
    std::vector<torch::Tensor> columns;
    for (const auto& text : texts) {
      std::vector<std::optional<Expression>> of_channels(static_cast<size_t>(spec.grid.channels));
      of_channels[static_cast<size_t>(c)] = parse_expression(text, names, "explain");
      columns.push_back(KnownOperator(of_channels, space.grid, {}, 2)(fields, {inputs, inputs, inputs})
                            .select(1, c)
                            .flatten());
    }
    const auto all = torch::stack(columns, 1), y = rates.select(1, c).flatten().contiguous();
    std::set<int64_t> chosen;
    const auto fit = [&](const std::set<int64_t>& terms) {
      const auto F = all.index_select(1, torch::tensor(std::vector<int64_t>(terms.begin(), terms.end())));
      const auto coefficients = least_squares(F, y);
      return std::pair{r2_of(F, coefficients, y), coefficients};
    };
    while (static_cast<int64_t>(chosen.size()) < std::min<int64_t>(kMostTerms, all.size(1))) {
      double best = regression.r2;
      int64_t added = -1;
      for (int64_t k = 0; k < all.size(1); ++k) {
        auto more = chosen;
        if (!more.insert(k).second) continue;
        if (const double r2 = fit(more).first; r2 > best) best = r2, added = k;
      }
      if (added < 0 || best < regression.r2 + kGain) break;
      chosen.insert(added);
      regression.r2 = best;
    }
    if (!chosen.empty()) {
      const auto coefficients = fit(chosen).second;
      int64_t i = 0;
      for (const int64_t k : chosen)
        regression.terms.push_back(
            {readable(texts[static_cast<size_t>(k)], names), coefficients[i++].item<double>()});
    }
    e.macro.push_back(std::move(regression));
  }
}

void explain_scales(MultiscaleModel& model, const States& s, const torch::Tensor& whole, Explanation& e) {
  const int64_t n_zeta = model->n_zeta(), n_eta = model->n_eta();
  if (n_eta == 0) return;
  const auto mean = s.z.mean(0, true).expand_as(s.z);
  const auto zeta = s.z.narrow(-1, 0, n_zeta), eta = s.z.narrow(-1, n_zeta, n_eta);
  const auto without_micro = torch::cat({zeta, mean.narrow(-1, n_zeta, n_eta)}, -1),
             without_macro = torch::cat({mean.narrow(-1, 0, n_zeta), eta}, -1);
  const auto change = [&](const torch::Tensor& z, int64_t first, int64_t count) {
    const auto of_scale = whole.narrow(-1, first, count);
    return ratio(rms(model->drift->forward(z, s.inputs).narrow(-1, first, count) - of_scale), rms(of_scale));
  };
  e.macro_needs_micro = change(without_micro, 0, n_zeta);
  e.micro_needs_macro = change(without_macro, n_zeta, n_eta);

  const auto scales = model->scales();
  const auto parts = model->reconstruct(s.z, scales);
  const auto micro = (model->decoder->variances().gate() * parts.micro).to(torch::kDouble);
  const auto field = parts.macro.to(torch::kDouble) + micro;
  e.micro_energy =
      ratio(micro.square().sum().item<double>(), (field - field.mean(0)).square().sum().item<double>());
  const auto unit = torch::eye(n_zeta, s.z.options());
  const auto range =
      std::get<0>(torch::linalg_qr(scales.prolong(unit).t().to(torch::kDouble)));  // [n, n_zeta]
  e.micro_inside_macro_range =
      ratio(micro.mm(range).square().sum().item<double>(), micro.square().sum().item<double>());
}

}  // namespace

Explanation explain(MultiscaleModel& model, const Dataset& stored) {
  const torch::NoGradGuard no_grad;
  const ModelSpec& spec = model->spec();
  check_fits(spec, stored);
  const TrainingData train(model->seen(stored), "train", model->coordinates, spec.own_clock());
  const int64_t T = train.n_snapshots();
  const auto chosen = evenly_spread(train.n_trajectories() * T, kStates);
  const auto g = train.gather(chosen.div(T, "floor"), chosen.remainder(T).unsqueeze(1));
  const States states = {model->encode(g.a.select(1, 0), model->scales()), {g.t, g.mu, g.f.select(1, 0)}};
  const auto whole = model->drift->forward(states.z, states.inputs);
  Explanation e;
  e.states = chosen.numel();
  explain_prior(model, states, whole, e);
  explain_macro(model, states, whole, e);
  explain_scales(model, states, whole, e);
  return e;
}

}  // namespace msde
