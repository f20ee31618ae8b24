#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/baselines/pod_sindy/pod_sindy.hpp"
#include "msde/baselines/pod_sindy/polynomial_model.hpp"
#include "msde/baselines/pod_sindy/rate_regression.hpp"
#include "msde/baselines/snapshots.hpp"
#include "msde/baselines/validation.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr int64_t most_linear_modes = 160,
                  most_quadratic_modes = 30;  // 30: 496 terms, more are slow and ill-posed

struct Choice {
  int64_t degree = 1, half_width = 10, rank = 1;
  double ridge = 1e-8, threshold = 0;
};

// Candidates of one data set. Coordinates are divided by the root mean square of the first, so ridge and
// threshold are free of the unit of the data.
class Search {
 public:
  explicit Search(const BaselineContext& context)
      : reduced_(reduce(context, most_linear_modes)),
        scale_(reduced_.singular_values[0].item<double>() /
               std::sqrt(static_cast<double>(reduced_.train.size() * reduced_.train[0].size(0)))) {
    if (!(scale_ > 0)) throw DataError("pod_sindy: all training snapshots are zero");
    for (const auto& a : reduced_.train) scaled_.push_back(a / scale_);
    bound_ = blow_up_bound(scaled_);
  }

  void choose() {
    scan_structure();
    const Choice structure = best_;
    for (const double ridge : {1e-12, 1e-10, 1e-9, 1e-7, 1e-6, 1e-5, 1e-4})
      consider({structure.degree, structure.half_width, structure.rank, ridge});
    const Choice dense = best_;
    for (const double threshold : {1e-3, 1e-2, .03, .1, .3})
      consider({dense.degree, dense.half_width, dense.rank, dense.ridge, threshold});
    if (!std::isfinite(best_error_))
      throw NumericsError(fmt::format(
          "pod_sindy: all {} candidates blow up on validation data; the first: {}", tried_, first_failure_));
  }

  PolynomialModel model() const { return model_; }
  nlohmann::ordered_json facts() const {
    nlohmann::ordered_json facts = {{"rank", best_.rank},
                                    {"retained_energy", reduced_.retained_energy(best_.rank)},
                                    {"degree", best_.degree},
                                    {"half_width", best_.half_width},
                                    {"ridge", best_.ridge},
                                    {"threshold", best_.threshold},
                                    {"terms", model_.coefficients.count_nonzero().item<int64_t>()},
                                    {"candidates", tried_},
                                    {"candidates_failed", failed_}};
    if (failed_ > 0) facts["first_failure"] = first_failure_;
    return facts;
  }

 private:
  void scan_structure() {
    for (const int64_t degree : {1, 2}) {
      const int64_t most = std::min(reduced_.rank(), degree == 1 ? most_linear_modes : most_quadratic_modes);
      for (const int64_t half_width : {4, 10, 20}) {
        for (const int64_t rank : candidate_ranks(most)) consider({degree, half_width, rank});
      }
    }
  }

  void consider(const Choice& choice) {
    ++tried_;
    const auto candidate = fit(choice);
    try {
      std::vector<torch::Tensor> paths;
      for (const auto& a : reduced_.val) {
        const auto first = a[0].narrow(0, 0, choice.rank) / scale_;
        paths.push_back(integrate(candidate, first, {0, reduced_.dt, a.size(0) - 1}).states * scale_);
      }
      const double error = relative_error(reduced_, paths);
      if (!(error < best_error_)) return;
      best_ = choice, best_error_ = error, model_ = candidate;
    } catch (const NumericsError& blow_up) {
      if (failed_++ == 0) first_failure_ = blow_up.what();
    }
  }

  PolynomialModel fit(const Choice& choice) {
    const Polynomials library{choice.rank, choice.degree, /*constant=*/true};
    const auto& whole = regression(choice.degree, choice.half_width);
    const auto terms = library_.positions_of(library);
    const NormalEquations part = {whole.gram.index_select(0, terms).index_select(1, terms),
                                  whole.moments.index_select(0, terms).narrow(1, 0, choice.rank)};
    PolynomialModel model;
    model.modes = reduced_.modes.narrow(1, 0, choice.rank).contiguous();
    model.scale = scale_;
    model.library = library;
    model.coefficients = stlsq(part, {.threshold = choice.threshold, .ridge = choice.ridge});
    model.ode = {.relative_tolerance = 1e-4, .bound = bound_, .max_evaluations = 100'000};
    return model;
  }

  // Of the largest rank; those of lower ranks are parts of it. Only the last is kept.
  const NormalEquations& regression(int64_t degree, int64_t half_width) {
    if (library_.degree != degree || half_width_ != half_width) {
      const int64_t most = std::min(reduced_.rank(), degree == 1 ? most_linear_modes : most_quadratic_modes);
      library_ = {most, degree, /*constant=*/true};
      half_width_ = half_width;
      std::vector<torch::Tensor> leading;
      for (const auto& a : scaled_) leading.push_back(a.narrow(1, 0, most));
      equations_ = weak_regression(leading, reduced_.dt, library_, half_width);
    }
    return equations_;
  }

  ReducedData reduced_;
  double scale_ = 1, bound_ = 0;
  std::vector<torch::Tensor> scaled_;
  Polynomials library_;
  int64_t half_width_ = 0;
  NormalEquations equations_;

  Choice best_;
  double best_error_ = std::numeric_limits<double>::infinity();
  PolynomialModel model_;
  int64_t tried_ = 0, failed_ = 0;
  std::string first_failure_;
};

}  // namespace

FittedBaseline fit_pod_sindy_strong(const BaselineContext& context) {
  Search search(context);
  search.choose();
  const auto model = search.model();
  return finish(make_forecaster("pod_sindy (strong)", model, context.data.grid()), search.facts(),
                model.parameters(), context);
}

}  // namespace msde
