// Dataset::check_finite: one pass through the file, in memory of one slab.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/dataset.hpp"

namespace msde {
namespace {

constexpr int64_t slab_values = int64_t{4} << 20;  // looked at in one go

}  // namespace

void Dataset::check_finite() const {
  const auto refuse = [&](const std::string& place, double got) {
    throw DataError(fmt::format("{}: {}: got {}, expected finite values (missing data are not supported yet)",
                                path(), place, got));
  };
  // The first value that is not finite, or -1. A sum is finite exactly when every term is, up to overflow,
  // and is fast.
  const auto first_bad = [](const torch::Tensor& values) -> int64_t {
    if (values.numel() == 0 || std::isfinite(values.sum(torch::kDouble).item<double>())) return -1;
    const auto bad = values.isfinite().logical_not().flatten().nonzero();
    return bad.numel() ? bad[0].item<int64_t>() : -1;
  };
  for (const std::string name : {"train", "val", "test"}) {
    if (!has_split(name)) continue;
    const auto [N, T, has_clean] = split(name);
    const auto mu_values = mu(name), f_values = forcing(name);
    if (const auto i = first_bad(mu_values); i >= 0) {
      refuse(fmt::format("'{}_mu': trajectory {}", name, i / n_mu()), mu_values.flatten()[i].item<double>());
    }
    if (const auto i = first_bad(f_values); i >= 0) {
      refuse(fmt::format("'{}_f': trajectory {}, snapshot {}", name, i / n_f() / T, i / n_f() % T),
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
            refuse(fmt::format("{}, snapshot {}", place(name, n, clean), start + i / per_snapshot),
                   values.flatten()[i].item<double>());
          }
        }
      }
    }
  }
}

}  // namespace msde
