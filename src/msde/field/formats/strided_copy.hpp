// Values between two orders of axes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace msde {

// out, in C order of `count`, from values of which the one with indices i is at first + sum i_k stride_k.
template <class T>
void copy_strided(const T* first, const std::vector<int64_t>& count, const std::vector<int64_t>& stride,
                  T* out) {
  const size_t d = count.size();
  std::vector<int64_t> at(d, 0);
  for (const int64_t n : count)
    if (n < 1) return;
  const int64_t inner = d > 0 ? count[d - 1] : 1, step = d > 0 ? stride[d - 1] : 1;
  while (true) {
    for (int64_t i = 0; i < inner; ++i) *out++ = first[i * step];
    size_t axis = d > 0 ? d - 1 : 0;
    for (; axis > 0; --axis) {
      first += stride[axis - 1];
      if (++at[axis - 1] < count[axis - 1]) break;
      first -= stride[axis - 1] * count[axis - 1];
      at[axis - 1] = 0;
    }
    if (axis == 0) return;
  }
}

// The strides of an array of `shape` in C order.
inline std::vector<int64_t> c_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> stride(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) stride[axis - 1] = stride[axis] * shape[axis];
  return stride;
}

}  // namespace msde
