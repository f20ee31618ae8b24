#include "msde/run/data_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/hash.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/field/formats/joined.hpp"
#include "msde/field/formats/vtk_series.hpp"

namespace msde {

namespace {

// Those named, and those that their values lie in.
std::vector<std::string> all_files(const std::string& data_path) {
  std::vector<std::string> all;
  for (const auto& file : files_of(data_path))
    for (auto& named : with_images_of_series(file)) all.push_back(std::move(named));
  for (size_t i = 0, n = all.size(); i < n; ++i)
    for (auto& linked : hdf5::linked_files(all[i])) all.push_back(std::move(linked));
  return all;
}

}  // namespace

bool are_there(const std::string& data_path) {
  std::error_code ignored;
  if (!is_pattern(data_path)) return std::filesystem::exists(data_path, ignored);
  try {
    return !files_of(data_path).empty();
  } catch (const DataError&) {
    return false;
  }
}

std::string hash_data(const std::string& data_path) {
  const auto files = all_files(data_path);
  if (files.size() == 1) return hash_file(files.front());
  std::string hashes;
  for (const auto& file : files) hashes += hash_file(file) + "\n";
  return hash_text(hashes);
}

DataStamp stamp_of(const std::string& data_path) {
  DataStamp stamp = {0, 0};
  for (const auto& file : all_files(data_path)) {
    struct stat facts = {};
    if (::stat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    stamp.bytes += static_cast<int64_t>(facts.st_size);
    // Of one file its time; of several a number that changes with each of them.
    const int64_t changed = int64_t{1000000000} * facts.st_mtim.tv_sec + facts.st_mtim.tv_nsec;
    stamp.changed =
        static_cast<int64_t>(31 * static_cast<uint64_t>(stamp.changed) + static_cast<uint64_t>(changed));
  }
  return stamp;
}

}  // namespace msde
