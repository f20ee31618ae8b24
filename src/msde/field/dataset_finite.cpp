// Dataset::check_finite: one pass through the file, in memory of one slab.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/dataset.hpp"

namespace msde {
namespace {

constexpr int64_t slab_values = int64_t{4} << 20;  // looked at in one go

// A value is finite and no larger where its bits without the sign are at most those of the largest allowed. In integers
// and without a branch, so that compilers make vector code of it.
bool all_finite(const float* values, int64_t n) {
  constexpr auto largest = std::bit_cast<int32_t>(kMostValue);
  int32_t negative_where_not = 0;
  for (int64_t i = 0; i < n; ++i)
    negative_where_not |= largest - (std::bit_cast<int32_t>(values[i]) & 0x7fffffff);
  return negative_where_not >= 0;
}

// The first value that is not finite or too large, or -1.
int64_t first_bad(const torch::Tensor& x) {
  const auto values = x.contiguous();
  const float* const begin = values.data_ptr<float>();
  if (all_finite(begin, values.numel())) return -1;
  const auto bad = [](float v) { return !(std::abs(v) <= kMostValue); };
  return std::find_if(begin, begin + values.numel(), bad) - begin;
}

// Values that are not finite in all splits.
std::pair<int64_t, int64_t> count_missing(const Dataset& data) {
  int64_t missing = 0, all = 0;
  for (const std::string name : {"train", "val", "test"}) {
    if (!data.has_split(name)) continue;
    const auto [N, T, has_clean] = data.split(name);
    const int64_t step = std::max<int64_t>(1, slab_values / data.grid().size());
    for (int64_t n = 0; n < N; ++n)
      for (int64_t t = 0; t < T; t += step) {
        const auto values = data.fields(name, n, t, std::min(step, T - t));
        missing += values.isfinite().logical_not().sum().item<int64_t>();
        all += values.size(0) * data.grid().fluid_size();
      }
  }
  return {missing, all};
}

}  // namespace

void Dataset::check_finite() const {
  const auto refuse = [&](const std::string& place, double got) { throw not_finite(path(), place, got); };
  for (const std::string name : {"train", "val", "test"}) {
    if (!has_split(name)) continue;
    const auto [N, T, has_clean] = split(name);
    const auto name_of = [&](const char* part) {
      return facts().has_splits() ? fmt::format("'{}_{}'", name, part) : fmt::format("'{}'", part);
    };
    const auto mu_values = mu(name), f_values = forcing(name);
    if (const auto i = first_bad(mu_values); i >= 0) {
      refuse(fmt::format("{} of {}", name_of("mu"), place(name, i / n_mu(), 0, false)),
             mu_values.flatten()[i].item<double>());
    }
    if (const auto i = first_bad(f_values); i >= 0) {
      refuse(fmt::format("{} of {}", name_of("f"), place(name, i / n_f() / T, i / n_f() % T, false)),
             f_values.flatten()[i].item<double>());
    }
    const int64_t per_snapshot = grid().size();
    const int64_t per_slab = std::max<int64_t>(1, slab_values / per_snapshot);
    // Noise that the view adds is finite, so that its clean fields tell everything.
    for (const bool clean : {false, true}) {
      if (clean ? !has_clean : draws_noise()) continue;
      for (int64_t n = 0; n < N; ++n) {
        for (int64_t start = 0; start < T; start += per_slab) {
          const int64_t count = std::min(per_slab, T - start);
          const auto values = clean ? clean_fields(name, n, start, count) : fields(name, n, start, count);
          if (const auto i = first_bad(values); i >= 0) {
            const auto where = place(name, n, start + i / per_snapshot, clean);
            const double got = values.flatten()[i].item<double>();
            if (facts().missing_mark.empty() || clean || std::isfinite(got)) refuse(where, got);
            const auto [missing, all] = count_missing(*this);
            throw missing_values(path(), where, facts().missing_mark, missing, all);
          }
        }
      }
    }
  }
}

}  // namespace msde
