#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numbers>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/physics/expression.hpp"

namespace msde {
namespace {

using Kind = Expression::Kind;

constexpr const char* kFunctions[] = {"sin", "cos", "exp", "log", "sqrt", "abs"};
constexpr int64_t kMostDerivatives = 8;  // along one axis: more than any equation has
constexpr int kDeepest = 200;            // parentheses within each other
constexpr int kMostOperands = 1000;      // of one expression, which is a tree

// By recursive descent, one function for each rule of the grammar.
class Parser {
 public:
  Parser(const std::string& text, const ExpressionNames& names, const std::string& where)
      : text_(text), names_(names), where_(where) {}

  Expression whole() {
    auto e = sum();
    skip_space();
    if (at_ < text_.size())
      fail(fmt::format("got '{}', expected an operator + - * / ^ or the end", next_word()));
    return e;
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::optional<size_t> column = {}) const {
    throw ConfigError(
        fmt::format("{}: column {}: {}; in \"{}\"", where_, column.value_or(at_) + 1, what, text_));
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, const std::string& after) {
    if (!take(c)) fail(fmt::format("got {}, expected '{}' after {}", got(), c, after));
  }
  static bool begins_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
  static bool in_word(char c) { return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)); }
  // What comes next, for messages: a word, or one character with what belongs to it.
  std::string next_word() const {
    size_t end = at_;
    while (end < text_.size() && in_word(text_[end])) ++end;
    if (end == at_) ++end;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
    return text_.substr(at_, end - at_);
  }
  std::string got() const { return at_ < text_.size() ? fmt::format("'{}'", next_word()) : "the end"; }

  Expression sum() {
    if (++depth_ > kDeepest) fail(fmt::format("got more than {} parentheses within each other", kDeepest));
    auto e = product();
    for (;;) {
      if (take('+'))
        e = std::move(e) + product();
      else if (take('-'))
        e = std::move(e) + number(-1) * product();
      else
        break;
    }
    --depth_;
    return e;
  }

  Expression product() {
    auto e = factor();
    for (;;) {
      if (take('*'))
        e = std::move(e) * factor();
      else if (take('/'))
        e = std::move(e) / factor();
      else
        return e;
    }
  }

  Expression factor() {
    int64_t minus = 0;
    while (take('-')) ++minus;
    auto e = atom();
    if (take('^')) {
      const bool negative = take('-');
      skip_space();
      const auto value = literal();
      if (!value) fail(fmt::format("got {}, expected a number as exponent", got()));
      e = {.kind = Kind::power, .number = negative ? -*value : *value, .of = {std::move(e)}};
    }
    return minus % 2 == 1 ? number(-1) * std::move(e) : e;
  }

