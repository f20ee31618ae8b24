// The benchmark cases: a new one is a row here, the header of its equation above, and the file of equations/
// with what they name.
//
// Included by two tables. cases.cpp defines MSDE_CASES_COMPUTE and has all of each row (Case, cases.hpp);
// generate_options.cpp, which does without LibTorch for the small program's sake, has of it what stands
// outside of COMPUTED (CaseChoice, generate_options.hpp).
#pragma once

#include <vector>

#include "msde/pde/generate_options.hpp"

#ifdef MSDE_CASES_COMPUTE
#include "msde/pde/cases.hpp"
#include "msde/pde/equations/burgers_2d.hpp"
#include "msde/pde/equations/cylinder_2d.hpp"
#include "msde/pde/equations/kdv_1d.hpp"
#include "msde/pde/equations/shallow_water_2d.hpp"
#include "msde/pde/equations/wave_1d.hpp"
#define COMPUTED(...) __VA_ARGS__
#else
#define COMPUTED(...)
#endif

namespace msde {

#ifdef MSDE_CASES_COMPUTE
using CaseRow = Case;
#else
using CaseRow = CaseChoice;
#endif

// clang-format off
static inline std::vector<CaseRow> case_rows() {
  return {
      {.name = "wave_1d",
       .meaning = "travelling pulse of random width, closed form",
       .defaults = {.n_steps = 1001, .n_train = 20, .n_val = 5, .n_test = 5, .noise_std = .001},
       COMPUTED(.grid = {.shape = {1000}, .length = {1}, .boundary = {Boundary::periodic}, .axes = {"x"}},
                .t_end = 1,
                .simulate = simulate_wave_1d,
                .coarse = {.published_rate = advection_rate,
                           .accurate_step = advection_step,
                           .ends_coincide = true},
                .published = PublishedCase{.coarse_dns = {1.381, .382},
                                           .dmd = {.492, .066},
                                           .pod_sindy = {.469, .054},
                                           .macro_only = {.565, .116},
                                           .multiscale = {.079, .031},
                                           .n_zeta = 20,
                                           .n_frames = 201,
                                           .scheme = "euler_maruyama",
                                           .n_enc = 1})},

      {.name = "kdv_1d",
       .meaning = "Korteweg-de Vries equation, wave packet of random amplitude and width",
       .defaults = {.n_steps = 1001, .n_train = 10, .n_val = 5, .n_test = 5, .noise_std = .01},
       COMPUTED(.grid = {.shape = {1000}, .length = {10}, .boundary = {Boundary::periodic}, .axes = {"x"}},
                .t_end = 1,
                .mu = Kdv{}.dispersion,
                .simulate = simulate_kdv_1d,
                .coarse = {.published_rate = coarse_kdv_rate, .accurate_step = coarse_kdv_step},
                .published = PublishedCase{.coarse_dns = {.523, .196},
                                           .dmd = {.163, .046},
                                           .pod_sindy = {.057, .028},
                                           .macro_only = {.324, .078},
                                           .multiscale = {.042, .017},
                                           .n_zeta = 20,
                                           .n_frames = 1001,
                                           .learned_drops_last = 1,
                                           .pod_sindy_degree = 2})},

      {.name = "burgers_2d",
       .meaning = "viscous Burgers equation on a square, a moving hump of random height and width",
       .defaults = {.n_steps = 1001, .n_train = 20, .n_val = 5, .n_test = 5, .noise_std = .001},
       COMPUTED(.grid = {.shape = {128, 128},
                         .length = {1, 1},
                         .boundary = {Boundary::wall, Boundary::wall},
                         .axes = {"x", "y"},
                         .origin = {0, 0},
                         .spacing = {Burgers2d{}.h(), Burgers2d{}.h()}},
                .t_end = 1,
                .simulate = simulate_burgers_2d,
                .coarse = {.published_rate = coarse_burgers_rate, .accurate_step = coarse_burgers_step},
                .published = PublishedCase{.coarse_dns = {.560, .273},
                                           .dmd = {.097, .039},
                                           .pod_sindy = {.057, .045},
                                           .macro_only = {.141, .040},
                                           .multiscale = {.028, .019},
                                           .n_zeta = 64,
                                           .n_frames = 1001,
                                           .n_enc = 16,
                                           .pod_sindy_threshold = .03})},

      {.name = "shallow_water_2d",
       .meaning = "shallow water, radial dam breaks of the radii of PDEBench; depth - 1",
       .defaults = {.n_steps = 101, .n_train = 900, .n_val = 50, .n_test = 50, .noise_std = .01},
       COMPUTED(.grid = {.shape = {128, 128},
                         .length = {RadialDam{}.side, RadialDam{}.side},
                         .boundary = {Boundary::open, Boundary::open},
                         .axes = {"x", "y"},
                         .origin = {RadialDam{}.first_point(), RadialDam{}.first_point()}},
                .t_end = 1,
                .simulate = simulate_shallow_water_2d,
                .coarse = {.published_rate = coarse_shallow_water_rate,
                           .accurate_step = coarse_shallow_water_step,
                           .any_boundary = true,
                           .first_state = water_at_rest},
                .pdebench_offset = 1,
                .published = PublishedCase{.coarse_dns = {.861, .190},
                                           .dmd = {.531, .227},
                                           .pod_sindy = {.535, .210},
                                           .macro_only = {.426, .099},
                                           .multiscale = {.152, .047},
                                           .n_zeta = 64,
                                           .n_frames = 101,
                                           .scheme = "euler_maruyama",
                                           .n_enc = 16,
                                           .pod_sindy_drops_last = 1,
                                           .pod_sindy_threshold = .01})},

      {.name = "cylinder_2d",
       .meaning = "vortices behind a cylinder, one trajectory cut in time; or Reynolds numbers as mu",
       .defaults = {.n_steps = 1501, .n_train = 1, .n_val = 1, .n_test = 1, .noise_std = 0,
                    .cells_per_diameter = 20, .n_beyond = 700, .reynolds = {160}},
       COMPUTED(.grid = {.channels = 2,
                         .shape = {CylinderPoints::shape[0], CylinderPoints::shape[1]},
                         .length = {4, 1},
                         .boundary = {{Boundary::inflow, Boundary::outflow}, Boundary::wall},
                         .axes = {"x", "y"},
                         .origin = {0, 0},
                         .spacing = {CylinderPoints::spacing, CylinderPoints::spacing}},
                .stream = CaseStream{.simulate = simulate_cylinder_2d, .spacing = .01, .fluid = cylinder_fluid},
                .coarse = {.own = {.forecast = coarse_cylinder,
                                   .shape = coarse_cylinder_shape,
                                   .resolutions = {5, 8, 10}}},
                .published = PublishedCase{.coarse_dns = {.130, .040},
                                           .dmd = {.016, .006},
                                           .pod_sindy = {.051, .024},
                                           .macro_only = {.063, .005},
                                           .multiscale = {.009, .001},
                                           .n_zeta = 512,
                                           .n_frames = 100,
                                           .learned_drops_last = 1,
                                           .pod_sindy_drops_last = 1})},
  };
}
// clang-format on

}  // namespace msde

#undef COMPUTED
#undef MSDE_CASES_COMPUTE
