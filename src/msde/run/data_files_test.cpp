#include "msde/run/data_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/files/hash.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

TEST(data_files, a_series_changes_where_one_of_its_images_does) {
  const TestFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
  };
  write("a.vti", "first"), write("b.vti", "second");
  write("s.pvd",
        "<VTKFile type=\"Collection\"><Collection><DataSet timestep=\"0\" file=\"a.vti\"/>"
        "<DataSet timestep=\"1\" file=\"b.vti\"/></Collection></VTKFile>");
  const auto hash = hash_data(folder / "s.pvd");
  const auto stamp = stamp_of(folder / "s.pvd");
  EXPECT_EQ(hash_data(folder / "s.pvd"), hash);
  EXPECT_EQ(hash_data(folder / "a.vti"), hash_file(folder / "a.vti"));
  EXPECT_TRUE(stamp_of(folder / "s.pvd") == stamp);
  write("b.vti", "changed");
  EXPECT_NE(hash_data(folder / "s.pvd"), hash);
  EXPECT_FALSE(stamp_of(folder / "s.pvd") == stamp);
  EXPECT_TRUE(are_there(folder / "s.pvd"));
  EXPECT_FALSE(are_there(folder / "absent"));
  EXPECT_EQ(stamp_of(folder / "absent").bytes, -1);
}

}  // namespace
}  // namespace msde
