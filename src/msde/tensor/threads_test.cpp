#include "msde/tensor/threads.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(threads, the_number_asked_for_is_in_force) {
  for (int64_t n : {1, 2, 3}) {
    EXPECT_EQ(set_threads(n), n);
    EXPECT_EQ(at::get_num_threads(), n);
  }
  EXPECT_EQ(set_threads(0), available_processors());
  EXPECT_GE(available_processors(), 1);
  EXPECT_THROW(set_threads(-1), ConfigError);
}

TEST(threads, the_deterministic_switch_can_be_set_and_cleared) {
  set_deterministic(true);
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
  set_deterministic(false);
  EXPECT_FALSE(at::globalContext().deterministicAlgorithms());
}

TEST(device, cpu_is_always_there) {
  EXPECT_EQ(parse_device("cpu"), torch::Device(torch::kCPU));
}

TEST(device, cuda_is_given_or_refused_with_exit_code_2) {
  if (torch::cuda::is_available()) {
    EXPECT_EQ(parse_device("cuda"), torch::Device(torch::kCUDA));
    return;
  }
  try {
    parse_device("cuda");
    FAIL() << "an absent device was accepted";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), ExitCode::config);
  }
}

TEST(device, an_unknown_name_is_refused) {
  EXPECT_THROW(parse_device("tpu"), ConfigError);
  EXPECT_THROW(parse_device(""), ConfigError);
  EXPECT_THROW(parse_device("cuda:7"), ConfigError);
}

}  // namespace
}  // namespace msde
