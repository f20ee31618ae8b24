#include "msde/field/formats/vtk_channels.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

class vtk_channels : public testing::Test {
 protected:
  // 3 points along x, 1 along y, 2 along z.
  std::string write(const std::string& arrays, const std::string& group = "PointData") const {
    std::ofstream(folder_ / "a.vti")
        << "<VTKFile type=\"ImageData\"><ImageData WholeExtent=\"4 6 0 0 0 1\" Origin=\"1 2 3\" "
           "Spacing=\".5 1 .25\"><Piece Extent=\"4 6 0 0 0 1\"><"
        << group << ">" << arrays << "</" << group << "></Piece></ImageData></VTKFile>";
    return folder_ / "a.vti";
  }
  const std::string kArrays =
      R"(<DataArray type="Int32" Name="p, total" format="ascii">1 2 3 4 5 6</DataArray>
    <DataArray type="Float32" Name="v" NumberOfComponents="2" format="ascii">10 20 11 21 12 22 13 23 14 24 15 25</DataArray>
    <DataArray type="UInt8" Name="vtkGhostType" format="ascii">0 0 0 0 0 0</DataArray>)";
  TestFolder folder_;
};

TEST_F(vtk_channels, one_for_each_component) {
  const VtkChannels channels(write(kArrays), {});
  EXPECT_EQ(channels.names(), (std::vector<std::string>{"p  total", "v_x", "v_y"}));
  EXPECT_TRUE(channels.finer_than_float());
  EXPECT_EQ(channels.header().left_out, std::vector<std::string>{"vtkGhostType"});
  std::vector<float> values(9);
  channels.read(2, 3, 3, values.data());
  EXPECT_EQ(values, (std::vector<float>{3, 4, 5, 12, 13, 14, 22, 23, 24}));
}

TEST_F(vtk_channels, those_that_are_asked_for_in_their_order) {
  const VtkChannels channels(write(kArrays), {"v_y", "p, total"});
  EXPECT_EQ(channels.names(), (std::vector<std::string>{"v_y", "p  total"}));
  std::vector<double> values(4);
  channels.read(0, 2, 2, values.data());
  EXPECT_EQ(values, (std::vector<double>{20, 21, 1, 2}));
  EXPECT_EQ(VtkChannels(write(kArrays), {"v"}).names(), (std::vector<std::string>{"v_x", "v_y"}));
  EXPECT_FALSE(VtkChannels(write(kArrays), {"v"}).finer_than_float());
  for (const auto& [wanted, words] :
       {std::pair{"w", "no array 'w'; the file has [p  total, v_x, v_y]"}, {"v_x", ""}})
    try {
      VtkChannels(write(kArrays), {"v", wanted});
      ADD_FAILURE() << wanted;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
}

TEST_F(vtk_channels, axes_are_those_with_more_than_one_value_slowest_first) {
  Grid grid;
  add_image_axes(grid, VtkChannels(write(kArrays), {}).header(), true);
  EXPECT_EQ(grid.axes, (std::vector<std::string>{"z", "x"}));
  EXPECT_EQ(grid.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(grid.origin, (std::vector<double>{3, 3}));
  EXPECT_EQ(grid.spacing, (std::vector<double>{.25, .5}));
  EXPECT_EQ(grid.length, (std::vector<double>{.5, 1.5}));
  Grid cells;
  const VtkChannels of_cells(
      write(R"(<DataArray type="Int32" Name="p" format="ascii">7 8</DataArray>)", "CellData"), {});
  add_image_axes(cells, of_cells.header(), true);
  EXPECT_EQ(cells.axes, std::vector<std::string>{"x"});
  EXPECT_EQ(cells.origin, std::vector<double>{3.25});
}

}  // namespace
}  // namespace msde
