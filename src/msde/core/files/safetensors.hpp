// The safetensors format: u64 header length, JSON header, packed little-endian C-order arrays.
// Loading runs no code and trusts no header: sizes, overlaps and holes are checked before anything is
// allocated.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace msde::safetensors {

struct Array {
  std::string dtype;  // "F32", "F64", "I64"
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

struct Document {
  std::map<std::string, Array> arrays;          // written in name order, so equal content gives equal bytes
  std::map<std::string, std::string> metadata;  // "__metadata__"
};

void save(const std::string& path, const Document& document);  // atomic
Document load(const std::string& path);                        // ModelFormatError

}  // namespace msde::safetensors
