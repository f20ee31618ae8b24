// The steps of hdf5_program.hpp.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace msde::fuzz {

// A program that is read a byte at a time; zeros after its end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return at_ >= bytes_.size(); }
  uint8_t byte() { return empty() ? 0 : static_cast<uint8_t>(bytes_[at_++]); }
  size_t below(size_t n) { return byte() % n; }
  std::string word(size_t longest);  // that many of the bytes that follow, or fewer
  double number();                   // absurd ones among them

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

using Lengths = std::vector<hsize_t>;

class Maker {
 public:
  Maker(hid_t file, Bytes& bytes) : file_(file), bytes_(bytes) {}

  void numbers(const std::string& name, const Lengths& shape, hid_t type);   // a wave
  void ramp(const std::string& name, const Lengths& shape, hsize_t period);  // 0, 1, .. period - 1, 0, ..
  void step();

 private:
  std::string name();
  Lengths shape();
  hid_t type();  // to be closed
  hid_t properties(const Lengths& shape, bool of_numbers);
  void dataset();
  void virtual_dataset();
  void attribute();
  void link();
  void dimension();
  void remove();

  hid_t file_;
  Bytes& bytes_;
  bool has_odd_scales_ = false;  // HDF5 itself falls over these when it writes more of them
};

}  // namespace msde::fuzz
