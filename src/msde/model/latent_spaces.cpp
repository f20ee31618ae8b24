#include "msde/model/latent_spaces.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/scales/coarse_points.hpp"

namespace msde {
namespace {

// Of every channel its number, beside axes.
torch::Tensor per_channel(const std::vector<double>& values, const torch::Tensor& fields, int64_t axes) {
  std::vector<int64_t> shape(static_cast<size_t>(axes) + 1, 1);
  shape[0] = -1;
  return torch::tensor(values, torch::kDouble).to(fields.options()).view(shape);
}

std::vector<int64_t> field_shape(const Grid& grid) {
  std::vector<int64_t> shape = {-1, grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  return shape;
}

Grid coarse_grid(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  Grid coarse = grid;
  coarse.origin.clear(), coarse.spacing.clear();
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t sigma = grid.shape[axis] / n_zeta[axis];
    const double h = grid.spacing_of(axis);
    coarse.shape[axis] = n_zeta[axis];
    coarse.spacing.push_back(h * static_cast<double>(sigma));
    coarse.origin.push_back(grid.origin_of(axis) +
                            h * static_cast<double>(first_coarse_point(grid.boundary[axis], sigma)));
  }
  return coarse;
}

// The affine map z -> offset + z A of a decoder, and the linear one of its encoder.
struct Affine {
  torch::Tensor offset, A;
};
Affine decoded(const LatentParts& parts, int64_t n_z) {
  const torch::NoGradGuard no_grad;
  const auto like = parts.encoder->units().mean.options();
  auto decoder = parts.decoder;
  const auto points = torch::cat({torch::zeros({1, n_z}, like), torch::eye(n_z, like)});
  const auto a = decoder->mean(points, parts.filter->scales(), parts.encoder->units());
  return {a.narrow(0, 0, 1), a.narrow(0, 1, n_z) - a.narrow(0, 0, 1)};
}
torch::Tensor encoded(const LatentParts& parts) {
  const torch::NoGradGuard no_grad;
  const int64_t n = parts.coordinates->size();
  const auto like = parts.encoder->units().mean.options();
  auto encoder = parts.encoder;
  const auto points = torch::cat({torch::zeros({1, n}, like), torch::eye(n, like)});
  const auto z = encoder->mean(points, parts.filter->scales());
  return z.narrow(0, 1, n) - z.narrow(0, 0, 1);
}

}  // namespace

LatentSpace decoded_space(const ModelSpec& spec, const LatentParts& parts) {
  const Grid grid = spec.grid;
  const Units units = spec.units;
  const int64_t D = grid.dimensions(),
                n_z = restricted_points(grid, spec.options.n_zeta).numel() + spec.options.n_eta;
  LatentSpace space = {.n = n_z, .grid = grid, .period = spec.prior_period, .fields = {}, .read = {}};
  space.fields = [=](const torch::Tensor& z) {
    const auto [offset, A] = decoded(parts, n_z);
    const auto a = offset.to(z.options()) + torch::matmul(z, A.to(z.options()));
    const auto y = torch::matmul(a, parts.coordinates->basis().to(z.options()).t()).view(field_shape(grid));
    return units.scale.empty() ? y : y * per_channel(units.scale, z, D) + per_channel(units.centre, z, D);
  };
  space.read = [=](const torch::Tensor& rates) {
    const auto y = units.scale.empty() ? rates : rates / per_channel(units.scale, rates, D);
    const auto a = torch::matmul(y.flatten(1), parts.coordinates->basis().to(rates.options()));
    return torch::matmul(a, encoded(parts).to(rates.options()));
  };
  return space;
}

LatentSpace macro_space(const ModelSpec& spec, const LatentParts& parts) {
  const Grid grid = coarse_grid(spec.grid, spec.options.n_zeta);
  const Units units = spec.units;
  const int64_t D = grid.dimensions();
  LatentSpace space = {.n = grid.size(), .grid = grid, .period = {}, .fields = {}, .read = {}};
  space.fields = [=](const torch::Tensor& zeta) {
    const auto [mean, std] = parts.encoder->units();
    const auto y = (zeta * std.to(zeta.options()) + mean.to(zeta.options())).view(field_shape(grid));
    return units.scale.empty() ? y
                               : y * per_channel(units.scale, zeta, D) + per_channel(units.centre, zeta, D);
  };
  space.read = [=](const torch::Tensor& rates) {
    const auto y = units.scale.empty() ? rates : rates / per_channel(units.scale, rates, D);
    return y.flatten(1) / parts.encoder->units().std.to(rates.options());
  };
  return space;
}

ExpressionNames names_of(const Grid& grid, const FieldLabels& labels, int64_t n_mu, int64_t n_f) {
  ExpressionNames names = {.channels = labels.channels, .axes = grid.axes, .n_mu = n_mu, .n_f = n_f};
  names.channels.resize(static_cast<size_t>(grid.channels));
  if (names.channels.size() == 1 && names.channels[0].empty()) names.channels[0] = "u";
  return names;
}

ExpressionNames names_in(const ModelSpec& spec) {
  return names_of(spec.grid, spec.labels, spec.n_mu, spec.n_f);
}

PriorTerms checked_prior(const ModelOptions& o, const Grid& grid, const ExpressionNames& names) {
  check_prior(o, grid);
  auto prior = read_prior(o.prior, names);
  if (prior.depends_on_place && o.frame == "start")
    throw ConfigError(
        "model.frame = \"start\": a term of the prior has a coordinate, which says where the origin is; "
        "expected \"fixed\"");
  return prior;
}

void check_prior(const ModelOptions& given, const Grid& grid) {
  const auto o = with_preset(given);
  if (o.micro_decoder == "linear" && o.preset != "reduced")
    throw ConfigError("model.micro_decoder = \"linear\": expected model.preset = \"reduced\"");
  if (o.prior.empty()) {
    if (o.closure == "none")
      throw ConfigError(
          "model.closure = \"none\": there is no prior.terms, so nothing would move; name the terms");
    return;
  }
  constexpr int64_t kMostPoints = 8192;  // of an axis whose differences are a matrix
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis)
    if (grid.shape[axis] > kMostPoints &&
        (!grid.boundary[axis].periodic() || o.prior.order_of_differences() > 0))
      throw ConfigError(fmt::format(
          "prior.terms: the axis {} has {} points, expected at most {} where derivatives are differences",
          grid.axes[axis], grid.shape[axis], kMostPoints));
  if (grid.mask)
    throw ConfigError(
        "prior.terms: the data have points that are no fluid, at whose edge no derivative is known; expected "
        "data without a mask");
  if (o.prior.at == "decoded" && !o.is_linear())
    throw ConfigError(
        fmt::format("prior.at = \"decoded\": needs model.preset = \"reduced\" and model.micro_decoder = "
                    "\"linear\", got \"{}\" "
                    "and \"{}\"; prior.at = \"macro\" acts on the coarse points of any model",
                    o.preset, o.micro_decoder));
  if (o.prior.at == "macro" && !grid.symmetry.empty())
    throw ConfigError(
        "prior.at = \"macro\": cells that symmetries map onto each other carry one unknown; expected "
        "data.symmetry = \"none\"");
  if (o.prior.at == "macro" && o.is_linear())
    throw ConfigError(
        "prior.at = \"macro\": zeta of a linear micro decoder are no values at coarse points; expected "
        "model.micro_decoder = \"eta_zeta\"");
}

}  // namespace msde
