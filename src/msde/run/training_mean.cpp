#include "msde/run/training_mean.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/files/safetensors.hpp"
#include "msde/field/training_means.hpp"
#include "msde/model/model_file.hpp"

namespace msde {
namespace {

constexpr const char* kName = "training_mean";

}  // namespace

void save_training_mean(const RunLayout& run, const Dataset& data) {
  safetensors::Document document;
  document.arrays[kName] = to_array(training_mean(data));
  safetensors::save(run.training_mean(), document);
}

torch::Tensor saved_training_mean(const RunLayout& run, const Grid& grid) {
  const std::string path = run.training_mean();
  if (!std::filesystem::exists(path)) return {};
  const auto document = safetensors::load(path);
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  const auto found = document.arrays.find(kName);
  if (found == document.arrays.end() || found->second.shape != shape)
    throw ModelFormatError(
        fmt::format("{}: has no tensor '{}' of shape [{}]; remove the file, or train again", path, kName,
                    fmt::join(shape, ", ")));
  return to_tensor(found->second);
}

}  // namespace msde
