#include "msde/pde/cases.hpp"

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/pde/kdv_1d.hpp"
#include "msde/pde/wave_1d.hpp"

namespace msde {

// A new case is one row here and one file with its equation.
const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {.name = "wave_1d",
       .meaning = "travelling pulse of random width, closed form",
       .defaults = {.n_steps = 1001, .n_train = 20, .n_val = 5, .n_test = 5, .noise_std = .001},
       .shape = {1, 1000},
       .length = {1},
       .boundary = "periodic",
       .axes = "x",
       .t_end = 1,
       .mu = 0,
       .simulate = simulate_wave_1d},
      {.name = "kdv_1d",
       .meaning = "Korteweg-de Vries equation, wave packet of random amplitude and width",
       .defaults = {.n_steps = 1001, .n_train = 10, .n_val = 5, .n_test = 5, .noise_std = .01},
       .shape = {1, 1000},
       .length = {10},
       .boundary = "periodic",
       .axes = "x",
       .t_end = 1,
       .mu = Kdv{}.dispersion,
       .simulate = simulate_kdv_1d},
  };
  return table;
}

namespace {

// Levenshtein distance: insertions, deletions and replacements that turn a into b.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = i - 1;
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

const Case& find_case(const std::string& name) {
  const Case* nearest = nullptr;
  size_t least = 0;
  std::string valid;
  for (const Case& row : cases()) {
    const size_t distance = edit_distance(name, row.name);
    if (distance == 0) return row;
    if (!nearest || distance < least) {
      nearest = &row;
      least = distance;
    }
    valid += (valid.empty() ? "" : ", ") + row.name;
  }
  throw ConfigError("unknown case '" + name + "' (did you mean '" + nearest->name +
                    "'?); msde can generate: " + valid);
}

}  // namespace msde
