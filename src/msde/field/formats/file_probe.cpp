#include "msde/field/formats/file_probe.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace msde {

FileProbe::FileProbe(std::string path, FieldChoice choice)
    : path_(std::move(path)), choice_(std::move(choice)) {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return;
  exists_ = true;
  is_folder_ = S_ISDIR(status.st_mode);
  if (!S_ISREG(status.st_mode)) return;  // reading from a pipe would wait, and take what is read
  size_ = static_cast<int64_t>(status.st_size);
  first_bytes_.resize(static_cast<size_t>(std::min<int64_t>(size_, 64)));
  std::ifstream file(path_, std::ios::binary);
  if (!file.read(first_bytes_.data(), static_cast<std::streamsize>(first_bytes_.size())))
    first_bytes_.clear();
}

bool FileProbe::is_named(std::string_view ending) const {
  return path_.size() >= ending.size() &&
         path_.compare(path_.size() - ending.size(), ending.size(), ending) == 0;
}

const hdf5::File* FileProbe::hdf5() const {
  if (!looked_for_hdf5_ && size_ > 0 && hdf5::File::recognises(path_)) hdf5_ = hdf5::File::open(path_);
  looked_for_hdf5_ = true;
  return hdf5_ ? &*hdf5_ : nullptr;
}

hdf5::File FileProbe::take_hdf5() {
  return hdf5() ? std::move(*hdf5_) : hdf5::File::open(path_);
}

}  // namespace msde
