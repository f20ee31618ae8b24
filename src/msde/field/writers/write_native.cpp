#include "msde/field/writers/write_native.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/field/writers/slabs.hpp"
#include "msde/field/writers/stored_times.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

// Everything but the fields, whose datasets are only created.
void write_frame(hdf5::File& file, const Dataset& data, const std::string& split) {
  const auto shape = data.split(split);
  hdf5::Shape x = {shape.n_trajectories, shape.n_snapshots, data.grid().channels};
  x.insert(x.end(), data.grid().shape.begin(), data.grid().shape.end());
  create_tensor(file, split + "_x", x, data.stored_type());
  if (shape.has_clean) create_tensor(file, split + "_x_clean", x, data.stored_type());
  write_tensor(file, split + "_t", exactly_stored(data.times(split)));
  if (data.n_mu() > 0) write_tensor(file, split + "_mu", data.mu(split));
  if (data.n_f() > 0) write_tensor(file, split + "_f", data.forcing(split));
}

void write_mask(hdf5::File& file, const Grid& grid) {
  if (grid.mask) write_tensor(file, "mask", fluid_weight(grid).to(torch::kFloat));
}

void write_attributes(hdf5::File& file, const Dataset& data) {
  const Grid& grid = data.grid();
  const auto join = [](const auto& words) { return fmt::format("{}", fmt::join(words, ",")); };
  if (!data.case_name().empty()) file.set_attribute("/", "case", data.case_name());
  file.set_attribute("/", "length", grid.length);
  if (!grid.origin.empty()) file.set_attribute("/", "origin", grid.origin);
  if (!grid.spacing.empty()) file.set_attribute("/", "spacing", grid.spacing);
  file.set_attribute("/", "boundary", boundary_words(grid.boundary));
  file.set_attribute("/", "axes", join(grid.axes));
  if (!data.facts().channels.empty()) file.set_attribute("/", "channels", join(data.facts().channels));
  if (!data.facts().parameters.empty()) file.set_attribute("/", "parameters", join(data.facts().parameters));
  if (data.noise_std()) file.set_attribute("/", "noise_std", *data.noise_std());
  if (data.seed()) file.set_attribute("/", "seed", *data.seed());
}

void write_slab(hdf5::File& file, const std::string& dataset, const DatasetSlab& slab,
                const torch::Tensor& x) {
  hdf5::Slab box{{slab.trajectory, slab.start}, {1, slab.count}};
  for (int64_t axis = 1; axis < x.dim(); ++axis) box.start.push_back(0), box.count.push_back(x.size(axis));
  write_tensor(file, dataset, box, x);
}

}  // namespace

void write_native(const Dataset& data, const std::string& path, const WriteReport& report) {
  write_atomically(path, [&](const std::string& temporary) {
    auto file = hdf5::File::create(temporary);
    for (const std::string split : {"train", "val", "test"})
      if (data.has_split(split)) write_frame(file, data, split);
    const auto slabs = slabs_of(data);
    for (size_t i = 0; i < slabs.size(); ++i) {
      throw_if_interrupted();
      const auto& s = slabs[i];
      const auto fields = [&](bool clean) {
        return without_solid(data.stored_fields(s.split, s.trajectory, s.start, s.count, clean), data.grid());
      };
      write_slab(file, s.split + "_x", s, fields(false));
      if (data.split(s.split).has_clean) write_slab(file, s.split + "_x_clean", s, fields(true));
      if (report) report(static_cast<int64_t>(i) + 1, static_cast<int64_t>(slabs.size()));
    }
    write_mask(file, data.grid());
    write_attributes(file, data);
    file.close();
  });
}

}  // namespace msde
