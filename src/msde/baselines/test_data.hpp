// For tests of baselines only: small datasets and what is asked of a forecaster on them.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "msde/baselines/baselines.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/pde/generate.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {

using torch::Tensor;

inline Dataset generated(const TestFolder& folder, const std::string& case_name, GenerateOptions options) {
  const auto path = folder / (case_name + ".h5");
  generate_case(case_name, options, path, {});
  return Dataset::open(path);
}

// fields(split number) is [N, T, C, *grid].
inline Dataset written(const TestFolder& folder, const std::function<Tensor(uint64_t)>& fields) {
  const auto path = folder / "data.h5";
  auto file = hdf5::File::create(path);
  uint64_t number = 0;
  for (const std::string split : {"train", "val", "test"}) {
    const auto x = fields(number++).to(torch::kFloat);
    const int64_t N = x.size(0), T = x.size(1);
    write_tensor(file, split + "_x", x);
    write_tensor(file, split + "_t", (torch::arange(T, torch::kFloat) * .5).expand({N, T}));
    write_tensor(file, split + "_mu", torch::zeros({N, 1}));
    write_tensor(file, split + "_f", torch::zeros({N, T, 1}));
  }
  file.close();
  return Dataset::open(path);
}

inline const Baseline& row(const std::string& name, const std::string& variant) {
  for (const auto& b : baselines())
    if (b.name == name && b.variant == variant) return b;
  throw std::invalid_argument(name);
}

inline ForecastRequest request_for(const Dataset& data, int64_t trajectories, int64_t n_steps) {
  ForecastRequest request;
  std::vector<Tensor> first;
  for (int64_t i = 0; i < trajectories; ++i) first.push_back(data.fields("test", i, 0, 1));
  request.first = torch::cat(first);
  request.mu = torch::zeros({trajectories, data.n_mu()});
  request.forcing = torch::zeros({trajectories, n_steps + 1, data.n_f()});
  request.dt = data.dt(), request.n_steps = n_steps, request.seed = 4;
  return request;
}

inline double mean_relative_error(const Forecaster& forecaster, const Dataset& data) {
  const int64_t T = data.split("test").n_snapshots;
  const auto point = forecaster.forecast(request_for(data, 1, T - 1)).point[0].flatten(1);
  const auto truth = data.fields("test", 0, 0, T).flatten(1);
  return ((point - truth).norm(2, 1) / truth.norm(2, 1)).slice(0, 1).mean().item<double>();
}

// Two channels on a 2D grid, linear dynamics in two patterns: rotation by .2 a snapshot.
inline Tensor rotating_patterns(uint64_t split) {
  const auto patterns = normal({8, Stream::test, 0}, {2, 2 * 5 * 6}, torch::kDouble);
  std::vector<Tensor> trajectories;
  for (int64_t i = 0; i < 3; ++i) {
    const auto angle = torch::arange(30, torch::kDouble) * .2 + static_cast<double>(split + 3 * i);
    const auto a =
        torch::stack({torch::cos(angle), torch::sin(angle)}, 1) * (1 + .1 * static_cast<double>(i));
    trajectories.push_back(a.matmul(patterns));
  }
  return torch::stack(trajectories).view({3, 30, 2, 5, 6});
}

}  // namespace msde
