#include "msde/field/writers/write_netcdf.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/field/writers/cf_words.hpp"
#include "msde/field/writers/slabs.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

const std::vector<std::string> split_names = {"train", "val", "test"};

// Names of variables: what the data say, made fit for a list of words, and none twice.
class Names {
 public:
  // With `clean` also that of its clean twin is its own.
  std::string take(std::string wanted, bool clean = false) {
    for (char& c : wanted)
      if (static_cast<unsigned char>(c) <= ' ' || c == '/' || c == 127) c = '_';
    if (wanted.empty() || wanted[0] == '_' || wanted[0] == '.') wanted.insert(0, "v");
    std::string name = wanted;
    for (int i = 1; taken_.count(name) || (clean && taken_.count(name + "_clean")); ++i)
      name = fmt::format("{}_{}", wanted, i);
    taken_.insert(name);
    if (clean) taken_.insert(name + "_clean");
    return name;
  }

 private:
  std::set<std::string> taken_ = {"sample", "time", "start"};
};

std::string nth(const std::vector<std::string>& names, size_t i, const std::string& otherwise) {
  return i < names.size() && !names[i].empty() ? names[i] : otherwise;
}

class Writer {
 public:
  Writer(const Dataset& data, const std::string& path, const std::string& shown)
      : data_(data), file_(hdf5::File::create(path, hdf5::File::Kind::netcdf)) {
    for (const auto& split : split_names) {
      if (!data.has_split(split)) continue;
      const auto shape = data.split(split);
      if (N_ > 0 && shape.n_snapshots != T_)
        throw DataError(
            fmt::format("{}: got {} snapshots for {}, expected {} as of the split before: NetCDF holds "
                        "trajectories of one length",
                        shown, shape.n_snapshots, split, T_));
      first_[split] = N_;
      N_ += shape.n_trajectories, T_ = shape.n_snapshots;
      has_clean_ = has_clean_ && shape.has_clean;
    }
    write_coordinates();
    write_inputs();
    create_fields();
    write_attributes();
  }

  // [count, C, *grid] of one trajectory.
  void write_slab(const DatasetSlab& slab, const torch::Tensor& fields, bool clean) {
    hdf5::Slab box{{first_.at(slab.split) + slab.trajectory, slab.start}, {1, slab.count}};
    for (const int64_t n : data_.grid().shape) box.start.push_back(0), box.count.push_back(n);
    for (size_t c = 0; c < channels_.size(); ++c)
      write_tensor(file_, channels_[c] + (clean ? "_clean" : ""), box,
                   fields.select(1, static_cast<int64_t>(c)).contiguous());
  }
  bool has_clean() const { return has_clean_; }
  void close() { file_.close(); }

