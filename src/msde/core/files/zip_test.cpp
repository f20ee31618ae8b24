#include "msde/core/files/zip.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

std::string number(uint64_t value, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

struct Member {
  std::string name, data;
  uint64_t method = 0, flags = 0, size = 0;  // size 0: that of data
  bool in64 = false;                         // its sizes and place are in the Zip64 field
};

// Written by hand after APPNOTE.TXT.
std::string archive(const std::vector<Member>& members, const std::string& comment = "", bool end64 = false) {
  std::string file, directory;
  for (const auto& m : members) {
    const uint64_t size = m.size ? m.size : m.data.size(), place = file.size();
    file += number(0x04034b50, 4) + number(20, 2) + number(m.flags, 2) + number(m.method, 2) + number(0, 8) +
            number(size, 4) + number(size, 4) + number(m.name.size(), 2) + number(5, 2) + m.name + "extra" +
            m.data;
    const std::string extra = m.in64 ? number(0x9999, 2) + number(1, 2) + "?" + number(1, 2) + number(24, 2) +
                                           number(size, 8) + number(size, 8) + number(place, 8)
                                     : "";
    const uint64_t s = m.in64 ? 0xffffffff : size, p = m.in64 ? 0xffffffff : place;
    directory += number(0x02014b50, 4) + number(20, 2) + number(20, 2) + number(m.flags, 2) +
                 number(m.method, 2) + number(0, 8) + number(s, 4) + number(s, 4) + number(m.name.size(), 2) +
                 number(extra.size(), 2) + number(3, 2) + number(0, 8) + number(p, 4) + m.name + extra +
                 "why";
  }
  const uint64_t place = file.size(), n = members.size();
  file += directory;
  if (end64) {
    const uint64_t end = file.size();
    file += number(0x06064b50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) +
            number(n, 8) + number(n, 8) + number(directory.size(), 8) + number(place, 8);
    file += number(0x07064b50, 4) + number(0, 4) + number(end, 8) + number(1, 4);
  }
  const auto in_four = [&](uint64_t value) { return number(end64 ? 0xffffffff : value, 4); };
  return file + number(0x06054b50, 4) + number(0, 4) + number(end64 ? 0xffff : n, 2) +
         number(end64 ? 0xffff : n, 2) + in_four(directory.size()) + in_four(place) +
         number(comment.size(), 2) + comment;
}

class zip : public testing::Test {
 protected:
  std::vector<ZipMember> read(const std::string& content) const {
    std::ofstream(path_, std::ios::binary) << content;
    return read_zip(ByteFile(path_));
  }
  std::string data(const ZipMember& member) const { return ByteFile(path_).bytes(member.begin, member.size); }
  TestFolder folder_;
  const std::string path_ = folder_ / "a.zip";
};

TEST_F(zip, members_where_they_lie) {
  for (const bool in64 : {false, true})
    for (const bool end64 : {false, true})
      for (const std::string& comment :
           {std::string(), std::string("PK\x05\x06 no end of it ......................")}) {
        const auto members = read(archive({{.name = "a", .data = "first", .in64 = in64},
                                           {.name = "b", .data = "other", .method = 8},
                                           {.name = "c", .data = "third", .flags = 1},
                                           {.name = "d", .data = ""}},
                                          comment, end64));
        ASSERT_EQ(members.size(), 4u);
        EXPECT_EQ(members[0].name, "a");
        EXPECT_EQ(data(members[0]), "first");
        EXPECT_FALSE(members[1].stored || members[2].stored);
        EXPECT_EQ(data(members[3]), "");
      }
  EXPECT_TRUE(read(archive({})).empty());
}

TEST_F(zip, what_does_not_fit_is_refused) {
  const auto good = archive({{.name = "a", .data = "first"}, {.name = "b", .data = "second"}});
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(read(good.substr(0, length)), DataError) << length;
  EXPECT_THROW(read(archive({{.name = "a", .data = "first", .size = 100000}})), DataError);
  EXPECT_THROW(read(archive({{.name = "a", .data = "first", .size = 1ull << 62, .in64 = true}})), DataError);
  for (size_t at = 0; at < good.size(); ++at) {  // whatever comes of it, it is inside the file
    auto damaged = good;
    damaged[at] = '\xff';
    try {
      for (const auto& member : read(damaged))
        if (member.stored) data(member);
    } catch (const DataError&) {
    }
  }
}

}  // namespace
}  // namespace msde
