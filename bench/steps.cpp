// msde's side of bench/run: a long-lived process that does a piece of work as often as it is told.
//   msde_bench_steps train_step|rollout_step|predict|generate|project --case kdv_1d --preset reduced
//                    --count 8 --threads 2 --dump FILE
// Answers on stdout: "ready NAME=VALUE .." with the environment that msde chose, then to every line of stdin,
//   "run N": seconds that N iterations took;  "sgemm": GFLOP/s of the best of a few products of 2048 x 2048.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "apps/msde/program/process_environment.hpp"
#include "apps/msde/program/standard_descriptors.hpp"
#include "bench/workload.hpp"
#include "msde/core/error.hpp"
#include "msde/tensor/threads.hpp"

namespace msde::bench {
namespace {

using Maker = std::unique_ptr<Workload> (*)(const WorkloadOptions&);
constexpr std::pair<const char*, Maker> kWorkloads[] = {{"train_step", make_train_step},
                                                        {"rollout_step", make_rollout_step},
                                                        {"predict", make_predict},
                                                        {"generate", make_generate},
                                                        {"project", make_project}};

Maker maker_of(const std::string& name) {
  for (const auto& [known, make] : kWorkloads)
    if (name == known) return make;
  throw ConfigError("workload: got '" + name +
                    "', expected train_step, rollout_step, predict, generate or project");
}

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The rate that mfu is relative to.
double sgemm_rate() {
  constexpr int64_t n = 2048, repeats = 5;
  const auto a = torch::rand({n, n}), b = torch::rand({n, n});
  auto c = torch::mm(a, b);
  double best = 0;
  for (int64_t i = 0; i < repeats; ++i)
    best = std::max(best, 2e-9 * n * n * n / seconds_of([&] { torch::mm_out(c, a, b); }));
  return best;
}

std::string environment() {
  std::string text;
  for (const char* name : {"OPENBLAS_CORETYPE", "OMP_WAIT_POLICY", "GLIBC_TUNABLES"})
    if (const char* value = std::getenv(name)) text += fmt::format(" {}={}", name, value);
  return text;
}

void answer(const std::string& text) {
  std::cout << text << std::endl;
}

void serve(Workload& workload) {
  workload.iterate();  // first touches of memory, choices of kernels
  workload.iterate();
  answer("ready" + environment());
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb;
    int64_t n = 0;
    words >> verb >> n;
    if (verb == "run")
      answer(fmt::format("{:.9g}", seconds_of([&] {
                           for (int64_t i = 0; i < n; ++i) workload.iterate();
                         })));
    else if (verb == "sgemm")
      answer(fmt::format("{:.6g}", sgemm_rate()));
    else
      throw ConfigError("stdin: got '" + line + "', expected run N or sgemm");
  }
}

int run(int argc, char** argv) {
  CLI::App app("msde's side of bench/run");
  WorkloadOptions options;
  std::string workload, dump;
  int64_t threads = 0;
  bool only_dump = false;
  app.add_option("workload", workload)->required();
  app.add_option("--case", options.case_name);
  app.add_option("--preset", options.preset);
  app.add_option("--configs", options.configs);
  app.add_option("--count", options.count);
  app.add_option("--points", options.points, "Of every axis of the grid");
  app.add_option("--window", options.window, "Snapshots of a window of a train step");
  app.add_flag("--small", options.small, "Sizes of a unit test");
  app.add_flag("--double", options.doubles, "float64");
  app.add_option("--threads", threads);
  app.add_option("--dump", dump, "HDF5 file for the peer: weights, inputs and results");
  app.add_flag("--only-dump", only_dump);
  CLI11_PARSE(app, argc, argv);
  set_threads(threads);
  const auto work = maker_of(workload)(options);
  if (!dump.empty()) {
    auto file = hdf5::File::create(dump);
    work->write(file);
    file.close();
  }
  if (!only_dump) serve(*work);
  return 0;
}

}  // namespace
}  // namespace msde::bench

int main(int argc, char** argv) {
  msde::open_standard_descriptors();
  msde::choose_process_environment(argv);
  try {
    return msde::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "msde_bench_steps: error: " << e.what() << "\n";
    return 1;
  }
}
