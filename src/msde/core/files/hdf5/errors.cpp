#include "msde/core/files/hdf5/errors.hpp"

#include <hdf5.h>

#include <algorithm>

#include "msde/core/error.hpp"

namespace msde::hdf5 {
namespace {

herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* text) {
  if (error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

}  // namespace

// HDF5 prints a stack of its internals on stderr unless told not to, thread by thread. And at the end of the
// process it flushes again what could not be written before, and crashes on a full disk: files are closed
// here.
void silence() {
  static const bool no_flush_at_exit = H5dont_atexit() >= 0;
  thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)no_flush_at_exit, (void)silent;
}

std::string reason() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_innermost, &text);
  // Of a failed system call, what the system said: "No space left on device".
  const std::string label = "error message = '";
  if (const size_t at = text.find(label); at != std::string::npos) {
    text = text.substr(at + label.size(), text.find('\'', at + label.size()) - at - label.size());
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? "unknown reason" : text;
}

std::string show(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

void fail(const std::string& path, const std::string& object, const std::string& message) {
  throw DataError(path + ": " + (object.empty() ? "" : "'" + object + "': ") + message);
}

}  // namespace msde::hdf5
