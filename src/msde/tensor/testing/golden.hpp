// Test support: golden values (tests/golden/README.md). Whatever is missing fails the test, nothing is
// skipped.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/torch.hpp"

#ifndef MSDE_GOLDEN_SOURCE_DIR
#error "cmake/layers.cmake defines MSDE_GOLDEN_SOURCE_DIR for every test program"
#endif

namespace msde::golden {

// max|a-b| / max|b| must stay below this.
inline double tolerance(torch::ScalarType dtype) {
  return dtype == torch::kDouble ? 1e-10 : 2e-4;
}

// MSDE_GOLDEN_DIR, read now, or else tests/golden of the source tree.
inline std::string folder() {
  const char* elsewhere = std::getenv("MSDE_GOLDEN_DIR");
  return elsewhere != nullptr && *elsewhere != '\0' ? elsewhere : MSDE_GOLDEN_SOURCE_DIR;
}

inline hdf5::File open(const std::string& name) {
  const auto path = std::filesystem::path(folder()) / name;
  if (!std::filesystem::exists(path)) throw DataError("golden values: " + path.string() + " does not exist");
  return hdf5::File::open(path.string());
}

inline torch::Tensor read(const hdf5::File& file, const std::string& name, torch::ScalarType dtype) {
  if (!file.has(name)) throw DataError("golden values: " + file.path() + " has no dataset '" + name + "'");
  return read_tensor(file, name, dtype);
}

inline double attribute(const hdf5::File& file, const std::string& group, const std::string& name) {
  const auto value = file.number(group, name);
  if (!value)
    throw DataError("golden values: " + file.path() + ", group '" + group + "' has no attribute " + name);
  return *value;
}

// Every group of the file that holds the dataset `marker` ("" = the root itself), known or not.
// Fails if one of `required` is not among them.
inline std::vector<std::string> groups(const hdf5::File& file, const std::string& marker,
                                       const std::vector<std::string>& required) {
  std::vector<std::string> found;
  if (file.has(marker)) found.push_back("");
  for (const auto& name : file.names("/"))
    if (!file.is_dataset(name) && file.has(name + "/" + marker)) found.push_back(name);
  for (const auto& name : required)
    if (std::find(found.begin(), found.end(), name) == found.end())
      throw DataError("golden values: " + file.path() + " has no group '" + name + "' with a dataset " +
                      marker);
  return found;
}

inline std::string in_group(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "/" + name;
}

// Fails unless every dataset below group/expected is in `tested`: a new expected value must not pass unseen.
inline void expect_all_tested(const hdf5::File& file, const std::string& group,
                              const std::vector<std::string>& tested) {
  for (const auto& name : file.names(in_group(group, "expected")))
    EXPECT_NE(std::find(tested.begin(), tested.end(), name), tested.end())
        << file.path() << ": no test reads '" << in_group(group, "expected/") << name << "'";
}

// Compares in float64, by max|a-b| / max|b|, within the tolerance of the type that `got` was computed in.
inline void expect_near(const torch::Tensor& got, const torch::Tensor& expected,
                        torch::ScalarType computed_in, const std::string& what) {
  ASSERT_EQ(got.sizes(), expected.sizes()) << what;
  const auto a = got.detach().to(torch::kDouble), b = expected.detach().to(torch::kDouble);
  const double error = ((a - b).abs().max() / b.abs().max()).item<double>();
  EXPECT_LT(error, tolerance(computed_in)) << what;  // also fails for NaN
}

}  // namespace msde::golden
