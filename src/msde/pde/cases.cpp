#include "msde/pde/cases.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/core/nearest.hpp"
#include "msde/pde/burgers_2d.hpp"
#include "msde/pde/kdv_1d.hpp"
#include "msde/pde/shallow_water_2d.hpp"
#include "msde/pde/wave_1d.hpp"

namespace msde {

// A new case is one row here and one file with its equation.
const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {.name = "wave_1d",
       .meaning = "travelling pulse of random width, closed form",
       .defaults = {.n_steps = 1001, .n_train = 20, .n_val = 5, .n_test = 5, .noise_std = .001},
       .shape = {1, 1000},
       .length = {1},
       .origin = {},
       .spacing = {},
       .boundary = "periodic",
       .axes = "x",
       .t_end = 1,
       .mu = 0,
       .simulate = simulate_wave_1d,
       .coarse = {.published_rate = advection_rate, .accurate_step = advection_step, .ends_coincide = true}},
      {.name = "kdv_1d",
       .meaning = "Korteweg-de Vries equation, wave packet of random amplitude and width",
       .defaults = {.n_steps = 1001, .n_train = 10, .n_val = 5, .n_test = 5, .noise_std = .01},
       .shape = {1, 1000},
       .length = {10},
       .origin = {},
       .spacing = {},
       .boundary = "periodic",
       .axes = "x",
       .t_end = 1,
       .mu = Kdv{}.dispersion,
       .simulate = simulate_kdv_1d,
       .coarse = {.published_rate = coarse_kdv_rate, .accurate_step = coarse_kdv_step}},
      {.name = "burgers_2d",
       .meaning = "viscous Burgers equation on a square, a moving hump of random height and width",
       .defaults = {.n_steps = 1001, .n_train = 20, .n_val = 5, .n_test = 5, .noise_std = .001},
       .shape = {1, 128, 128},
       .length = {1, 1},
       .origin = {0, 0},
       .spacing = {Burgers2d{}.h(), Burgers2d{}.h()},
       .boundary = "wall,wall",
       .axes = "x,y",
       .t_end = 1,
       .mu = 0,
       .simulate = simulate_burgers_2d,
       .coarse = {.published_rate = coarse_burgers_rate, .accurate_step = coarse_burgers_step}},
      {.name = "shallow_water_2d",
       .meaning = "shallow water, radial dam breaks of the radii of PDEBench; depth - 1",
       .defaults = {.n_steps = 101, .n_train = 900, .n_val = 50, .n_test = 50, .noise_std = .01},
       .shape = {1, 128, 128},
       .length = {RadialDam{}.side, RadialDam{}.side},
       .origin = {RadialDam{}.first_point(), RadialDam{}.first_point()},
       .spacing = {},
       .boundary = "open,open",
       .axes = "x,y",
       .t_end = 1,
       .mu = 0,
       .simulate = simulate_shallow_water_2d,
       .coarse = {.published_rate = coarse_shallow_water_rate,
                  .accurate_step = coarse_shallow_water_step,
                  .any_boundary = true,
                  .first_state = water_at_rest},
       .pdebench_offset = 1},
  };
  return table;
}

const Case& find_case(const std::string& name) {
  std::vector<std::string> valid;
  for (const Case& row : cases()) {
    if (row.name == name) return row;
    valid.push_back(row.name);
  }
  const auto guess = nearest(name, valid);
  throw ConfigError(fmt::format("unknown case '{}'{}; msde can generate: {}", name,
                                guess.empty() ? "" : " (did you mean '" + guess + "'?)",
                                fmt::join(valid, ", ")));
}

}  // namespace msde
