#include "msde/core/files/vtk/outline.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde::vtk {
namespace {

class outline : public testing::Test {
 protected:
  Outline of(const std::string& content) const {
    std::ofstream(folder_ / "a.vti", std::ios::binary) << content;
    return read_outline(ByteFile(folder_ / "a.vti"));
  }
  std::string text(const Span& span) const {
    return ByteFile(folder_ / "a.vti").bytes(span.begin, span.size());
  }
  std::string error_of(const std::string& content) const {
    try {
      of(content);
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }
  TestFolder folder_;
};

TEST_F(outline, text_is_left_where_it_is) {
  const auto found = of("<?xml version=\"1.0\"?>\n<a x='>'>\n  1 2 3 \n<!-- <b> -- 7 -> --><b/>tail</a>\n");
  EXPECT_EQ(found.markup, "<a x='>'> 0 <b/> 1 </a>");
  ASSERT_EQ(found.texts.size(), 2u);
  EXPECT_EQ(text(found.texts[0]), "1 2 3");
  EXPECT_EQ(text(found.texts[1]), "tail");
  EXPECT_EQ(found.appended.begin, -1);
}

TEST_F(outline, what_is_appended_is_no_xml) {
  const std::string head = "<VTKFile><AppendedData encoding=\"raw\">\n   _";
  const std::string data("\x01<</a>\"</AppendedData>'\0_", 25);
  const auto found = of(head + data + "</AppendedData>\n</VTKFile>");
  EXPECT_EQ(found.markup, "<VTKFile><AppendedData encoding=\"raw\"></AppendedData></VTKFile>");
  EXPECT_EQ(text(found.appended), data);
}

TEST_F(outline, text_longer_than_any_buffer) {
  const std::string numbers(200001, '7');
  const auto found = of("<a>" + numbers + "</a>");
  EXPECT_EQ(found.markup, "<a> 0 </a>");
  EXPECT_EQ(text(found.texts.at(0)), numbers);
}

TEST_F(outline, what_no_writer_of_vtk_writes) {
  EXPECT_NE(error_of("<a").find("cut short"), std::string::npos);
  EXPECT_NE(error_of("<a b=\"").find("cut short"), std::string::npos);
  EXPECT_NE(error_of("<!-- ").find("comment"), std::string::npos);
  EXPECT_NE(error_of("<a><![CDATA[x]]></a>").find("CDATA"), std::string::npos);
  EXPECT_NE(error_of("<!DOCTYPE a [<!ENTITY b \"c\">]>").find("document types"), std::string::npos);
  EXPECT_EQ(error_of("<!\n<a>").find('\n'), std::string::npos);
  EXPECT_NE(error_of("<AppendedData>x").find("'_'"), std::string::npos);
  EXPECT_NE(error_of("<AppendedData>_ data").find("still writes"), std::string::npos);
  EXPECT_NE(error_of("<" + std::string(70000, 'a') + ">").find("64 KiB"), std::string::npos);
  std::string deep, wide;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_NE(error_of(deep).find("64 others"), std::string::npos);
  for (int i = 0; i < (17 << 20) / 4; ++i) wide += "<a/>";
  EXPECT_NE(error_of(wide).find("16 MiB"), std::string::npos);
}

}  // namespace
}  // namespace msde::vtk
