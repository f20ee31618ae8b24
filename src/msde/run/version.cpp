#include "msde/run/version.hpp"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <cstdlib>

#include "msde/core/files/hdf5.hpp"
#include "msde/tensor/blas/blas.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

// The set LibTorch's own kernels use; its text has the line "  - CPU capability usage: AVX512".
std::string instruction_set() {
  const std::string text = at::show_config(), label = "CPU capability usage: ";
  const size_t at = text.find(label);
  if (at == std::string::npos) return "unknown";
  return text.substr(at + label.size(), text.find('\n', at) - at - label.size());
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "unset";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> environment_facts() {
  const int64_t devices = torch::cuda::is_available() ? static_cast<int64_t>(torch::cuda::device_count()) : 0;
  const Blas& blas = adapted_blas();
  return {{"msde", version()},
          {"LibTorch", TORCH_VERSION},
          {"HDF5", hdf5::version()},
          {"BLAS", blas.name},
          {"BLAS file", blas.file.empty() ? "inside LibTorch" : blas.file},
          {"BLAS kernels", blas.kernels},
          {"BLAS threading", blas.threading},
          {"care of the BLAS", describe(blas.care)},
          {"OPENBLAS_CORETYPE", environment("OPENBLAS_CORETYPE")},
          {"OMP_WAIT_POLICY", environment("OMP_WAIT_POLICY")},
          {"GLIBC_TUNABLES", environment("GLIBC_TUNABLES")},
          {"instruction set of LibTorch", instruction_set()},
          {"processors available", std::to_string(available_processors())},
          {"threads", std::to_string(at::get_num_threads())},
          {"CUDA", devices > 0 ? "yes, " + std::to_string(devices) + " devices" : "no"}};
}

}  // namespace msde
