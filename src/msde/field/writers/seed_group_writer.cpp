#include "msde/field/writers/seed_group_writer.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/field/writers/slabs.hpp"
#include "msde/field/writers/stored_times.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

const std::vector<std::string> axis_names = {"x", "y", "z"};  // of the layout, whatever ours are called

}  // namespace

SeedGroupWriter::SeedGroupWriter(const std::string& path, SeedGroupFacts facts)
    : file_(hdf5::File::create(path)), facts_(std::move(facts)) {
  if (facts_.grid.shape.size() > axis_names.size())
    throw DataError(fmt::format("{}: got {} axes, the layout of PDEBench has x, y and z", path,
                                facts_.grid.shape.size()));
  // An axis named y that comes first would be read as x.
  for (size_t i = 0; i < facts_.grid.axes.size(); ++i)
    if (facts_.grid.axes[i] != axis_names[i])
      throw DataError(fmt::format("{}: axis {} is '{}', the layout of PDEBench has {} there", path, i,
                                  facts_.grid.axes[i], axis_names[i]));
}

std::string SeedGroupWriter::group() const {
  return fmt::format("{:04}", groups_ - 1);
}

void SeedGroupWriter::begin(const torch::Tensor& times, const std::string& split) {
  ++groups_, snapshots_ = 0;
  const Grid& grid = facts_.grid;
  hdf5::Shape shape = {times.size(0)};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  shape.push_back(grid.channels);
  create_tensor(file_, group() + "/data", shape, facts_.type);
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    const auto points =
        grid.origin_of(axis) + grid.spacing_of(axis) * torch::arange(grid.shape[i], torch::kDouble);
    write_tensor(file_, group() + "/grid/" + axis_names[i], points_as_stored(points));
  }
  write_tensor(file_, group() + "/grid/t", exactly_stored(times));
  std::string config = "# written by msde\n";
  if (!facts_.case_name.empty()) config += "case: " + facts_.case_name + "\n";
  config += "boundary: " + boundary_words(grid.boundary) + "\n";
  config += fmt::format("split: {}\nsubtract: {}\n", split, facts_.offset);
  file_.set_attribute(group(), "config", config);
}

void SeedGroupWriter::append(const torch::Tensor& fields) {
  const auto shifted =
      without_solid((fields.to(torch::kDouble) + facts_.offset).to(facts_.type), facts_.grid);
  const auto stored = shifted.movedim(1, -1).contiguous();
  hdf5::Slab box{hdf5::Shape(stored.dim(), 0), stored.sizes().vec()};
  box.start[0] = snapshots_;
  write_tensor(file_, group() + "/data", box, stored);
  snapshots_ += fields.size(0);
}

void SeedGroupWriter::close() {
  file_.close();
}

void write_seed_groups(const Dataset& data, double offset, const std::string& path,
                       const WriteReport& report) {
  write_atomically(path, [&](const std::string& temporary) {
    SeedGroupWriter writer(temporary, {data.grid(), data.case_name(), offset, data.stored_type()});
    const auto slabs = slabs_of(data);
    for (size_t i = 0; i < slabs.size(); ++i) {
      throw_if_interrupted();
      const auto& s = slabs[i];
      if (s.start == 0) writer.begin(data.times(s.split)[s.trajectory], s.split);
      const bool clean = data.split(s.split).has_clean;
      writer.append(data.stored_fields(s.split, s.trajectory, s.start, s.count, clean));
      if (report) report(static_cast<int64_t>(i) + 1, static_cast<int64_t>(slabs.size()));
    }
    writer.close();
  });
}

}  // namespace msde
