#include "msde/tensor/slab_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>

namespace msde {
namespace {

constexpr int64_t kValues = int64_t{1} << 20;  // 4 MiB of float32

TEST(SlabMemory, OfALetGoSlabIsTakenAgain) {
  std::optional slab = slab_memory({8, kValues / 8}, torch::kFloat);
  const void* const first = slab->data_ptr();
  slab.reset();
  slab = slab_memory({4, kValues / 10}, torch::kDouble);  // somewhat smaller
  EXPECT_EQ(slab->data_ptr(), first);
  EXPECT_TRUE(slab->is_contiguous());
  EXPECT_EQ(slab->sizes(), at::IntArrayRef({4, kValues / 10}));
  EXPECT_EQ(slab->scalar_type(), torch::kDouble);
  slab.reset();
  const auto small = slab_memory({kValues / 3}, torch::kFloat);  // not to hold so much more than it needs
  EXPECT_NE(small.data_ptr(), first);
}

TEST(SlabMemory, OfSlabsInUseIsTheirOwn) {
  auto a = slab_memory({kValues}, torch::kFloat).fill_(1), b = slab_memory({kValues}, torch::kFloat).fill_(2);
  const auto view = a.narrow(0, 10, 5);
  a = slab_memory({kValues}, torch::kFloat).fill_(3);  // the view still holds the old one
  EXPECT_EQ(view.sum().item<float>(), 5);
  EXPECT_EQ(b.sum().item<float>(), 2. * kValues);
}

TEST(SlabMemory, OfThreadsIsTheirOwn) {
  const auto work = [](float value) {
    for (int repeat = 0; repeat < 200; ++repeat) {
      const auto slab = slab_memory({kValues / 4}, torch::kFloat);
      auto* const values = slab.data_ptr<float>();
      std::fill_n(values, slab.numel(), value);
      if (std::any_of(values, values + slab.numel(), [&](float v) { return v != value; })) return false;
    }
    return true;
  };
  auto one = std::async(std::launch::async, work, 1.f), two = std::async(std::launch::async, work, 2.f);
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(two.get());
}

TEST(SlabMemory, OfSmallAndHugeSlabsIsNotKept) {
  EXPECT_EQ(slab_memory({0, 7}, torch::kFloat).numel(), 0);
  EXPECT_EQ(slab_memory({3}, torch::kFloat).fill_(1).sum().item<float>(), 3);
  const auto huge = static_cast<int64_t>(kMostKept / sizeof(float)) + 1;
  EXPECT_EQ(slab_memory({huge}, torch::kFloat).numel(), huge);
}

}  // namespace
}  // namespace msde
