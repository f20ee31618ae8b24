#include "msde/field/split_layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {
namespace {

class Checker {
 public:
  Checker(const StoredArrays& file, std::string split) : file_(file), split_(std::move(split)) {}

  std::string dataset(const std::string& part) const { return dataset_of(split_, part); }
  bool has(const std::string& part) const { return file_.has(dataset(part)); }

  [[noreturn]] void fail(const std::string& part, const std::string& message) const {
    throw DataError(fmt::format("{}: '{}': {}", file_.path(), dataset(part), message));
  }

  // The shape of a dataset of numbers.
  StoredArrays::Shape shape(const std::string& part) const {
    if (const auto why = file_.why_absent(dataset(part)); !why.empty()) fail(part, why);
    if (!has(part)) fail(part, "missing; a split holds at least x [N, T, C, *grid] and t [N, T]");
    if (!file_.is_array(dataset(part))) fail(part, "got a group, expected a dataset");
    if (!file_.is_numeric(dataset(part))) fail(part, "got values that are not numbers, expected float32");
    return file_.shape(dataset(part));
  }

  // A shape that begins with `expected`; -1 stands for any length, which is returned.
  int64_t last_length(const std::string& part, const StoredArrays::Shape& expected,
                      const std::string& meaning) const {
    const auto got = shape(part);
    bool equal = got.size() == expected.size();
    for (size_t i = 0; equal && i < got.size(); ++i) equal = expected[i] < 0 || got[i] == expected[i];
    if (!equal) {
      auto wanted = fmt::format("[{}]", fmt::join(expected, ", "));
      if (const auto any = wanted.find("-1"); any != std::string::npos) wanted.replace(any, 2, "any");
      fail(part, fmt::format("got shape [{}], expected {} = {}", fmt::join(got, ", "), wanted, meaning));
    }
    return got.back();
  }

 private:
  const StoredArrays& file_;
  std::string split_;
};

}  // namespace

std::string dataset_of(const std::string& split, const std::string& part) {
  return split.empty() ? part : split + "_" + part;
}

bool holds_one_trajectory(const StoredArrays& file, const std::string& split) {
  const auto x_name = dataset_of(split, "x"), t_name = dataset_of(split, "t");
  if (!file.is_array(x_name) || !file.is_array(t_name)) return false;
  const auto x = file.shape(x_name), t = file.shape(t_name);
  const bool ambiguous = x.size() > 3 && x[1] == x[0];
  return t.size() == 1 && x.size() > 1 && x[0] == t[0] && !ambiguous;
}

std::optional<SplitLayout> read_split_layout(const StoredArrays& file, const std::string& split,
                                             bool fields_only) {
  const Checker check(file, split);
  const std::vector<std::string> parts = {"x", "t", "mu", "f", "x_clean"};
  if (std::none_of(parts.begin(), parts.end(), [&](const auto& part) { return check.has(part); }))
    return std::nullopt;

  SplitLayout layout;
  layout.x = check.shape("x");
  const auto t = check.shape("t");
  if (t.size() == 1 && layout.x.size() > 3 && layout.x[0] == t[0] && layout.x[1] == t[0])
    check.fail("t",
               fmt::format("got shape [{}], which may be the times of one trajectory [T, C, *grid] or of "
                           "all [N, T, C, *grid]; write it as [N, T]",
                           t[0]));
  if (holds_one_trajectory(file, split)) {
    layout.one_trajectory = true;
    layout.one_channel = layout.x.size() == 2;
    layout.x.insert(layout.x.begin(), 1);
    if (layout.one_channel) layout.x.insert(layout.x.begin() + 2, 1);
  }
  if (layout.x.size() < 4) {
    check.fail("x", fmt::format("got {} axes (shape [{}]), expected at least 4: [N, T, C, *grid]; or of one "
                                "trajectory [T, C, *grid] with t [T]",
                                layout.x.size(), fmt::join(layout.x, ", ")));
  }
  if (std::any_of(layout.x.begin(), layout.x.end(), [](int64_t n) { return n < 1; })) {
    check.fail("x", fmt::format("got shape [{}], expected at least one value along every axis",
                                fmt::join(layout.x, ", ")));
  }
  const int64_t N = layout.x[0], T = layout.x[1];
  if (T < 2) check.fail("x", "got 1 snapshot per trajectory, expected at least 2");

  const bool one = layout.one_trajectory;
  const auto of_each = [&](StoredArrays::Shape shape) {  // without the axis that one trajectory does not have
    if (one) shape.erase(shape.begin());
    return shape;
  };
  if (t.size() == 1)
    check.last_length("t", {T}, "[T] as of x");
  else
    check.last_length("t", {N, T}, "[N, T] as of x");
  const auto bounded = [&](const std::string& part, int64_t numbers) {
    constexpr int64_t kMost = 4096;
    if (numbers > kMost) check.fail(part, fmt::format("got {} numbers, expected at most {}", numbers, kMost));
    return numbers;
  };
  // One number may go without its axis.
  const auto width = [&](const std::string& part, const StoredArrays::Shape& without,
                         const std::string& meaning) {
    const auto got = check.shape(part);
    if (got == without) return int64_t{1};
    if (part == "mu" && !one && N == 1 && got.size() == 1)
      return bounded(part, got[0]);  // [n_mu] of the only trajectory
    auto with = without;
    with.push_back(-1);
    return bounded(part, check.last_length(part, with, meaning));
  };
  if (!fields_only && check.has("mu"))
    layout.n_mu = width("mu", of_each({N}), one ? "[n_mu]" : "[N, n_mu] with N of x");
  if (!fields_only && check.has("f"))
    layout.n_f = width("f", of_each({N, T}), one ? "[T, n_f] with T of x" : "[N, T, n_f] with N, T of x");
  layout.has_clean = !fields_only && check.has("x_clean");
  if (layout.has_clean) check.last_length("x_clean", check.shape("x"), "the shape of x");

  layout.times = file.read(check.dataset("t"));
  if (t.size() == 1 && N > 1) {
    const auto shared = layout.times;
    for (int64_t i = 1; i < N; ++i) layout.times.insert(layout.times.end(), shared.begin(), shared.end());
  }
  layout.stored_times = file.stored_as(check.dataset("t"));
  const auto spacing = spacing_of(layout.times, N, fmt::format("{}: '{}'", file.path(), check.dataset("t")),
                                  layout.stored_times);
  layout.dt = spacing.mean, layout.equal_times = spacing.equal;
  return layout;
}

}  // namespace msde
