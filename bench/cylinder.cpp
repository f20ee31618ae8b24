// The flow solver of cylinder_2d against what is not itself: docs/cylinder.md. One line of a table per run.
//
//   msde_bench_cylinder orders                     Taylor-Green cells in space and time; the body on three grids
//   msde_bench_cylinder channel CELLS T_END [RE]   the channel of the case: Strouhal number, drag, lift
//   msde_bench_cylinder open CELLS T_END [RE]      a wide channel, 40 x 32 diameters, for values of unbounded flow
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>

#include "msde/pde/equations/cylinder_2d.hpp"
#include "msde/pde/flow/shedding.hpp"
#include "msde/pde/flow/taylor_green.hpp"

namespace msde {
namespace {

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const Cylinder& c, double spacing, double t_end) {
  const auto start = std::chrono::steady_clock::now();
  CylinderFlow flow(c);
  Forces forces{spacing, {}, {}};
  const double scale = 2 / c.diameter;  // coefficients at speed 1
  const auto samples = static_cast<int64_t>(t_end / spacing + .5);
  for (int64_t i = 0; i < samples; ++i) {
    const auto f = flow.advance(spacing);
    forces.drag.push_back(scale * f.drag), forces.lift.push_back(scale * f.lift);
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double t = (c.diameter < 1 ? 2 : 30);  // the last time units are measured
  const auto s = shedding(forces, t_end - t, t_end);
  fmt::print(
      "Re {:g}, {:g} x {:g} diameters, {} cells a diameter, t = {:g}: St {:.4f}  drag {:.4f}  lift {:.4f}  "
      "({} periods; peaks of lift {:.6f} .. {:.6f})\n",
      c.reynolds, c.length / c.diameter, c.height / c.diameter, c.cells_per_diameter, t_end,
      s.frequency * c.diameter, s.mean_drag, s.lift, s.periods, s.first_peak, s.last_peak);
  fmt::print("slip {:.2e}, divergence {:.2e}; {} steps, {:.1f} s wall, {:.1f} s processor, {} threads\n",
             flow.flow().largest_slip(flow.velocity()), flow.flow().largest_divergence(flow.velocity()),
             flow.steps(), wall, processor_seconds(), at::get_num_threads());
}

void taylor_green() {
  double before = 0;
  for (const int64_t n : {16, 32, 64, 128}) {
    const TaylorGreen cells{.n = n};
    const double error = largest_difference(cells.channel(), cells.computed(4 * n, .4), cells.exact(.4));
    fmt::print("Taylor-Green, h = 1/{}: error {:.3e}{}\n", n, error,
               before > 0 ? fmt::format(", order {:.3f}", std::log2(before / error)) : "");
    before = error;
  }
  const TaylorGreen cells{.n = 32};
  const auto reference = cells.computed(2560, .4);
  before = 0;
  for (const int64_t steps : {40, 80, 160, 320}) {
    const double error = largest_difference(cells.channel(), cells.computed(steps, .4), reference);
    fmt::print("Taylor-Green, dt = .4/{}: error {:.3e}{}\n", steps, error,
               before > 0 ? fmt::format(", order {:.3f}", std::log2(before / error)) : "");
    before = error;
  }
}

// The wake of the case before it sheds, at the points of the data in the fluid.
void three_grids(double t_end) {
  const auto fluid = cylinder_fluid();
  std::vector<torch::Tensor> fields;
  std::vector<double> drags;
  for (const int64_t cells : {10, 20, 40}) {
    CylinderFlow flow(Cylinder{.cells_per_diameter = cells, .disturbance = 0});
    double drag = 0;
    for (int i = 0; i < static_cast<int>(t_end * 100 + .5); ++i) drag = 16 * flow.advance(.01).drag;
    const auto field = flow.at_points(CylinderPoints::spacing, CylinderPoints::shape);
    const auto mask = torch::tensor(std::vector<int64_t>(fluid.begin(), fluid.end())).view({320, 80});
    fields.push_back(field * mask), drags.push_back(drag);
    fmt::print("body, {} cells a diameter, t = {:g}: drag {:.4f}\n", cells, t_end, drag);
  }
  const double coarse = (fields[0] - fields[1]).norm().item<double>(),
               fine = (fields[1] - fields[2]).norm().item<double>(), all = fields[2].norm().item<double>();
  fmt::print("body, velocity at the points: 10 to 20 cells {:.3e}, 20 to 40 cells {:.3e}, order {:.2f}\n",
             coarse / all, fine / all, std::log2(coarse / fine));
  fmt::print("body, drag: order {:.2f}\n", std::log2((drags[0] - drags[1]) / (drags[1] - drags[2])));
}

}  // namespace
}  // namespace msde

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "orders") {
    msde::taylor_green();
    msde::three_grids(1);
    return 0;
  }
  if (argc < 4) {
    fmt::print(stderr,
               "usage: msde_bench_cylinder orders | channel CELLS T_END [RE] | open CELLS T_END [RE]\n");
    return 2;
  }
  msde::Cylinder c;
  if (what == "open") c = {.length = 40, .height = 32, .diameter = 1, .x = 16, .y = 16};
  c.cells_per_diameter = std::atol(argv[2]);
  c.reynolds = argc > 4 ? std::atof(argv[4]) : what == "open" ? 100 : 160;
  msde::measure(c, what == "open" ? .1 : .01, std::atof(argv[3]));
}
