#include "msde/pde/cases.hpp"

#include "msde/pde/equations/burgers_2d.hpp"
#include "msde/pde/equations/kdv_1d.hpp"
#include "msde/pde/equations/shallow_water_2d.hpp"
#include "msde/pde/equations/wave_1d.hpp"

namespace msde {

// A new case is one row here, one in case_choices() (generate_options.cpp) and one file with its equation.
const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {.name = "wave_1d",
       .defaults = default_generate_options("wave_1d"),
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
       .defaults = default_generate_options("kdv_1d"),
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
       .defaults = default_generate_options("burgers_2d"),
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
       .defaults = default_generate_options("shallow_water_2d"),
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
  for (const Case& row : cases())
    if (row.name == name) return row;
  throw unknown_case(name);
}

}  // namespace msde
