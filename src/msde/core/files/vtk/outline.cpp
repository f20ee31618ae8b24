#include "msde/core/files/vtk/outline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {
namespace {

constexpr int64_t kMostMarkup = 16 << 20, kMostScanned = 1 << 30, kMostTag = 64 << 10;
constexpr int kMostDepth = 64;
constexpr int kEnd = -1;

bool is_blank(int c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Scanner {
 public:
  explicit Scanner(const ByteFile& file) : file_(file) {}

  Outline scan() {
    while (true) {
      if (!text()) break;
      const std::string tag = read_tag();
      if (tag.rfind("?", 0) == 0 || tag.rfind("!--", 0) == 0) continue;
      if (tag.rfind("!", 0) == 0)
        fail("<" + printable(tag.substr(0, 8)) +
             "..: document types and CDATA are not expected in files of VTK");
      if (tag.rfind("/", 0) == 0)
        --depth_;
      else if (tag.empty() || tag.back() != '/')
        ++depth_;
      if (depth_ > kMostDepth)
        fail(fmt::format("elements within more than {} others, expected a file of VTK", kMostDepth));
      emit("<" + tag + ">");
      if (is_named(tag, "AppendedData") && tag.back() != '/') {
        find_appended();
        emit("</AppendedData></VTKFile>");
        break;
      }
    }
    return outline_;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw DataError(file_.path() + ": " + why); }

  int next() {
    if (at_ == buffer_.size()) {
      start_ += static_cast<int64_t>(buffer_.size());
      if (start_ > kMostScanned)
        fail("has more than 1 GiB of data as text or base64 within its XML; write them appended, raw");
      constexpr int64_t kBuffer = 1 << 16;
      buffer_ = file_.bytes(start_, std::min(kBuffer, file_.size() - start_));
      at_ = 0;
      if (buffer_.empty()) return kEnd;
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }
  int64_t position() const { return start_ + static_cast<int64_t>(at_); }

  void emit(const std::string& piece) {
    if (static_cast<int64_t>(outline_.markup.size() + piece.size()) > kMostMarkup)
      fail(fmt::format("has more than {} MiB of XML without its data, expected a file of VTK",
                       kMostMarkup >> 20));
    outline_.markup += piece;
  }

  // What stands before the next tag; false at the end of the file.
  bool text() {
    Span span{-1, -1};
    int c = next();
    for (; c != '<' && c != kEnd; c = next()) {
      if (is_blank(c)) continue;
      if (span.begin < 0) span.begin = position() - 1;
      span.end = position();
    }
    if (span.begin >= 0) {
      emit(fmt::format(" {} ", outline_.texts.size()));
      outline_.texts.push_back(span);
    }
    return c == '<';
  }

  // What stands between < and >, both left out; of a comment the beginning.
  std::string read_tag() {
    std::string tag;
    int quote = 0;
    for (int c = next();; c = next()) {
      if (c == kEnd) fail("ends within a tag of its XML; the file is cut short or no file of VTK");
      if (!quote && c == '>') return tag;
      if (quote ? c == quote : c == '"' || c == '\'') quote = quote ? 0 : c;
      tag += static_cast<char>(c);
      if (tag == "!--") return skip_comment(), tag;
      if (static_cast<int64_t>(tag.size()) > kMostTag)
        fail(fmt::format("has a tag of more than {} KiB, expected a file of VTK", kMostTag >> 10));
    }
  }

  void skip_comment() {
    for (int dashes = 0, c = next();; c = next()) {
      if (c == kEnd) fail("ends within a comment of its XML");
      if (c == '>' && dashes >= 2) return;
      dashes = c == '-' ? dashes + 1 : 0;
    }
  }

  static bool is_named(const std::string& tag, const std::string& name) {
    return tag.compare(0, name.size(), name) == 0 &&
           (tag.size() == name.size() || is_blank(tag[name.size()]));
  }

  void find_appended() {
    int c = next();
    while (is_blank(c)) c = next();
    if (c != '_') fail("<AppendedData>: expected its data after '_'; the file is cut short or damaged");
    // Data may contain anything, so their end is looked for from the end of the file.
    constexpr int64_t kLookedAt = 4096;
    const int64_t begin = position(), tail = std::min(kLookedAt, file_.size() - begin);
    const size_t end = file_.bytes(file_.size() - tail, tail).rfind("</AppendedData>");
    if (end == std::string::npos)
      fail("</AppendedData> is missing: the file is cut short, or a program still writes it");
    outline_.appended = {begin, file_.size() - tail + static_cast<int64_t>(end)};
  }

  const ByteFile& file_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t start_ = 0;  // of the buffer in the file
  int depth_ = 0;
  Outline outline_;
};

}  // namespace

Outline read_outline(const ByteFile& file) {
  return Scanner(file).scan();
}

}  // namespace msde::vtk