 private:
  void write_coordinates() {
    const Grid& grid = data_.grid();
    const auto labels = data_.labels();
    std::vector<double> starts, all;
    for (const auto& [split, first] : first_in_order()) {
      const auto t = data_.times(split);
      for (int64_t n = 0; n < t.size(0); ++n) starts.push_back(t[n][0].item<double>());
      const auto own = t.contiguous();
      all.insert(all.end(), own.data_ptr<double>(), own.data_ptr<double>() + own.numel());
    }
    const std::vector<double> times(all.begin(), all.begin() + T_);
    const bool of_each = !data_.equal_times() && !same_since_first(all, N_);
    if (of_each) names_.take("t");
    cf::write_numbers(file_, "sample", N_, "trajectory");
    cf::write_times(file_, "time", times, labels.units.time);
    for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
      axes_.push_back(names_.take(grid.axes[static_cast<size_t>(axis)]));
      cf::write_axis(file_, axes_.back(), grid, axis, labels);
    }
    cf::write_times(file_, "start", starts, labels.units.time, "sample");
    if (of_each) cf::write_times_of_each(file_, all, N_, labels.units.time);
  }

  std::vector<std::pair<std::string, int64_t>> first_in_order() const {
    std::vector<std::pair<std::string, int64_t>> order;
    for (const auto& split : split_names)
      if (const auto found = first_.find(split); found != first_.end()) order.push_back(*found);
    return order;
  }

  // mu over [sample], f over [sample, time]; root attributes name them.
  void write_inputs() {
    std::vector<torch::Tensor> mu, f;
    for (const auto& [split, first] : first_in_order())
      mu.push_back(data_.mu(split)), f.push_back(data_.forcing(split));
    const auto all_mu = torch::cat(mu), all_f = torch::cat(f);
    std::vector<std::string> parameters, forcings;
    for (int64_t i = 0; i < data_.n_mu(); ++i) {
      parameters.push_back(
          names_.take(nth(data_.facts().parameters, static_cast<size_t>(i), fmt::format("mu_{}", i))));
      write_tensor(file_, parameters.back(), all_mu.select(1, i).contiguous());
      file_.attach_scale(parameters.back(), 0, "sample", "sample");
    }
    for (int64_t i = 0; i < data_.n_f(); ++i) {
      forcings.push_back(names_.take(fmt::format("forcing_{}", i)));
      write_tensor(file_, forcings.back(), all_f.select(2, i).contiguous());
      file_.attach_scale(forcings.back(), 0, "sample", "sample");
      file_.attach_scale(forcings.back(), 1, "time", "time");
    }
    if (!parameters.empty())
      file_.set_attribute("/", "parameters", fmt::format("{}", fmt::join(parameters, " ")));
    if (!forcings.empty()) file_.set_attribute("/", "forcings", fmt::format("{}", fmt::join(forcings, " ")));
  }

  void create_fields() {
    const Grid& grid = data_.grid();
    const auto labels = data_.labels();
    hdf5::Shape shape = {N_, T_};
    shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
    for (int64_t c = 0; c < grid.channels; ++c) {
      const auto i = static_cast<size_t>(c);
      const auto name = nth(labels.channels, i, grid.channels > 1 ? fmt::format("u{}", c) : "u");
      channels_.push_back(names_.take(name, has_clean_));
      std::vector<std::string> variables = {channels_.back()};
      if (has_clean_) variables.push_back(channels_.back() + "_clean");
      for (const auto& variable : variables) {
        create_tensor(file_, variable, shape, data_.stored_type());
        file_.attach_scale(variable, 0, "sample", "sample");
        file_.attach_scale(variable, 1, "time", "time");
        for (size_t axis = 0; axis < axes_.size(); ++axis)
          file_.attach_scale(variable, static_cast<int64_t>(axis) + 2, axes_[axis], axes_[axis]);
        const bool clean = variable != channels_.back();
        file_.set_attribute(variable, "long_name", name + (clean ? " without observation noise" : ""));
        const auto units = nth(labels.units.channels, i, "");
        if (!units.empty()) file_.set_attribute(variable, "units", units);
        file_.set_attribute(variable, "coordinates", std::string("start"));
      }
      if (has_clean_)
        file_.set_attribute(channels_.back(), "ancillary_variables", channels_.back() + "_clean");
    }
  }

  void write_attributes() {
    cf::write_conventions(file_, data_.case_name().empty() ? "Trajectories of a field" : data_.case_name());
    if (!data_.case_name().empty()) file_.set_attribute("/", "case", data_.case_name());
    file_.set_attribute("/", "boundary", boundary_words(data_.grid().boundary));
    if (data_.noise_std()) file_.set_attribute("/", "noise_std", *data_.noise_std());
    if (data_.seed()) file_.set_attribute("/", "seed", *data_.seed());
    for (const auto& [split, first] : first_in_order())
      file_.set_attribute("/", "n_" + split, data_.split(split).n_trajectories);
  }

  const Dataset& data_;
  hdf5::File file_;
  Names names_;
  int64_t N_ = 0, T_ = 0;
  bool has_clean_ = true;
  std::map<std::string, int64_t> first_;  // trajectory of each split
  std::vector<std::string> axes_, channels_;
};

}  // namespace

void write_netcdf(const Dataset& data, const std::string& path, const WriteReport& report) {
  write_atomically(path, [&](const std::string& temporary) {
    Writer writer(data, temporary, path);
    const auto slabs = slabs_of(data);
    for (size_t i = 0; i < slabs.size(); ++i) {
      throw_if_interrupted();
      const auto& s = slabs[i];
      const auto fields = [&](bool clean) {
        return without_solid(data.stored_fields(s.split, s.trajectory, s.start, s.count, clean), data.grid());
      };
      writer.write_slab(s, fields(false), false);
      if (writer.has_clean()) writer.write_slab(s, fields(true), true);
      if (report) report(static_cast<int64_t>(i) + 1, static_cast<int64_t>(slabs.size()));
    }
    writer.close();
  });
}

}  // namespace msde
