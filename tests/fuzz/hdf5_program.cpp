#include "tests/fuzz/hdf5_program.hpp"

#include <hdf5.h>
#include <hdf5_hl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/fuzz/hdf5_steps.hpp"

namespace msde::fuzz {
namespace {

constexpr int kStepsAtMost = 24;

void native(Maker& m, bool with_splits) {
  for (const std::string split : {"train_", "val_", "test_"}) {
    const std::string prefix = with_splits ? split : "";
    m.numbers(prefix + "x", {2, 4, 1, 8}, H5T_NATIVE_FLOAT);
    m.ramp(prefix + "t", {2, 4}, 4);
    if (!with_splits) return;
    m.numbers(prefix + "mu", {2, 1}, H5T_NATIVE_FLOAT);
  }
}

void groups(Maker& m) {
  for (const std::string group : {"0000", "0001", "0002"}) {
    m.numbers(group + "/data", {4, 8, 1}, H5T_NATIVE_FLOAT);
    m.ramp(group + "/grid/t", {4}, 4);
    m.ramp(group + "/grid/x", {8}, 8);
  }
}

void flat(Maker& m) {
  m.numbers("tensor", {2, 4, 8}, H5T_NATIVE_FLOAT);
  m.ramp("t-coordinate", {5}, 5);
  m.ramp("x-coordinate", {8}, 8);
}

void forecast(Maker& m) {
  for (const char* name : {"point", "mean", "std"}) m.numbers(name, {2, 4, 1, 8}, H5T_NATIVE_FLOAT);
  m.numbers("members", {3, 2, 4, 1, 8}, H5T_NATIVE_FLOAT);
  m.ramp("t", {4}, 4);
}

}  // namespace

std::string make_hdf5(const std::string& folder, std::string_view program) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  Bytes bytes(program);
  const std::string path = folder + "/a.h5", other = folder + "/b.h5";
  unlink(other.c_str());
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  Maker maker(file, bytes);
  switch (bytes.below(8)) {
    case 0:
      native(maker, true);
      break;
    case 1:
      native(maker, false);
      break;
    case 2:
      groups(maker);
      break;
    case 3:
      flat(maker);
      break;
    case 4:
      forecast(maker);
      break;
    case 5: {  // values that stand in the other file
      const hid_t second = H5Fcreate(other.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
      Bytes none("");
      Maker in_second(second, none);
      native(in_second, true), groups(in_second);
      for (int i = 0; i < 4 && !bytes.empty(); ++i) {
        Maker steps(second, bytes);
        steps.step();
      }
      H5Fclose(second);
      native(maker, true);
      break;
    }
    default:
      break;
  }
  for (int i = 0; i < kStepsAtMost && !bytes.empty(); ++i) maker.step();
  H5Fclose(file);
  return path;
}

}  // namespace msde::fuzz
