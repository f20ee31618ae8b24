// Dataset::check_values: one pass through the file, in memory of one slab.
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

// Snapshots [count] of which no value is there.
int64_t first_without_values(const torch::Tensor& fields, int64_t fluid_size) {
  const auto missing = fields.isnan().flatten(1).sum(1);
  const auto none = (missing == fluid_size).nonzero();
  return none.numel() > 0 ? none[0].item<int64_t>() : -1;
}

}  // namespace

Dataset::Missing Dataset::check_values() const {
  const auto refuse = [&](const std::string& place, double got) { throw not_finite(path(), place, got); };
  Missing missing;
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
          missing.all += clean ? 0 : count * grid().fluid_size();
          if (first_bad(values) < 0) continue;
          if (const auto i = first_bad(values.nan_to_num(0, INFINITY, -INFINITY)); i >= 0)
            refuse(place(name, n, start + i / per_snapshot, clean), values.flatten()[i].item<double>());
          if (const auto k = first_without_values(values, grid().fluid_size()); k >= 0)
            throw no_values(path(), place(name, n, start + k, clean));
          const int64_t here = clean ? 0 : values.isnan().sum().item<int64_t>();
          missing.values += here;
          missing.of_training += name == "test" ? 0 : here;
        }
      }
    }
  }
  return missing;
}

}  // namespace msde
