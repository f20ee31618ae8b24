#include "msde/field/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/hdf5.hpp"
#include "msde/field/dataset_attributes.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

const std::vector<std::string> split_names = {"train", "val", "test"};

// A split's x (or x_clean) below this size is kept in memory once it was asked for; larger ones are read by
// slabs.
constexpr int64_t cache_bytes = int64_t{512} << 20;

// The splits of one file must describe the same field.
void check_agreement(const std::string& path, const std::string& a, const SplitLayout& first,
                     const std::string& b, const SplitLayout& other) {
  const auto require = [&](bool holds, const std::string& dataset, const std::string& got,
                           const std::string& expected) {
    if (!holds) {
      throw DataError(fmt::format("{}: '{}_{}': got {}, expected {} as in '{}_{}'", path, b, dataset, got,
                                  expected, a, dataset));
    }
  };
  const auto show = [](const auto& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); };
  const auto here = first.snapshot_shape(), there = other.snapshot_shape();
  require(here == there, "x", "snapshots [C, *grid] = " + show(there), show(here));
  require(first.n_mu == other.n_mu, "mu", fmt::format("{} parameters", other.n_mu),
          std::to_string(first.n_mu));
  require(first.n_f == other.n_f, "f", fmt::format("{} forcings", other.n_f), std::to_string(first.n_f));
  const double largest =
      std::max(first.times.abs().max().item<double>(), other.times.abs().max().item<double>());
  require(std::abs(first.dt - other.dt) <= time_tolerance(largest), "t",
          fmt::format("a spacing of {:.9g}", other.dt), fmt::format("{:.9g}", first.dt));
}

}  // namespace

// HDF5 is not used from two threads at once: every access holds the mutex.
struct Dataset::Contents {
  struct Split {
    SplitLayout layout;
    torch::Tensor mu, forcing;
    mutable torch::Tensor x, x_clean;  // the cache, undefined until asked for
  };

  hdf5::File file;
  DatasetAttributes attributes;
  Grid grid;
  std::map<std::string, Split> splits;
  mutable std::mutex mutex;

  explicit Contents(hdf5::File opened) : file(std::move(opened)) {}

  const Split& find(const std::string& name) const {
    const auto found = splits.find(name);
    if (found == splits.end()) {
      throw DataError(fmt::format("{}: no split '{}' ('{}_x' is missing); the file has: {}", file.path(),
                                  name, name, fmt::join(present(), ", ")));
    }
    return found->second;
  }
  std::vector<std::string> present() const {
    std::vector<std::string> names;
    for (const auto& name : split_names) {
      if (splits.count(name)) names.push_back(name);
    }
    return names;
  }

  // [count, C, *grid] of one trajectory of `dataset`, by way of `cache` where the whole is small.
  torch::Tensor read(const std::string& dataset, const SplitLayout& layout, torch::Tensor& cache,
                     int64_t trajectory, int64_t start, int64_t count) const {
    if (trajectory < 0 || trajectory >= layout.x[0] || start < 0 || count < 0 ||
        start > layout.x[1] - count) {
      throw DataError(fmt::format(
          "{}: '{}': asked for snapshots {}..{} of trajectory {}, but there are {} of {} trajectories",
          file.path(), dataset, start, start + count - 1, trajectory, layout.x[1], layout.x[0]));
    }
    const std::lock_guard lock(mutex);
    const auto bytes = std::accumulate(layout.x.begin(), layout.x.end(), int64_t{4}, std::multiplies<>());
    if (bytes < cache_bytes) {
      if (!cache.defined()) cache = read_tensor(file, dataset, torch::kFloat);
      return cache[trajectory].narrow(0, start, count).clone();  // a copy: the caller may write to it
    }
    hdf5::Slab box{hdf5::Shape(layout.x.size(), 0), layout.x};
    box.start[0] = trajectory, box.count[0] = 1;
    box.start[1] = start, box.count[1] = count;
    return read_tensor(file, dataset, box, torch::kFloat)[0];
  }
};

Dataset Dataset::open(const std::string& path) {
  auto contents = std::make_shared<Contents>(hdf5::File::open(path));
  const hdf5::File& file = contents->file;
  for (const auto& name : split_names) {
    auto layout = read_split_layout(file, name);
    if (!layout) continue;
    Contents::Split split{*layout, {}, {}, {}, {}};
    const int64_t N = layout->x[0], T = layout->x[1];
    split.mu = layout->n_mu > 0 ? read_tensor(file, name + "_mu", torch::kFloat) : torch::empty({N, 0});
    split.forcing = layout->n_f > 0 ? read_tensor(file, name + "_f", torch::kFloat) : torch::empty({N, T, 0});
    if (!contents->splits.empty()) {
      const std::string first = contents->present().front();
      check_agreement(path, first, contents->splits.at(first).layout, name, *layout);
    }
    contents->splits.emplace(name, std::move(split));
  }
  if (contents->splits.empty()) {
    throw DataError(path +
                    ": no dataset 'train_x', 'val_x' or 'test_x'; expected {train,val,test}_{x,t,mu,f}");
  }
  const auto shape = contents->splits.at(contents->present().front()).layout.snapshot_shape();
  contents->attributes = read_dataset_attributes(file);
  contents->grid = make_grid(shape, contents->attributes, path);
  Dataset dataset;
  dataset.contents_ = std::move(contents);
  return dataset;
}

const std::string& Dataset::path() const {
  return contents_->file.path();
}
const Grid& Dataset::grid() const {
  return contents_->grid;
}
const std::string& Dataset::case_name() const {
  return contents_->attributes.case_name;
}
std::optional<double> Dataset::noise_std() const {
  return contents_->attributes.noise_std;
}
std::optional<int64_t> Dataset::seed() const {
  return contents_->attributes.seed;
}
double Dataset::dt() const {
  return contents_->splits.at(contents_->present().front()).layout.dt;
}
int64_t Dataset::n_mu() const {
  return contents_->splits.begin()->second.layout.n_mu;
}
int64_t Dataset::n_f() const {
  return contents_->splits.begin()->second.layout.n_f;
}

bool Dataset::has_split(const std::string& split) const {
  return contents_->splits.count(split) > 0;
}

SplitShape Dataset::split(const std::string& split) const {
  const auto& layout = contents_->find(split).layout;
  return {layout.x[0], layout.x[1], layout.has_clean};
}

torch::Tensor Dataset::fields(const std::string& split, int64_t trajectory, int64_t start,
                              int64_t count) const {
  const auto& found = contents_->find(split);
  return contents_->read(split + "_x", found.layout, found.x, trajectory, start, count);
}

torch::Tensor Dataset::clean_fields(const std::string& split, int64_t trajectory, int64_t start,
                                    int64_t count) const {
  const auto& found = contents_->find(split);
  if (!found.layout.has_clean) throw DataError(fmt::format("{}: '{}_x_clean' is missing", path(), split));
  return contents_->read(split + "_x_clean", found.layout, found.x_clean, trajectory, start, count);
}

torch::Tensor Dataset::times(const std::string& split) const {
  return contents_->find(split).layout.times.clone();
}
torch::Tensor Dataset::mu(const std::string& split) const {
  return contents_->find(split).mu.clone();
}
torch::Tensor Dataset::forcing(const std::string& split) const {
  return contents_->find(split).forcing.clone();
}

}  // namespace msde
