#include "msde/baselines/baselines.hpp"

#include <fmt/format.h>

#include "msde/baselines/coarse_dns/coarse_dns.hpp"
#include "msde/baselines/constant.hpp"
#include "msde/baselines/dmd/dmd_baseline.hpp"
#include "msde/baselines/pod_sindy/pod_sindy.hpp"
#include "msde/core/error.hpp"
#include "msde/field/climatology.hpp"

namespace msde {

namespace {

using Fit = std::function<FittedBaseline(const BaselineContext&)>;

void require_equal_times(bool equal, const std::string& where, const std::string& name) {
  if (!equal)
    throw DataError(
        fmt::format("{}: its times are not equally spaced, which {} needs; resample them to compare with it",
                    where, name));
}

// Of a method that steps from snapshot to snapshot alike.
class EqualSteps : public Forecaster {
 public:
  EqualSteps(std::string method, std::unique_ptr<Forecaster> forecaster)
      : method_(std::move(method)), forecaster_(std::move(forecaster)) {}
  std::string name() const override { return forecaster_->name(); }
  Forecast forecast(const ForecastRequest& request) const override {
    require_equal_times(request.times.empty(), "the forecast asked for", method_);
    return forecaster_->forecast(request);
  }

 private:
  std::string method_;
  std::unique_ptr<Forecaster> forecaster_;
};

Fit every_dt(const std::string& name, const Fit& fit) {
  return [=](const BaselineContext& context) {
    require_equal_times(context.data.equal_times(), context.data.path(), name);
    auto fitted = fit(context);
    fitted.forecaster = std::make_unique<EqualSteps>(name, std::move(fitted.forecaster));
    return fitted;
  };
}

}  // namespace

// A new baseline is one row here and one file with its fit.
const std::vector<Baseline>& baselines() {
  static const std::vector<Baseline> table = {
      {"persistence", "", "the first snapshot for ever", fit_persistence},
      {"mean", "", "the mean of all training snapshots", fit_mean},
      {"climatology", "", "the mean of the training snapshots of the same month", fit_climatology,
       has_climatology},
      {"coarse_dns", "reference", "the equation on n_zeta points as the published scripts solve it",
       every_dt("coarse_dns", fit_coarse_dns_reference)},
      {"coarse_dns", "strong", "the equation on n_zeta points, spectral (Kassam & Trefethen 2005)",
       every_dt("coarse_dns", fit_coarse_dns_strong)},
      {"dmd", "reference", "projected DMD of one training trajectory, as PyDMD does it (Schmid 2010)",
       every_dt("dmd", fit_dmd_reference)},
      {"dmd", "strong",
       "DMD of all pairs, least or total least squares, rank by validation (Hemati et al. 2017)",
       every_dt("dmd", fit_dmd_strong)},
      {"pod_sindy", "reference", "sparse polynomial dynamics from forward differences (Brunton et al. 2016)",
       every_dt("pod_sindy", fit_pod_sindy_reference)},
      {"pod_sindy", "strong", "weak-form operator inference chosen by validation (Messenger & Bortz 2021)",
       every_dt("pod_sindy", fit_pod_sindy_strong)},
  };
  return table;
}

}  // namespace msde
