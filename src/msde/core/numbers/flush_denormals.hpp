// Numbers too small for a float's full precision, below 1e-38, count as 0.
#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace msde {

// For as long as it lives, in the thread that makes it and in threads that this one starts: results and
// operands below 1.2e-38 (2.2e-308 in double) are 0. x86 computes with them a hundred times slower, and products of matrices whose
// entries fall off fast, such as an orthonormal basis of narrow kernels, are full of them. Other processors
// do nothing: theirs cost nothing.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() {
    _mm_setcsr(before_);
  }
#else
  FlushDenormals() = default;
  ~FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x40;
  unsigned before_;
#endif
};

}  // namespace msde
