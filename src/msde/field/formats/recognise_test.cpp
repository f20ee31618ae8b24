#include "msde/field/formats/recognise.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

// A version 1 .npy of float64.
std::string npy(const std::string& shape, const std::vector<double>& values, bool fortran = false) {
  std::string header = "{'descr': '<f8', 'fortran_order': " + std::string(fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  header.resize(117, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00\x76\x00", 10);
  bytes += header;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

class formats : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  // An HDF5 file of datasets with one value each; "group/" makes a group.
  std::string write_h5(const std::string& name, const std::vector<std::string>& datasets) const {
    auto file = hdf5::File::create(folder_ / name);
    for (const auto& dataset : datasets) file.write<double>(dataset, {1}, {0});
    file.close();
    return folder_ / name;
  }
  static std::string name_of(const std::string& path) { return format_of(FileProbe(path)).name; }
  template <class Action>
  static std::string error_of(Action action) {
    try {
      action();
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }

  TestFolder folder_;
};

TEST_F(formats, the_first_that_knows_a_file_has_it) {
  EXPECT_EQ(name_of(write("a", npy("(2,)", {1, 2}))), "an array of NumPy");
  EXPECT_EQ(name_of(write_h5("b", {"point", "x", "t"})), "a forecast of msde");
  EXPECT_EQ(name_of(write_h5("c", {"train_x", "x"})), "msde dataset");
  EXPECT_EQ(name_of(write_h5("d", {"x", "0000/data"})), "an array x in HDF5");
  EXPECT_EQ(name_of(write_h5("e", {"0000/data"})), "PDEBench, a group per trajectory");
  EXPECT_EQ(name_of(write_h5("f", {"tensor", "x-coordinate"})), "PDEBench, flat arrays");
  EXPECT_EQ(name_of(write_h5("g", {"fields"})), "an array in HDF5");
  const std::string image =
      "<VTKFile type=\"ImageData\"><ImageData WholeExtent=\"0 1 0 1 0 1\"><Piece Extent=\"0 1 0 1 0 1\">"
      "<PointData><DataArray Name=\"u\" type=\"Int8\"/></PointData></Piece>";
  EXPECT_EQ(name_of(write("v", image + "</ImageData></VTKFile>")), "VTK image, time along z");
  EXPECT_EQ(
      name_of(write(
          "s",
          image +
              "<FieldData><DataArray Name=\"TimeValue\" type=\"Int8\"/></FieldData></ImageData></VTKFile>")),
      "a VTK image of one snapshot");
  EXPECT_EQ(name_of(write("p", "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\"></VTKFile>")),
            "VTK images of a .pvd");
  EXPECT_EQ(name_of(write_h5("h.npy", {"fields"})), "an array in HDF5");  // bytes go before names
}

TEST_F(formats, each_can_be_opened_as_something) {
  for (const FieldFormat& format : field_formats()) {
    EXPECT_TRUE(format.open || format.open_arrays) << format.name;
    EXPECT_EQ(format.open != nullptr, format.holds == Holds::dataset) << format.name;
  }
}

TEST_F(formats, what_is_in_none_is_refused_with_the_reason) {
  const auto opened = [](const std::string& path) {
    return error_of([&] { open_fields(path); }) + error_of([&] { format_of(FileProbe(path)); }) +
           error_of([&] { open_arrays(path); });
  };
  for (const auto& [path, words] : {std::pair{write("text", "hello"), "is not an HDF5 file"},
                                    {write("empty", ""), "is empty"},
                                    {folder_.path(), "is a folder"},
                                    {folder_ / "absent", "No such file"},
                                    {write("noise.npy", "hello"), "is not an .npy file"}}) {
    EXPECT_NE(opened(path).find(words), std::string::npos) << opened(path);
    EXPECT_NE(opened(path).find(path), std::string::npos);
  }
}

TEST_F(formats, arrays_are_no_dataset_and_the_message_says_why) {
  const auto path = write("a.npy", npy("(1, 2, 1, 2)", {1, 2, 3, 4}));
  const auto message = error_of([&] { open_fields(path); });
  for (const char* words : {"a.npy", "an array of NumPy", "when its fields are", "msde score", "'train_x'"})
    EXPECT_NE(message.find(words), std::string::npos) << message;
  const auto other = error_of([&] { open_fields(write_h5("b", {"point", "mean"})); });
  EXPECT_NE(other.find("the file has [mean, point]"), std::string::npos) << other;
}

TEST_F(formats, a_probe_looks_without_waiting) {
  const FileProbe probe(write("a.b", "0123456789"));
  EXPECT_TRUE(probe.exists() && !probe.is_folder());
  EXPECT_EQ(probe.size(), 10);
  EXPECT_TRUE(probe.begins_with("0123") && !probe.begins_with("123") && !probe.begins_with("0123456789a"));
  EXPECT_TRUE(probe.is_named(".b") && !probe.is_named(".a"));
  EXPECT_EQ(probe.hdf5(), nullptr);
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(FileProbe(pipe).exists());
  EXPECT_EQ(FileProbe(pipe).hdf5(), nullptr);
  EXPECT_FALSE(FileProbe(folder_ / "absent").exists());
  EXPECT_TRUE(FileProbe(folder_.path()).is_folder());
}

TEST_F(formats, boxes_of_an_npy_array) {
  const std::vector<double> values = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                      12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
  std::vector<double> turned;  // the same array [2, 3, 4] in Fortran order
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) turned.push_back(12 * i + 4 * j + k);
  for (const bool fortran : {false, true}) {
    const auto file = open_arrays(write("a", npy("(2, 3, 4)", fortran ? turned : values, fortran)));
    const auto name = file->names().at(0);
    EXPECT_EQ(file->shape(name), (std::vector<int64_t>{2, 3, 4}));
    EXPECT_EQ(file->read(name), values);
    std::vector<double> box(8);
    file->read(name, {{0, 1, 1}, {2, 2, 2}}, box.data());
    EXPECT_EQ(box, (std::vector<double>{5, 6, 9, 10, 17, 18, 21, 22}));
    file->read(name, {{1, 1, 0}, {1, 2, 4}}, box.data());
    EXPECT_EQ(box, (std::vector<double>{16, 17, 18, 19, 20, 21, 22, 23}));
    EXPECT_THROW(file->read(name, {{1, 1, 0}, {1, 3, 4}}, box.data()), DataError);
  }
}

}  // namespace
}  // namespace msde
