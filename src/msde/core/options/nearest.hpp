// "Did you mean ...?": the known name nearest to a mistyped one.
#pragma once

#include <string>
#include <vector>

namespace msde {

// Edits (insertion, deletion, replacement, swap of neighbours) that turn `a` into `b`.
int edit_distance(const std::string& a, const std::string& b);

// The candidate nearest to `word`, or "" if none is near (more than a third of the letters differ).
// A dotted name is also found by its last part: "lr" and "trian.lr" find "train.lr".
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

// " (did you mean 'x'?)", or "" if nothing is near: the end of an error message.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace msde
