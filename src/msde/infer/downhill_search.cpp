#include "msde/infer/downhill_search.hpp"

#include <limits>
#include <map>

namespace msde {

Candidate downhill_search(const std::function<double(int)>& score_of, int n, std::optional<Candidate> start) {
  constexpr int kEvery = 2;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::map<int, double> known;
  const auto at = [&](int i) {
    if (i < 0 || i >= n) return kInfinity;
    const auto found = known.find(i);
    return found != known.end() ? found->second : known[i] = score_of(i);
  };
  Candidate best = start.value_or(Candidate{0, kInfinity});
  if (start)
    known[best.i] = best.score;
  else
    for (int i = 0; i < n; i += kEvery)
      if (at(i) < best.score) best = {i, at(i)};
  for (int from = -1; from != best.i;) {
    from = best.i;
    for (const int i : {from - 1, from + 1})
      if (at(i) < best.score) best = {i, at(i)};
  }
  return best;
}

}  // namespace msde
