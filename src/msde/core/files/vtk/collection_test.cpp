#include "msde/core/files/vtk/collection.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde::vtk {
namespace {

class collection : public testing::Test {
 protected:
  std::vector<CollectedFile> read(const std::string& sets) const {
    std::ofstream(path_) << "<VTKFile type=\"Collection\"><Collection>" << sets << "</Collection></VTKFile>";
    return read_collection(path_);
  }
  std::string error_of(const std::string& sets) const {
    try {
      read(sets);
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }
  TestFolder folder_;
  const std::string path_ = folder_ / "a.pvd";
};

TEST_F(collection, files_in_the_order_of_their_times) {
  const auto files = read(
      R"(<DataSet timestep="10" file="b.vti"/><DataSet timestep="9.5" part="0" group="" file="sub/a.vti"/>)");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].time, 9.5);
  EXPECT_EQ(files[0].path, folder_ / "sub/a.vti");
  EXPECT_EQ(files[1].path, folder_ / "b.vti");
}

TEST_F(collection, what_is_no_series) {
  EXPECT_NE(error_of("").find("no files"), std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet timestep="0" part="1" file="a.vti"/>)").find("part '1'"), std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet file="a.vti"/>)").find("no timestep"), std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet timestep="nan" file="a.vti"/>)").find("no timestep"), std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet timestep="soon" file="a.vti"/>)").find("'soon'"), std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet timestep="0" file="a&#10;b.vti"/>)").find("names no file"),
            std::string::npos);
  EXPECT_NE(error_of(R"(<DataSet timestep="0"/>)").find("names no file"), std::string::npos);
  EXPECT_NE(
      error_of(R"(<DataSet timestep="1" file="a"/><DataSet timestep="1" file="b"/>)").find("same timestep 1"),
      std::string::npos);
}

}  // namespace
}  // namespace msde::vtk
