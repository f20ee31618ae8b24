#include "msde/run/references.hpp"

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/field/climatology.hpp"
#include "msde/field/constant_forecaster.hpp"
#include "msde/field/training_means.hpp"
#include "msde/run/data_files.hpp"
#include "msde/run/manifest.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/training_mean.hpp"

namespace msde {
namespace {

torch::Tensor known_training_mean(const RunLayout& run, const Grid& grid,
                                  const std::optional<Dataset>& training) {
  if (const auto saved = saved_training_mean(run, grid); saved.defined()) return saved;
  return training ? training_mean(*training) : torch::Tensor();
}

}  // namespace

Reference simplest_reference() {
  return {"persistence", std::make_shared<ConstantForecaster>("persistence")};
}

std::optional<Dataset> training_data_of(const RunLayout& run, const Settings& settings,
                                        const Grid& grid) try {
  const std::string path = data_of(run, settings);
  if (!are_there(path) || have_changed(run, path)) return std::nullopt;
  auto own = open_data(settings, path);
  const bool same = own.grid().shape == grid.shape && own.grid().channels == grid.channels;
  return same && own.has_split("train") ? std::optional(own) : std::nullopt;
} catch (const DataError&) {
  return std::nullopt;
}

std::vector<Reference> references_of(const RunLayout& run, const Grid& grid,
                                     const std::optional<Dataset>& training, const FitReferences& fit) {
  std::vector<Reference> references = {simplest_reference()};
  const auto unless_unknown = [](const std::string& what, const std::function<void()>& add) {
    try {
      add();
    } catch (const DataError& error) {
      spdlog::warn("{} is not known: {}", what, error.what());
    }
  };
  unless_unknown("the training mean", [&] {
    if (const auto mean = known_training_mean(run, grid, training); mean.defined())
      references.push_back({"mean", std::make_shared<ConstantForecaster>("mean", mean)});
  });
  if (!training) return references;
  unless_unknown("the monthly climatology", [&] {
    if (has_climatology(*training))
      references.push_back({"climatology", std::make_shared<ClimatologyForecaster>(
                                               monthly_climatology(*training), training->clock().time)});
  });
  if (fit)
    for (auto& reference : fit(*training)) references.push_back(std::move(reference));
  return references;
}

}  // namespace msde
