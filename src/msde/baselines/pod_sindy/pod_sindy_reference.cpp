#include "msde/baselines/pod_sindy/pod_sindy.hpp"
#include "msde/baselines/pod_sindy/polynomial_model.hpp"
#include "msde/baselines/pod_sindy/rate_regression.hpp"
#include "msde/baselines/snapshots.hpp"
#include "msde/baselines/validation.hpp"
#include "msde/core/error.hpp"
#include "msde/pde/cases.hpp"

namespace msde {
// What the recipe leaves open, on kdv_1d (published .057): relative error over five data sets of other seeds,
// 0 to 4, and how many of their 25 test forecasts blow up.
//   ridge .05 (PySINDy's default), refit: .143 (15)         the same without refit: .182 (14)
//   ridge 2, no refit: .147 (1); ridge 64: .062 (0)         ridge 16, refit: .227 (14)
//   coordinates of unit variance, no refit: ridge .05 .164 (5), ridge 1 .057 (0), ridge 2 .050 (0), ridge 16
//   .038 (0)
// Of seed 0 alone also: library columns of unit norm .13 to .48, whitened coordinates .11 to .33. The closest
// is used. On wave_1d (published .469) none of these matters: .56.
FittedBaseline fit_pod_sindy_reference(const BaselineContext& context) {
  const Case* paper = find_published_case(context.case_name);
  const PublishedCase published = paper ? *paper->published : PublishedCase{};
  const StlsqOptions sparse = {
      .threshold = published.pod_sindy_threshold, .ridge = 1, .max_iterations = 10, .refit = false};
  auto reduced = reduce(context, context.n_zeta + context.n_eta);
  const double scale = torch::cat(reduced.train).std(/*unbiased=*/false).item<double>();
  if (!(scale > 0)) throw DataError("pod_sindy: all training snapshots are alike");
  for (auto& a : reduced.train) a = a / scale;

  PolynomialModel model;
  model.modes = reduced.modes;
  model.scale = scale;
  model.library = {reduced.rank(), published.pod_sindy_degree, /*constant=*/false};
  const auto regression = forward_difference_regression(reduced.train, reduced.dt, model.library);
  model.coefficients = stlsq(regression, sparse);
  model.ode = {.bound = blow_up_bound(reduced.train)};
  const nlohmann::ordered_json facts = {{"rank", reduced.rank()},
                                        {"retained_energy", reduced.retained_energy(reduced.rank())},
                                        {"degree", published.pod_sindy_degree},
                                        {"threshold", sparse.threshold},
                                        {"ridge", sparse.ridge},
                                        {"terms", model.coefficients.count_nonzero().item<int64_t>()},
                                        {"terms_offered", model.coefficients.numel()}};
  return finish(make_forecaster("pod_sindy (reference)", model, context.data.grid()), facts,
                model.parameters(), context);
}

}  // namespace msde
