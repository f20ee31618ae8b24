#include "msde/tensor/threads.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <sched.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/tensor/blas/blas.hpp"

namespace msde {

int64_t available_processors() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return CPU_COUNT(&mask);
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {

int64_t safe_threads(int64_t number) {
  const Blas& blas = adapted_blas();
  if (number == 1 || blas.care != BlasCare::refused) return number;
  spdlog::warn("threads: 1 instead of {}: the BLAS in {} is not safe with more; install libopenblas0-openmp",
               number, blas.file);
  return 1;
}

}  // namespace

int64_t set_threads(int64_t threads) {
  if (threads < 0 || threads > most_threads)
    throw ConfigError(
        fmt::format("threads: got {}, expected 0 (all processors) to {}", threads, most_threads));
  at::set_num_threads(static_cast<int>(safe_threads(threads == 0 ? available_processors() : threads)));
  return at::get_num_threads();
}

void require_safe_threads() {
  const int64_t number = at::get_num_threads(), safe = safe_threads(number);
  if (safe < number) at::set_num_threads(static_cast<int>(safe));
}

int64_t groups_of(int64_t rows) {
  return at::in_parallel_region() ? 1 : std::min<int64_t>(rows, at::get_num_threads());
}

void set_deterministic(bool deterministic) {
  at::globalContext().setDeterministicAlgorithms(deterministic, /*warn_only=*/false);
  at::globalContext().setDeterministicCuDNN(deterministic);
  at::globalContext().setBenchmarkCuDNN(false);  // its choice of kernel depends on timing
}

torch::Device parse_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name != "cuda") throw ConfigError("device: got '" + name + "', expected 'cpu' or 'cuda'");
  if (!torch::cuda::is_available())
    throw ConfigError("device: got 'cuda', but this LibTorch (" TORCH_VERSION
                      ") finds no CUDA device; use --device cpu, or build with a CUDA LibTorch on a machine "
                      "with a GPU");
  return torch::kCUDA;
}

}  // namespace msde
