#include "msde/tensor/slab_memory.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace msde {
namespace {

TEST(SlabMemory, OfALetGoSlabIsTakenAgain) {
  std::optional slab = slab_memory({8, 1000}, torch::kFloat);
  const void* const first = slab->data_ptr();
  slab.reset();
  slab = slab_memory({4, 500}, torch::kDouble);  // smaller
  EXPECT_EQ(slab->data_ptr(), first);
  EXPECT_TRUE(slab->is_contiguous());
  EXPECT_EQ(slab->sizes(), at::IntArrayRef({4, 500}));
  EXPECT_EQ(slab->scalar_type(), torch::kDouble);
}

TEST(SlabMemory, OfSlabsInUseIsTheirOwn) {
  auto a = slab_memory({1000}, torch::kFloat).fill_(1), b = slab_memory({1000}, torch::kFloat).fill_(2);
  auto view = a.narrow(0, 10, 5);
  a = slab_memory({1000}, torch::kFloat).fill_(3);  // the view still holds the old one
  EXPECT_EQ(view.sum().item<float>(), 5);
  EXPECT_EQ(b.sum().item<float>(), 2000);
}

TEST(SlabMemory, OfNothingIsEmpty) {
  EXPECT_EQ(slab_memory({0, 7}, torch::kFloat).numel(), 0);
}

TEST(SlabMemory, BeyondTheLimitIsGivenBack) {
  const int64_t large = static_cast<int64_t>(kKeptBytes / sizeof(float)) + 1;
  { const auto kept = slab_memory({1000}, torch::kFloat); }
  const void* small = nullptr;
  {
    const auto kept = slab_memory({1000}, torch::kFloat);
    small = kept.data_ptr();
    const auto whole = slab_memory({large}, torch::kFloat).zero_();
  }
  EXPECT_EQ(slab_memory({1000}, torch::kFloat).data_ptr(), small);
}

}  // namespace
}  // namespace msde
