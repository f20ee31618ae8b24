#include "msde/pde/generate.hpp"

#include <ATen/Parallel.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"
#include "msde/pde/split_plan.hpp"

namespace msde {
namespace {

using Visit = std::function<void(const GeneratedTrajectory&)>;

uint64_t key_of(const PlannedSplit& split, int64_t index) {
  return split.number << 32 | static_cast<uint64_t>(index);
}

// x = x_clean + noise_std N(0, 1): value i of the key belongs to value i of the trajectory.
torch::Tensor with_noise(const torch::Tensor& clean, const GenerateOptions& options, uint64_t key,
                         int64_t first) {
  auto noise = torch::empty_like(clean, torch::MemoryFormat::Contiguous);
  const int64_t before = first * clean[0].numel();
  fill_normal({static_cast<uint64_t>(options.seed), Stream::data_noise, key}, static_cast<uint64_t>(before),
              noise.numel(), noise.data_ptr<double>());
  return noise.mul_(options.noise_std).add_(clean);
}

torch::Tensor times_of(const SplitPlan& plan, const PlannedSplit& split) {
  auto t = torch::empty(split.n_snapshots, torch::kDouble);
  for (int64_t i = 0; i < split.n_snapshots; ++i)
    t[i] = static_cast<float>(plan.times[static_cast<size_t>(split.first + i)]);
  return t;
}

struct Fields {
  torch::Tensor noisy, clean;  // float32 [T, C, *grid]
};

Fields simulate(const Case& row, const GenerateOptions& options, uint64_t key) {
  const SnapshotTimes times{row.t_end, options.n_steps};
  const auto clean = row.simulate({static_cast<uint64_t>(options.seed), Stream::data_parameters, key}, times);
  if (!clean.isfinite().all().item<bool>()) throw NumericsError("case " + row.name + ": the solver blew up");
  return {with_noise(clean, options, key, 0).to(torch::kFloat), clean.to(torch::kFloat)};
}

// Side by side, whole, in rounds of one trajectory per thread; handed over by this thread alone, as HDF5
// wants it.
void generate_whole(const Case& row, const GenerateOptions& options, const SplitPlan& plan,
                    const Visit& visit) {
  const auto total = static_cast<int64_t>(plan.trajectories.size());
  const int64_t per_round = std::max(1, at::get_num_threads());
  const auto part_of = [&](int64_t i) { return plan.trajectories[static_cast<size_t>(i)].parts[0]; };
  std::vector<Fields> round(static_cast<size_t>(per_round));
  for (int64_t first = 0; first < total; first += per_round) {
    throw_if_interrupted();
    const int64_t count = std::min(per_round, total - first);
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      const torch::NoGradGuard no_grad;
      for (int64_t i = begin; i < end; ++i) {
        const auto part = part_of(first + i);
        round[static_cast<size_t>(i)] = simulate(row, options, key_of(plan.splits[part.split], part.index));
      }
    });
    for (int64_t i = 0; i < count; ++i) {
      const auto part = part_of(first + i);
      const PlannedSplit& split = plan.splits[part.split];
      const Fields& fields = round[static_cast<size_t>(i)];
      visit({split.name, part.index, 0, times_of(plan, split), fields.noisy, fields.clean});
    }
  }
}

// One after the other, each on all threads, in the pieces that are made.
void generate_stream(const Case& row, const GenerateOptions& options, const SplitPlan& plan,
                     const Visit& visit) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> times;  // of each split
  for (const PlannedSplit& split : plan.splits) times.push_back(times_of(plan, split));
  for (const PlannedTrajectory& trajectory : plan.trajectories) {
    const CaseRun run{trajectory.mu, trajectory.n_snapshots, options.cells_per_diameter};
    row.stream->simulate(run, [&](int64_t start, const torch::Tensor& clean) {
      for (const auto& part : trajectory.parts) {
        const PlannedSplit& split = plan.splits[part.split];
        const int64_t first = std::max(start, split.first),
                      last = std::min(start + clean.size(0), split.first + split.n_snapshots);
        if (first >= last) continue;
        const auto piece = clean.narrow(0, first - start, last - first);
        const int64_t within = first - split.first;
        visit({split.name, part.index, within, times[part.split],
               with_noise(piece, options, key_of(split, part.index), within).to(torch::kFloat),
               piece.to(torch::kFloat)});
      }
    });
  }
}