  std::optional<double> literal() {
    if (at_ >= text_.size() || !(std::isdigit(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.'))
      return std::nullopt;
    double value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  Expression atom() {
    skip_space();
    if (++operands_ > kMostOperands) fail(fmt::format("got more than {} operands", kMostOperands));
    if (take('(')) {
      auto e = sum();
      expect(')', "what the parenthesis opened");
      return e;
    }
    if (const auto value = literal()) return number(*value);
    const size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '`') return quoted();
    if (at_ >= text_.size() || !begins_word(text_[at_]))
      fail(fmt::format("got {}, expected {}", got(), all_names()));
    const std::string word = next_word();
    at_ += word.size();
    return named(word, begin);
  }

  Expression quoted() {
    const size_t begin = at_++;
    const size_t end = text_.find('`', at_);
    if (end == std::string::npos) fail("got a back quote that nothing closes", begin);
    const std::string word = text_.substr(at_, end - at_);
    at_ = end + 1;
    return variable(word, begin);
  }

  Expression named(const std::string& word, size_t begin) {
    skip_space();
    const bool called = at_ < text_.size() && text_[at_] == '(';
    const bool indexed = at_ < text_.size() && text_[at_] == '[';
    if (called) {
      if (std::find(std::begin(kFunctions), std::end(kFunctions), word) != std::end(kFunctions))
        return {.kind = Kind::function, .name = word, .of = {argument(word)}};
      if (word.size() > 1 && word[0] == 'd')
        if (const auto axis = place_in(names_.axes, word.substr(1))) return derivative(*axis, word);
      fail(fmt::format("got the function '{}', expected one of {}", word, functions()), begin);
    }
    if (indexed) {
      if (word == "mu") return {.kind = Kind::parameter, .index = index(word, names_.n_mu, "parameters")};
      if (word == "f") return {.kind = Kind::forcing, .index = index(word, names_.n_f, "forcings")};
      if (word == "u")
        return {.kind = Kind::channel,
                .index = index(word, static_cast<int64_t>(names_.channels.size()), "channels")};
      if (word == "d") {
        const int64_t axis = index(word, static_cast<int64_t>(names_.axes.size()), "axes");
        skip_space();
        return derivative(axis, fmt::format("d[{}]", axis));
      }
      if (word == "x")
        return {.kind = Kind::coordinate,
                .index = index(word, static_cast<int64_t>(names_.axes.size()), "axes")};
      fail(fmt::format("got '{}[', expected mu[k], f[k], u[k] or d[k]", word), begin);
    }
    return variable(word, begin);
  }

  Expression variable(const std::string& word, size_t begin) {
    const auto channel = place_in(names_.channels, word), axis = place_in(names_.axes, word);
    if (channel && axis)
      fail(fmt::format("got '{}', which is both a channel and an axis, expected u[{}] or x[{}]", word,
                       *channel, *axis),
           begin);
    if (channel) return {.kind = Kind::channel, .index = *channel};
    if (axis) return {.kind = Kind::coordinate, .index = *axis};
    if (word == "u" && names_.channels.size() == 1) return {.kind = Kind::channel};
    if (word == "pi") return number(std::numbers::pi);
    if (word == "t") return {.kind = Kind::time};
    if (word == "mu" && names_.n_mu == 1) return {.kind = Kind::parameter};
    if (word == "f" && names_.n_f == 1) return {.kind = Kind::forcing};
    fail(fmt::format("got '{}', expected {}", word, all_names()), begin);
  }

  Expression argument(const std::string& function) {
    expect('(', function);
    auto e = sum();
    expect(')', "the argument of " + function);
    return e;
  }

  // Twice along one axis is the second derivative, whose stencil is no stencil of a stencil.
  Expression derivative(int64_t axis, const std::string& word) {
    const size_t begin = at_;
    auto inner = argument(word);
    if (inner.kind == Kind::derivative && inner.index == axis) {
      if (++inner.order > kMostDerivatives)
        fail(fmt::format("got a derivative of order {}, expected at most {}", inner.order, kMostDerivatives),
             begin);
      return inner;
    }
    return {.kind = Kind::derivative, .index = axis, .order = 1, .of = {std::move(inner)}};
  }

  int64_t index(const std::string& word, int64_t count, const std::string& things) {
    expect('[', word);
    skip_space();
    const size_t begin = at_;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) fail(fmt::format("got {}, expected a whole number", got()));
    at_ = static_cast<size_t>(end - text_.data());
    expect(']', "the number");
    if (value < 0 || value >= count)
      fail(fmt::format("got {}[{}], the data have {} {}{}", word, value, count, things,
                       count > 0 ? ", counted from 0" : ""),
           begin);
    return value;
  }

  // The place of a name that only one of them has.
  static std::optional<int64_t> place_in(const std::vector<std::string>& names, const std::string& word) {
    if (word.empty() || std::count(names.begin(), names.end(), word) != 1) return std::nullopt;
    return std::find(names.begin(), names.end(), word) - names.begin();
  }

  std::string functions() const {
    std::vector<std::string> all(std::begin(kFunctions), std::end(kFunctions));
    for (const auto& axis : names_.axes)
      if (place_in(names_.axes, axis)) all.push_back("d" + axis);
    return fmt::format("{}", fmt::join(all, ", "));
  }
  std::string all_names() const {
    std::vector<std::string> all = {"a number"};
    for (const auto& channel : names_.channels)
      if (place_in(names_.channels, channel)) all.push_back(channel);
    if (all.size() == 1) all.push_back(names_.channels.size() == 1 ? "u" : "u[0]");
    for (const auto& axis : names_.axes)
      if (place_in(names_.axes, axis)) all.push_back(axis);
    if (names_.n_mu > 0) all.push_back(fmt::format("mu[0..{}]", names_.n_mu - 1));
    if (names_.n_f > 0) all.push_back(fmt::format("f[0..{}]", names_.n_f - 1));
    return fmt::format("{}, t, pi, ( or one of {}", fmt::join(all, ", "), functions());
  }

  const std::string& text_;
  const ExpressionNames& names_;
  const std::string& where_;
  size_t at_ = 0;
  int depth_ = 0, operands_ = 0;
};

}  // namespace

Expression parse_expression(const std::string& text, const ExpressionNames& names, const std::string& where) {
  return Parser(text, names, where).whole();
}

}  // namespace msde
