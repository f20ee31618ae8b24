#include "msde/pde/generate.hpp"

#include <ATen/Parallel.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"

namespace msde {
namespace {

struct Split {
  std::string name;
  uint64_t number;  // part of the random keys: never renumber
  int64_t n_trajectories;
};

std::array<Split, 3> splits_of(const GenerateOptions& options) {
  return {{{"train", 0, options.n_train}, {"val", 1, options.n_val}, {"test", 2, options.n_test}}};
}

struct Job {
  const Split* split;
  int64_t index;  // of the trajectory in its split
  uint64_t key() const { return split->number << 32 | static_cast<uint64_t>(index); }
};

struct Fields {
  torch::Tensor noisy, clean;  // float32 [T, C, *grid]
};

Fields simulate(const Case& row, const GenerateOptions& options, const SnapshotTimes& times, uint64_t key) {
  const auto seed = static_cast<uint64_t>(options.seed);
  auto clean = row.simulate({seed, Stream::data_parameters, key}, times);
  if (!clean.isfinite().all().item<bool>()) throw NumericsError("case " + row.name + ": the solver blew up");
  auto noise = torch::empty_like(clean);
  fill_normal({seed, Stream::data_noise, key}, 0, noise.numel(), noise.data_ptr<double>());
  return {noise.mul_(options.noise_std).add_(clean).to(torch::kFloat), clean.to(torch::kFloat)};
}

hdf5::Shape field_shape(const Case& row, const Split& split, const SnapshotTimes& times) {
  hdf5::Shape shape = {split.n_trajectories, times.n_snapshots};
  for (const int64_t n : row.snapshot_shape()) shape.push_back(n);
  return shape;
}

// Everything but the fields, whose datasets are only created.
void write_frame(hdf5::File& file, const Case& row, const Split& split, const SnapshotTimes& times) {
  const int64_t N = split.n_trajectories, T = times.n_snapshots;
  std::vector<float> t(static_cast<size_t>(N * T));
  for (int64_t i = 0; i < N * T; ++i) t[static_cast<size_t>(i)] = static_cast<float>(times.at(i % T));
  file.create_dataset<float>(split.name + "_x", field_shape(row, split, times));
  file.create_dataset<float>(split.name + "_x_clean", field_shape(row, split, times));
  file.write<float>(split.name + "_t", {N, T}, t);
  file.write<float>(split.name + "_mu", {N, 1},
                    std::vector<float>(static_cast<size_t>(N), static_cast<float>(row.mu)));
  file.write<float>(split.name + "_f", {N, T, 1}, std::vector<float>(static_cast<size_t>(N * T), 0.f));
}

void write_attributes(hdf5::File& file, const Case& row, const GenerateOptions& options) {
  file.set_attribute("/", "case", row.name);
  const Grid& grid = row.grid;
  file.set_attribute("/", "length", grid.length);
  if (!grid.origin.empty()) file.set_attribute("/", "origin", grid.origin);
  if (!grid.spacing.empty()) file.set_attribute("/", "spacing", grid.spacing);
  file.set_attribute("/", "boundary", boundary_words(grid.boundary));
  file.set_attribute("/", "axes", fmt::format("{}", fmt::join(grid.axes, ",")));
  file.set_attribute("/", "noise_std", options.noise_std);
  file.set_attribute("/", "seed", options.seed);
}

}  // namespace

void generate_trajectories(const std::string& case_name, const GenerateOptions& options,
                           const std::function<void(const GeneratedTrajectory&)>& visit) {
  const Case& row = find_case(case_name);
  check(options);
  const SnapshotTimes times{row.t_end, options.n_steps};
  const auto splits = splits_of(options);
  auto t = torch::empty(times.n_snapshots, torch::kDouble);
  for (int64_t i = 0; i < times.n_snapshots; ++i) t[i] = static_cast<float>(times.at(i));
  std::vector<Job> jobs;
  for (const Split& split : splits) {
    for (int64_t i = 0; i < split.n_trajectories; ++i) jobs.push_back({&split, i});
  }
  const auto total = static_cast<int64_t>(jobs.size());
  // Rounds of one trajectory per thread; they are handed over by this thread alone, as HDF5 wants it.
  const int64_t per_round = std::max(1, at::get_num_threads());
  std::vector<Fields> round(static_cast<size_t>(per_round));
  for (int64_t first = 0; first < total; first += per_round) {
    throw_if_interrupted();
    const int64_t count = std::min(per_round, total - first);
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      const torch::NoGradGuard no_grad;
      for (int64_t i = begin; i < end; ++i) {
        round[static_cast<size_t>(i)] =
            simulate(row, options, times, jobs[static_cast<size_t>(first + i)].key());
      }
    });
    for (int64_t i = 0; i < count; ++i) {
      const Job& job = jobs[static_cast<size_t>(first + i)];
      const Fields& fields = round[static_cast<size_t>(i)];
      visit({job.split->name, job.index, t, fields.noisy, fields.clean});
    }
  }
}

void generate_case(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                   const std::function<void(int64_t done, int64_t total)>& report) {
  const Case& row = find_case(case_name);
  check(options);
  const SnapshotTimes times{row.t_end, options.n_steps};
  const int64_t total = options.n_train + options.n_val + options.n_test;
  write_atomically(path, [&](const std::string& temporary) {
    auto file = hdf5::File::create(temporary);
    for (const Split& split : splits_of(options)) write_frame(file, row, split, times);
    int64_t done = 0;
    generate_trajectories(case_name, options, [&](const GeneratedTrajectory& trajectory) {
      hdf5::Slab box{{trajectory.index}, {1}};
      for (const int64_t length : trajectory.clean.sizes())
        box.start.push_back(0), box.count.push_back(length);
      file.write<float>(trajectory.split + "_x", box, trajectory.noisy.data_ptr<float>());
      file.write<float>(trajectory.split + "_x_clean", box, trajectory.clean.data_ptr<float>());
      if (report) report(++done, total);
    });
    write_attributes(file, row, options);
    file.close();
  });
}

}  // namespace msde
