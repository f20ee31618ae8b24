// Means over the trainings of one row.
#pragma once

#include <vector>

#include "msde/eval/comparison/comparison.hpp"

namespace msde {

template <class Value>  // of an Outcome
std::vector<double> over_seeds(const std::vector<Outcome>& outcomes, Value value) {
  std::vector<double> values;
  for (const auto& outcome : outcomes) values.push_back(value(outcome));
  return values;
}

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Element by element; all series have the length of the first.
inline std::vector<double> mean_of(const std::vector<std::vector<double>>& series) {
  std::vector<double> mean(series.front().size(), 0.);
  for (const auto& one : series)
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / static_cast<double>(series.size());
  return mean;
}

}  // namespace msde
