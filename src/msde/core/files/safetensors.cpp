#include "msde/core/files/safetensors.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"

namespace msde::safetensors {
namespace {

using nlohmann::json;

constexpr uint64_t longest_header = 100'000'000;  // the limit of the format
constexpr char metadata_key[] = "__metadata__";

using FileHandle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Bytes of one value, 0 for an unknown type.
uint64_t width(const std::string& dtype) {
  static const std::map<std::string, uint64_t> widths = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2},
                                                         {"I64", 8}, {"I32", 4}, {"I16", 2}, {"I8", 1},
                                                         {"U8", 1},  {"BOOL", 1}};
  const auto found = widths.find(dtype);
  return found == widths.end() ? 0 : found->second;
}

// Bytes of an array, or the largest number where that overflows.
uint64_t byte_count(const std::string& dtype, const std::vector<int64_t>& shape) {
  uint64_t bytes = width(dtype);
  for (const int64_t length : shape) {
    if (length < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(length), &bytes)) {
      return std::numeric_limits<uint64_t>::max();
    }
  }
  return bytes;
}

// What the header says of one array; `begin` and `end` are bytes after the header.
struct Entry {
  std::string name, dtype;
  std::vector<int64_t> shape;
  uint64_t begin, end;
};

// Reads the header's JSON into entries, refusing all that the format does not allow.
class HeaderReader {
 public:
  HeaderReader(const std::string& path, uint64_t data_bytes) : path_(path), data_bytes_(data_bytes) {}

  std::vector<Entry> read(const std::string& text, std::map<std::string, std::string>& metadata) const {
    const json header = parse(text);
    if (!header.is_object()) fail("header is not a JSON object");
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == metadata_key) {
        read_metadata(value, metadata);
      } else {
        entries.push_back(read_entry(name, value));
      }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t at = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != at)
        fail("'" + entry.name + "' " + (entry.begin < at ? "overlaps" : "leaves a hole after") +
             " its neighbour");
      at = entry.end;
    }
    if (at != data_bytes_) {
      fail("got " + std::to_string(data_bytes_) + " bytes of values, expected " + std::to_string(at) +
           "; cut short or damaged");
    }
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw ModelFormatError(path_ + ": " + what); }

  // Depth and repeated names are checked while parsing: the parser itself would accept both.
  json parse(const std::string& text) const {
    std::vector<std::set<std::string>> names;
    const auto watch = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > 3) fail("header is nested too deeply");
      if (event == json::parse_event_t::object_start) names.emplace_back();
      if (event == json::parse_event_t::object_end) names.pop_back();
      if (event == json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second) {
        fail("header repeats '" + value.get<std::string>() + "'");
      }
      return true;
    };
    try {
      return json::parse(text, watch);
    } catch (const json::exception&) {
      fail("header is not JSON");
    }
  }

  void read_metadata(const json& value, std::map<std::string, std::string>& metadata) const {
    if (!value.is_object()) fail("__metadata__ is not a JSON object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__ '" + key + "' is not text");
      metadata[key] = text.get<std::string>();
    }
  }

  Entry read_entry(const std::string& name, const json& value) const {
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets")) {
      fail("'" + name + "' has other fields than dtype, shape and data_offsets");
    }
    if (!value["dtype"].is_string() || width(value["dtype"]) == 0)
      fail("'" + name + "' has an unknown dtype");
    const auto offsets = numbers(name, value["data_offsets"]);
    const Entry entry{name, value["dtype"], numbers(name, value["shape"]),
                      static_cast<uint64_t>(offsets.size() == 2 ? offsets[0] : 0),
                      static_cast<uint64_t>(offsets.size() == 2 ? offsets[1] : 0)};
    if (offsets.size() != 2 || entry.begin > entry.end || entry.end > data_bytes_) {
      fail("'" + name + "' lies outside the file; cut short or damaged");
    }
    if (byte_count(entry.dtype, entry.shape) != entry.end - entry.begin) {
      fail("'" + name + "': got " + std::to_string(entry.end - entry.begin) +
           " bytes, which do not fit its shape");
    }
    return entry;
  }

  std::vector<int64_t> numbers(const std::string& name, const json& list) const {
    if (!list.is_array()) fail("'" + name + "' has a field that is not a list of numbers");
    std::vector<int64_t> values;
    for (const json& item : list) {
      if (!item.is_number_unsigned() || item.get<uint64_t>() > INT64_MAX) {
        fail("'" + name + "' has a field that is not a list of whole numbers");
      }
      values.push_back(item.get<int64_t>());
    }
    return values;
  }

  const std::string& path_;
  uint64_t data_bytes_;
};

}  // namespace

void save(const std::string& path, const Document& document) {
  json header = json::object();
  uint64_t at = 0;
  for (const auto& [name, array] : document.arrays) {
    if (name == metadata_key || width(array.dtype) == 0 ||
        byte_count(array.dtype, array.shape) != array.bytes.size()) {
      throw ModelFormatError(path + ": '" + name +
                             "' cannot be saved: its bytes do not fit its dtype and shape");
    }
    header[name] = {
        {"dtype", array.dtype}, {"shape", array.shape}, {"data_offsets", {at, at + array.bytes.size()}}};
    at += array.bytes.size();
  }
  if (!document.metadata.empty()) header[metadata_key] = document.metadata;
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // values start at a multiple of 8 bytes

  write_atomically(path, [&](const std::string& temporary) {
    std::FILE* file = std::fopen(temporary.c_str(), "wb");
    if (!file) throw DataError(path + ": cannot be written: " + std::strerror(errno));
    bool written = true;
    const auto put = [&](const void* bytes, size_t n) {
      written = written && (n == 0 || std::fwrite(bytes, 1, n, file) == n);
    };
    unsigned char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(text.size() >> (8 * i));
    put(length, 8);
    put(text.data(), text.size());
    for (const auto& [name, array] : document.arrays) put(array.bytes.data(), array.bytes.size());
    if (std::fclose(file) != 0 || !written)
      throw DataError(path + ": cannot be written: " + std::strerror(errno));
  });
}

Document load(const std::string& path) {
  const auto fail = [&](const std::string& what) { return ModelFormatError(path + ": " + what); };
  const FileHandle file(std::fopen(path.c_str(), "rb"), std::fclose);
  struct stat status {};
  if (!file || fstat(fileno(file.get()), &status) != 0)
    throw fail(std::string("cannot be read: ") + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw fail("is not a file");
  const auto size = static_cast<uint64_t>(status.st_size);
  const auto get = [&](void* bytes, size_t n) {
    if (std::fread(bytes, 1, n, file.get()) != n) throw fail("is cut short");
  };

  unsigned char prefix[8];
  if (size < sizeof prefix) throw fail("is cut short; expected a safetensors file");
  get(prefix, sizeof prefix);
  uint64_t length = 0;
  for (int i = 0; i < 8; ++i) length |= static_cast<uint64_t>(prefix[i]) << (8 * i);
  if (length > longest_header || length > size - sizeof prefix) {
    throw fail("header of " + std::to_string(length) +
               " bytes does not fit the file; cut short or no safetensors file");
  }
  std::string text(length, '\0');
  get(text.data(), text.size());

  Document document;
  for (const Entry& entry : HeaderReader(path, size - sizeof prefix - length).read(text, document.metadata)) {
    Array& array = document.arrays[entry.name];
    array = {entry.dtype, entry.shape, std::vector<std::byte>(entry.end - entry.begin)};
    get(array.bytes.data(), array.bytes.size());
  }
  return document;
}

}  // namespace msde::safetensors
