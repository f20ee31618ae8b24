#include "apps/msde/first_snapshot.hpp"

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/hdf5.hpp"
#include "msde/core/npy.hpp"
#include "msde/tensor/checks.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

std::string dataset_name(const hdf5::File& file) {
  for (const char* name : {"x", "test_x"})
    if (file.has(name) && file.is_dataset(name)) return name;
  std::vector<std::string> datasets;
  for (const auto& name : file.names())
    if (file.is_dataset(name)) datasets.push_back(name);
  if (datasets.size() == 1) return datasets[0];
  throw DataError(file.path() + ": " + std::to_string(datasets.size()) +
                  " datasets; expected one named x or test_x, or a single one");
}

// Only the first snapshot of whole trajectories is read: files may be larger than memory.
torch::Tensor read_h5(const std::string& path, size_t grid_axes) {
  const auto file = hdf5::File::open(path);
  const auto name = dataset_name(file);
  auto shape = file.shape(name);
  if (shape.size() != grid_axes + 3) return read_tensor(file, name, torch::kFloat);
  hdf5::Slab slab = {hdf5::Shape(shape.size(), 0), shape};
  slab.count[1] = 1;
  return read_tensor(file, name, slab, torch::kFloat).select(1, 0);
}

torch::Tensor read_numpy(const std::string& path, size_t grid_axes) {
  const auto array = read_npy(path);
  auto x = torch::tensor(array.values, torch::kDouble).view(array.shape).to(torch::kFloat);
  return x.dim() == static_cast<int64_t>(grid_axes) + 3 ? x.select(1, 0) : x;
}

}  // namespace

torch::Tensor read_first_snapshots(const std::string& path, const Grid& grid) {
  if (!std::filesystem::exists(path)) throw DataError(path + ": no such file");
  const size_t axes = grid.shape.size();
  auto x = std::filesystem::path(path).extension() == ".npy" ? read_numpy(path, axes) : read_h5(path, axes);

  std::vector<int64_t> snapshot = {grid.channels};
  snapshot.insert(snapshot.end(), grid.shape.begin(), grid.shape.end());
  const std::string got = shape_text(x.sizes());
  if (x.dim() == static_cast<int64_t>(axes) && grid.channels == 1) x = x.unsqueeze(0);
  if (x.dim() == static_cast<int64_t>(axes) + 1)
    x = x.sizes() == at::IntArrayRef(snapshot) ? x.unsqueeze(0) : x.unsqueeze(1);
  if (x.dim() != static_cast<int64_t>(axes) + 2 || x.sizes().slice(1) != at::IntArrayRef(snapshot) ||
      x.size(0) == 0)
    throw DataError(path + ": got shape " + got + ", expected first snapshots " + shape_text(snapshot) +
                    " as the model was trained on, with or without a leading axis of trajectories");
  check_finite<DataError>(path, x);
  return x.contiguous();
}

}  // namespace msde
