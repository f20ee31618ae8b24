// The files behind data.path: one, those that a pattern finds, or a folder of them, and those that they link to.
#pragma once

#include <cstdint>
#include <string>

namespace msde {

bool are_there(const std::string& data_path);

// Of one file its own hash, of several that of theirs and of their number. DataError if one is unreadable.
std::string hash_data(const std::string& data_path);

// What changes where a file does, without reading it: all bytes, and when they changed, of one in ns; -1 = not known.
struct DataStamp {
  int64_t bytes = -1, changed = -1;
  bool operator==(const DataStamp& other) const { return bytes == other.bytes && changed == other.changed; }
};
DataStamp stamp_of(const std::string& data_path);

}  // namespace msde
