#include "msde/tensor/mapped_tensor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "msde/core/error.hpp"

namespace msde {

torch::Tensor mapped_zeros(at::IntArrayRef shape) {
  const char* chosen = std::getenv("TMPDIR");
  const std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
  const int64_t numel = c10::multiply_integers(shape), bytes = numel * static_cast<int64_t>(sizeof(float));
  const auto fail = [&](int reason) {
    throw DataError(folder + ": cannot hold a temporary file of " + std::to_string(bytes >> 20) +
                    " MiB: " + std::strerror(reason) + "; set TMPDIR to a folder that can");
  };
  std::string name = folder + "/msde.XXXXXX";
  const int file = ::mkstemp(name.data());
  if (file < 0) fail(errno);
  const int problem = ::posix_fallocate(file, 0, bytes);
  ::close(file);
  if (problem != 0) {
    ::unlink(name.c_str());
    fail(problem);
  }
  auto tensor = torch::from_file(name, /*shared=*/true, numel, torch::kFloat);
  ::unlink(name.c_str());  // the mapping keeps the data
  return tensor.view(shape);
}

}  // namespace msde
