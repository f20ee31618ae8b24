#include "msde/model/model_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <cmath>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/grid/symmetry.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/physics/quadratic_map.hpp"
#include "msde/scales/coarse_points.hpp"

namespace msde {
namespace {

constexpr int64_t kMostAxes = 8, kMostNumbers = int64_t{1} << 40;
constexpr double kLeast = std::numeric_limits<float>::min(), kMost = std::numeric_limits<float>::max();

class Description {
 public:
  explicit Description(const std::string& origin) : origin_(origin) {}

  void require(bool holds, const std::string& name, const std::string& got,
               const std::string& expected) const {
    if (!holds)
      throw ModelFormatError(
          fmt::format("{}: its description has {} = {}, expected {}", origin_, name, got, expected));
  }
  void positive(const std::string& name, double value) const {
    require(value >= kLeast && value <= kMost, name, fmt::format("{}", value), "a positive number");
  }
  void finite(const std::string& name, double value) const {
    require(std::abs(value) <= kMost, name, fmt::format("{}", value), "a finite number");
  }
  void one_per_axis(const std::string& name, size_t got, int64_t axes) const {
    require(static_cast<int64_t>(got) == axes, name, fmt::format("{} values", got),
            fmt::format("{}, one per axis of the grid", axes));
  }

 private:
  const std::string& origin_;
};

void check_grid(const Grid& grid, const Description& d) {
  const int64_t axes = grid.dimensions();
  d.require(axes >= 1 && axes <= kMostAxes, "grid.shape", fmt::format("{} axes", axes),
            fmt::format("1 to {}", kMostAxes));
  d.require(grid.channels >= 1, "grid.channels", std::to_string(grid.channels), "at least 1");
  int64_t numbers = grid.channels;
  for (const int64_t n : grid.shape) {
    d.require(n >= 1 && n <= kMostNumbers / std::max<int64_t>(1, numbers), "grid.shape", std::to_string(n),
              "points of a grid that memory can hold");
    numbers *= n;
  }
  d.one_per_axis("grid.length", grid.length.size(), axes);
  d.one_per_axis("grid.boundary", grid.boundary.size(), axes);
  d.one_per_axis("grid.axes", grid.axes.size(), axes);
  for (const double length : grid.length) d.positive("grid.length", length);
  if (!grid.origin.empty()) d.one_per_axis("grid.origin", grid.origin.size(), axes);
  if (!grid.spacing.empty()) d.one_per_axis("grid.spacing", grid.spacing.size(), axes);
  for (const double origin : grid.origin) d.finite("grid.origin", origin);
  for (const double spacing : grid.spacing) d.positive("grid.spacing", std::abs(spacing));
}

void check_units(const ModelSpec& spec, const Description& d) {
  const Units& u = spec.units;
  const auto per_channel = [&](const std::string& name, const std::vector<double>& values, auto holds) {
    d.require(static_cast<int64_t>(values.size()) == spec.grid.channels, name,
              fmt::format("{} values", values.size()),
              fmt::format("{}, one per channel", spec.grid.channels));
    for (const double value : values)
      d.require(std::isfinite(value) && holds(value), name, fmt::format("{}", value),
                "a finite number, positive where it is a scale");
  };
  if (!u.scale.empty() || !u.centre.empty() || !spec.channel_noise.empty()) {
    per_channel("units.centre", u.centre, [](double) { return true; });
    per_channel("units.scale", u.scale, [](double x) { return std::isnormal(x) && x > 0; });
    per_channel("units.noise", spec.channel_noise, [](double x) { return x >= 0 && x <= kMost; });
  }
  const auto constants = static_cast<int64_t>(u.constant.size());
  d.require(constants == 0 || constants == spec.grid.channels, "units.constant",
            fmt::format("{} values", constants),
            fmt::format("none or {}, one per channel", spec.grid.channels));
  d.require(std::isfinite(u.time_origin), "units.time_origin", fmt::format("{}", u.time_origin), "a time");
  d.require(std::isnormal(u.time_scale) && u.time_scale > 0, "units.time_scale",
            fmt::format("{}", u.time_scale), "a positive time");
  // What enters the networks is a float32.
  for (const double t : {spec.t_begin, spec.t_end, spec.t_begin + spec.dt})
    d.finite("a time over time_scale", u.time_without(t));
}

bool ends_with(const std::string& name, const std::string& end) {
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

// Units that something is divided by, steps and variances; and factors that calibration may set to 0.
constexpr const char* kPositive[] = {
    "zeta_std", "residual_scale",   "micro_scale",         "mu_std", "f_std", "t_half",
    "rate",     "integration_step", "observation_variance"};
constexpr const char* kNotNegative[] = {"dispersion.scale", "initial_scale", "local.scale", "prior.variance",
                                        "prior.rest"};

// Of a description that has been checked for one boundary per axis.
bool frame_fits(const ModelSpec& spec) {
  const auto& period = spec.frame_period;
  if (period.empty()) return spec.options.frame != "start";
  if (period.size() != spec.grid.shape.size() || spec.options.frame != "start" || spec.grid.mask)
    return false;
  for (size_t axis = 0; axis < period.size(); ++axis) {
    const int64_t n = spec.grid.shape[axis];
    const bool moves = spec.grid.boundary[axis].periodic();
    if (moves ? period[axis] < std::max<int64_t>(1, n - 1) || period[axis] > n : period[axis] != 0)
      return false;
  }
  return true;
}

void check_prior_of(const ModelSpec& spec, const Description& d, const std::string& origin) {
  constexpr int64_t kMostChannels = 1024;  // with equations of their own
  const ModelOptions o = with_preset(spec.options);
  if (!o.prior.empty())
    d.require(spec.grid.channels <= kMostChannels, "grid.channels", std::to_string(spec.grid.channels),
              fmt::format("at most {} with a prior", kMostChannels));
  try {
    check_prior(o, spec.grid);
    if (!o.prior.empty()) read_prior(o.prior, names_in(spec));
  } catch (const ConfigError& error) {
    throw ModelFormatError(fmt::format("{}: its description does not fit itself: {}", origin, error.what()));
  }
  const auto& period = spec.prior_period;
  if (!o.prior.empty() && !spec.frame_period.empty() && read_prior(o.prior, names_in(spec)).depends_on_place)
    throw ModelFormatError(origin + ": its description has both a prior with coordinates and a frame_period");
  d.require(period.empty() || period.size() == spec.grid.shape.size(), "prior_period",
            fmt::format("[{}]", fmt::join(period, ", ")), "one number per axis");
  for (size_t axis = 0; axis < period.size(); ++axis) {
    const int64_t n = spec.grid.shape[axis];
    const bool repeats = spec.grid.boundary[axis].periodic() && period[axis] == n - 1 && n > 1;
    d.require(repeats || period[axis] == n, "prior_period", std::to_string(period[axis]),
              fmt::format("{}, or one less along a periodic axis", n));
  }
}

}  // namespace

void check_description(const ModelSpec& spec, const std::string& origin) {
  const Description d(origin);
  check_grid(spec.grid, d);
  try {
    check_coarse_grid(spec.grid, spec.options.n_zeta);
    symmetry_group(spec.grid);
    coarse_symmetry_group(spec.grid, spec.options.n_zeta);
  } catch (const ConfigError& error) {
    throw ModelFormatError(fmt::format("{}: its description does not fit itself: {}", origin, error.what()));
  }
  check_prior_of(spec, d, origin);
  d.require(spec.n_reduced >= 0 && spec.n_reduced <= spec.grid.size(), "n_reduced",
            std::to_string(spec.n_reduced), fmt::format("0 to {}, the values of a field", spec.grid.size()));
  d.require(spec.grid.symmetry.empty() || (spec.n_reduced > 0 && !spec.units.scale.empty()), "grid.symmetry",
            fmt::format("[{}]", fmt::join(spec.grid.symmetry, ", ")),
            "none, as the model has no reduced basis or no units");
  d.require(frame_fits(spec), "frame_period", fmt::format("[{}]", fmt::join(spec.frame_period, ", ")),
            "of each periodic axis its points, or one less, of others 0, without a mask and with "
            "options.frame = start");
  d.require(spec.n_prior >= 0 && spec.n_prior <= spec.grid.size(), "n_prior", std::to_string(spec.n_prior),
            fmt::format("0 to {}, the values of a field", spec.grid.size()));
  d.require(spec.n_first >= 0 && spec.n_first <= kMostNumbers, "n_first", std::to_string(spec.n_first),
            "0 or more");
  d.require(spec.n_mu >= 0 && spec.n_mu <= kMostNumbers, "n_mu", std::to_string(spec.n_mu), "0 or more");
  d.require(spec.n_f >= 0 && spec.n_f <= kMostNumbers, "n_f", std::to_string(spec.n_f), "0 or more");
  try {
    require_dates(spec.own_clock(), "clock");
  } catch (const ConfigError& error) {
    throw ModelFormatError(fmt::format("{}: its description does not fit itself: {}", origin, error.what()));
  }
  d.require(spec.n_given_f() >= 0, "n_f", std::to_string(spec.n_f),
            fmt::format("at least {}, as it has a clock", spec.own_clock().size()));
  d.positive("dt", spec.dt);
  d.finite("t_begin", spec.t_begin);
  d.finite("t_end", spec.t_end);
  d.require(spec.t_begin < spec.t_end, "t_end", fmt::format("{}", spec.t_end),
            fmt::format("a time after t_begin = {}", spec.t_begin));
  check_units(spec, d);
  d.require(spec.noise_std >= 0 && spec.noise_std <= kMost, "noise_std", fmt::format("{}", spec.noise_std),
            "0 or a positive number");
}

// Some of the largest tensors of a model, which a file must hold, too.
void check_size(const ModelSpec& spec, int64_t values, const std::string& origin) {
  const Description d(origin);
  const ModelOptions o = with_preset(spec.options);
  const auto fits = [&](const std::string& name, const std::string& got,
                        std::initializer_list<int64_t> lengths) {
    int64_t size = 1;
    bool holds = true;
    for (const int64_t length : lengths) holds = holds && !__builtin_mul_overflow(size, length, &size);
    d.require(holds && size <= values, name, got,
              fmt::format("what the {} values of the file can be", values));
  };
  const auto one = [&](const std::string& name, int64_t got, std::initializer_list<int64_t> lengths) {
    fits(name, std::to_string(got), lengths);
  };
  const Grid& grid = spec.grid;
  const int64_t n_y = grid.size(), n = spec.n_reduced > 0 ? spec.n_reduced : n_y;
  fits("grid.shape", fmt::format("[{}] with {} channels", fmt::join(grid.shape, ", "), grid.channels), {n_y});
  one("n_reduced", spec.n_reduced, {n_y, spec.n_reduced});
  one("n_prior", spec.n_prior, {n, spec.n_prior});
  one("n_first", spec.n_first, {n, n, spec.n_first});
  one("n_mu", spec.n_mu, {spec.n_mu});
  one("n_f", spec.n_f, {spec.n_f});
  int64_t cells = 1, stencil = grid.channels;
  for (const int64_t points :
       o.n_zeta) {  // a divisor of that axis each, so that their product is no larger than n_y
    cells *= points;
    const bool holds = !__builtin_mul_overflow(stencil, 2 * o.stencil_radius + 1, &stencil);
    one("options.stencil_radius", o.stencil_radius, {holds ? stencil : values + 1, cells});
  }
  if (grid.mask || !grid.symmetry.empty()) cells = carried_cells(grid, o.n_zeta).numel();
  if (o.preset == "reduced") one("n_reduced", spec.n_reduced, {n, cells, grid.channels});
  const int64_t n_z = cells * grid.channels + o.n_eta;
  d.require(!o.is_linear() || spec.n_reduced == n_z, "n_reduced", std::to_string(spec.n_reduced),
            fmt::format("{}, as many as states, with a linear micro decoder", n_z));
  int64_t waves = 0;  // cell_positions
  for (size_t axis = 0; o.position == "on" && axis < o.n_zeta.size(); ++axis)
    if (!grid.boundary[axis].periodic()) waves += std::bit_width(static_cast<uint64_t>(o.n_zeta[axis])) - 1;
  fits("options.position", o.position, {cells, 2 * waves});
  if (o.local_modes > 0) one("options.local_modes", o.local_modes, {cells, o.local_modes, n});
  const auto network = [&](const std::string& name, int64_t in, const std::vector<int64_t>& hidden,
                           int64_t out) {
    for (size_t i = 0; i <= hidden.size(); ++i) {
      const int64_t width = i < hidden.size() ? hidden[i] : out;
      fits("options." + name, fmt::format("[{}]", fmt::join(hidden, ", ")), {in, width});
      in = width;
    }
  };
  const bool dense = o.n_eta > 0 && o.preset != "paper";
  if (dense) network("encoder_hidden", n, o.encoder_hidden, o.n_eta);
  if (dense) network("decoder_hidden", o.n_eta, o.decoder_hidden, n);
  if (dense && o.local_modes > 0) network("local_hidden", stencil, o.local_hidden, o.local_modes);
  if (!o.prior.empty()) {
    const int64_t read = o.prior.at == "decoded" ? n_z : cells * grid.channels;
    for (const auto& piece : read_prior(o.prior, names_in(spec)).pieces)
      if (piece.is_polynomial && (piece.degree < 2 || read <= PriorDrift::kMostQuadratic))
        one("options.prior.terms", piece.degree, {monomial_count(read, piece.degree), read});
  }
  if (o.closure == "none") return;
  network("macro_drift_hidden", stencil, o.macro_drift_hidden, grid.channels);
  if (o.n_eta > 0) network("micro_drift_hidden", o.n_eta, o.micro_drift_hidden, o.n_eta);
}

void check_state(const std::map<std::string, torch::Tensor>& state, const std::string& origin) {
  const auto refuse = [&](const std::string& name, const std::string& what) {
    throw ModelFormatError(origin + ": tensor " + name + " holds " + what);
  };
  for (const auto& [name, tensor] : state) {
    if (!tensor.is_floating_point() || tensor.numel() == 0) continue;
    if (!tensor.isfinite().all().item<bool>()) refuse(name, "numbers that are not finite");
    const double least = tensor.min().item<double>();
    for (const char* end : kPositive)
      if (ends_with(name, end) && least <= 0)
        refuse(name, fmt::format("{}, expected positive numbers", least));
    for (const char* end : kNotNegative)
      if (ends_with(name, end) && least < 0)
        refuse(name, fmt::format("{}, expected numbers of at least 0", least));
  }
}

}  // namespace msde
