#include "msde/model/clock_forcing.hpp"

namespace msde {

torch::Tensor with_clock(const torch::Tensor& forcing, const torch::Tensor& times, const Clock& clock) {
  if (clock.words.empty()) return forcing;
  const auto t = times.to(torch::kDouble).contiguous();
  const auto values = clock_values({t.data_ptr<double>(), t.data_ptr<double>() + t.numel()}, clock);
  auto shape = t.sizes().vec();
  shape.push_back(clock.size());
  const auto read = torch::tensor(values, torch::kFloat).view(shape).to(forcing.options());
  shape.back() = forcing.size(-1);
  return torch::cat({forcing.expand(shape), read}, -1);
}

torch::Tensor forcing_with_clock(const Dataset& data, const std::string& split, const Clock& clock) {
  const auto forcing = data.forcing(split);
  return clock.words.empty() ? forcing : with_clock(forcing, data.in({}).times(split), clock);
}

}  // namespace msde
