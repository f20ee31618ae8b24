#include "msde/run/references.hpp"

#include <optional>

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

// The data that the run was trained on, on the model's grid. DataError: they are not as they were.
Dataset training_data(const ReferenceRequest& r) {
  const std::string path = data_of(r.run, r.settings);
  if (!are_there(path)) throw DataError(path + ": the data of the training are not there");
  if (have_changed(r.run, path)) throw DataError(path + ": has changed since the training");
  auto data = open_data(r.settings, path);
  if (data.grid().shape != r.grid.shape || data.grid().channels != r.grid.channels ||
      !data.has_split("train"))
    throw DataError(path + ": has no training data on the model's grid");
  return data;
}

void add_climatology(std::vector<Reference>& references, const Dataset& training, const Dataset& scored) {
  if (!has_climatology(training)) return;
  const TimeUnits units = training.clock().time;
  if (!count_alike(scored.clock().time, units))
    return spdlog::warn(
        "{}: counts its times otherwise than the training data: no climatology beside the scores",
        scored.path());
  references.push_back(
      {"climatology", std::make_shared<ClimatologyForecaster>(monthly_climatology(training), units)});
}

}  // namespace

Reference simplest_reference() {
  return {"persistence", std::make_shared<ConstantForecaster>("persistence")};
}

std::vector<Reference> references_of(const ReferenceRequest& r) {
  std::vector<Reference> references = {simplest_reference()};
  torch::Tensor mean;
  std::optional<Dataset> training;
  try {
    mean = saved_training_mean(r.run, r.grid);
    if (!mean.defined() || r.fit || is_since_a_date(r.scored.clock().time)) training = training_data(r);
    if (!mean.defined()) mean = training_mean(*training);
  } catch (const DataError& error) {
    spdlog::warn("{}: what is made from them is not beside the scores", error.what());
  }
  if (mean.defined()) references.push_back({"mean", std::make_shared<ConstantForecaster>("mean", mean)});
  if (!training) return references;
  const auto unless_unreadable = [](const std::function<void()>& add) {
    try {
      add();
    } catch (const DataError& error) {
      spdlog::warn("{}: what is made from it is not beside the scores", error.what());
    }
  };
  unless_unreadable([&] { add_climatology(references, *training, r.scored); });
  if (r.fit)
    unless_unreadable([&] {
      for (auto& reference : r.fit(*training)) references.push_back(std::move(reference));
    });
  return references;
}

}  // namespace msde
