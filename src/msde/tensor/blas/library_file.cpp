#include "msde/tensor/blas/library_file.hpp"

#include <dlfcn.h>

namespace msde {

std::filesystem::path library_file(void* function) {
  Dl_info info;
  if (function == nullptr || dladdr(function, &info) == 0) return {};
  return std::filesystem::weakly_canonical(info.dli_fname);
}

}  // namespace msde
