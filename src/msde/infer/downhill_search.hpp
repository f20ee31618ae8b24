// The least of a few dear scores in a row.
#pragma once

#include <functional>
#include <optional>

namespace msde {

struct Candidate {
  int i = 0;
  double score = 0;  // infinity: out of the question
};

// Of candidates 0 .. n - 1 the one of least score, where scores fall towards it from both sides; else one
// that neither neighbour betters. From `start`, whose score is known, or from the best of every second
// candidate, downhill from neighbour to neighbour. No candidate is scored twice.
Candidate downhill_search(const std::function<double(int)>& score_of, int n, std::optional<Candidate> start);

}  // namespace msde
