#include "msde/baselines/pod_sindy/polynomial_model.hpp"

#include <algorithm>
#include <cmath>

namespace msde {

int64_t PolynomialModel::parameters() const {
  return modes.numel() + coefficients.count_nonzero().item<int64_t>();
}

double blow_up_bound(const std::vector<torch::Tensor>& series) {
  double largest = 0;
  for (const auto& a : series) largest = std::max(largest, a.square().sum(1).max().item<double>());
  return 1000 * std::sqrt(std::max(largest, 1e-300));
}

OdeSolution integrate(const PolynomialModel& model, const torch::Tensor& initial, const OdeTimes& times) {
  const torch::NoGradGuard no_grad;
  const auto transposed = model.coefficients.t().contiguous();  // [n, F]
  auto features = torch::empty({model.library.size()}, torch::kDouble);
  auto rate = torch::empty({model.library.n}, torch::kDouble);
  const auto f = [&](double, const double* a, double* da) {
    model.library.evaluate(a, features.data_ptr<double>());
    torch::mv_out(rate, transposed, features);
    std::copy_n(rate.data_ptr<double>(), rate.numel(), da);
  };
  return integrate_ode(f, initial, times, model.ode);
}

std::unique_ptr<PointForecaster> make_forecaster(const std::string& name, const PolynomialModel& model,
                                                 const Grid& grid) {
  const auto path = [model](const torch::Tensor& first, const FrameTimes& times) {
    const auto a0 = first.unsqueeze(0).matmul(model.modes)[0] / model.scale;
    const auto solution = integrate(model, a0, {times.t0, times.dt, times.n_steps});
    return Path{(solution.states * model.scale).matmul(model.modes.t()), solution.evaluations};
  };
  return std::make_unique<PointForecaster>(name, grid, path);
}

}  // namespace msde