hdf5::Shape field_shape(const Case& row, const PlannedSplit& split) {
  hdf5::Shape shape = {split.n_trajectories(), split.n_snapshots};
  for (const int64_t n : row.snapshot_shape()) shape.push_back(n);
  return shape;
}

// Everything but the fields, whose datasets are only created.
void write_frame(hdf5::File& file, const Case& row, const SplitPlan& plan, const PlannedSplit& split) {
  const int64_t N = split.n_trajectories(), T = split.n_snapshots;
  const auto times = times_of(plan, split);
  std::vector<float> t(static_cast<size_t>(N * T));
  for (int64_t i = 0; i < N * T; ++i)
    t[static_cast<size_t>(i)] = static_cast<float>(times.data_ptr<double>()[i % T]);
  file.create_dataset<float>(split.name + "_x", field_shape(row, split));
  file.create_dataset<float>(split.name + "_x_clean", field_shape(row, split));
  file.write<float>(split.name + "_t", {N, T}, t);
  file.write<float>(split.name + "_mu", {N, 1}, std::vector<float>(split.mu.begin(), split.mu.end()));
  file.write<float>(split.name + "_f", {N, T, 1}, std::vector<float>(static_cast<size_t>(N * T), 0.f));
}

void write_mask(hdf5::File& file, const Case& row) {
  if (!row.stream || row.stream->fluid == nullptr) return;
  file.write<uint8_t>("mask", hdf5::Shape(row.grid.shape), row.stream->fluid());
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

void generate_trajectories(const std::string& case_name, const GenerateOptions& options, const Visit& visit) {
  const Case& row = find_case(case_name);
  check(case_name, options);
  const SplitPlan plan = split_plan(row, options);
  (row.stream ? generate_stream : generate_whole)(row, options, plan, visit);
}

int64_t generation_steps(const std::string& case_name, const GenerateOptions& options) {
  const Case& row = find_case(case_name);
  check(case_name, options);
  const SplitPlan plan = split_plan(row, options);
  int64_t snapshots = 0;
  for (const auto& trajectory : plan.trajectories) snapshots += trajectory.n_snapshots;
  return row.stream ? snapshots : static_cast<int64_t>(plan.trajectories.size());
}

void generate_case(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                   const std::function<void(int64_t done, int64_t total)>& report) {
  const Case& row = find_case(case_name);
  const int64_t total = generation_steps(case_name, options);
  const SplitPlan plan = split_plan(row, options);
  write_atomically(path, [&](const std::string& temporary) {
    auto file = hdf5::File::create(temporary);
    for (const PlannedSplit& split : plan.splits) write_frame(file, row, plan, split);
    write_mask(file, row);
    int64_t done = 0;
    generate_trajectories(case_name, options, [&](const GeneratedTrajectory& trajectory) {
      hdf5::Slab box{{trajectory.index, trajectory.first}, {1, trajectory.clean.size(0)}};
      for (const int64_t length : trajectory.clean.sizes().slice(1))
        box.start.push_back(0), box.count.push_back(length);
      file.write<float>(trajectory.split + "_x", box, trajectory.noisy.data_ptr<float>());
      file.write<float>(trajectory.split + "_x_clean", box, trajectory.clean.data_ptr<float>());
      if (report) report(done += row.stream ? trajectory.clean.size(0) : 1, total);
    });
    write_attributes(file, row, options);
    file.close();
  });
}

}  // namespace msde
