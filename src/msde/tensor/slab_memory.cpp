#include "msde/tensor/slab_memory.hpp"

#include <c10/core/CPUAllocator.h>

#include <mutex>
#include <utility>

namespace msde {
namespace {

struct Block {
  at::DataPtr memory;
  size_t bytes = 0;
};

// The block that was let go last.
class KeptBlock {
 public:
  Block take(size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (kept_.bytes >= bytes && kept_.bytes <= 2 * bytes) return std::exchange(kept_, {});
    }
    return {c10::GetCPUAllocator()->allocate(bytes), bytes};
  }
  void give_back(Block block) {
    const std::lock_guard lock(mutex_);
    std::swap(kept_, block);
  }

 private:
  std::mutex mutex_;
  Block kept_;
};

// Never destroyed: tensors may outlive every static object.
KeptBlock& kept_block() {
  static auto* kept = new KeptBlock;
  return *kept;
}

}  // namespace

torch::Tensor slab_memory(at::IntArrayRef shape, torch::ScalarType dtype) {
  const size_t bytes = c10::multiply_integers(shape) * c10::elementSize(dtype);
  if (bytes < kLeastKept || bytes > kMostKept) return torch::empty(shape, dtype);
  auto block = std::make_shared<Block>(kept_block().take(bytes));
  void* const values = block->memory.get();
  return torch::from_blob(
      values, shape, [block = std::move(block)](void*) { kept_block().give_back(std::move(*block)); }, dtype);
}

}  // namespace msde
