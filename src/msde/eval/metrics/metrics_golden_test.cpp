#include "msde/eval/metrics/testing/means.hpp"
#include "msde/tensor/testing/golden.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor scalar(double value) {
  return torch::tensor(value, torch::kDouble);
}

// One row per expected dataset.
struct MetricRow {
  const char* name;
  std::function<Tensor(const Tensor& prediction, const Tensor& members, const Tensor& truth)> value;
};
const MetricRow rows[] = {
    {"rel_l2_mean", [](auto& p, auto&, auto& y) { return scalar(rel_l2(p, y).mean); }},
    {"rel_l2_std", [](auto& p, auto&, auto& y) { return scalar(rel_l2(p, y).std); }},
    {"vrmse", [](auto& p, auto&, auto& y) { return scalar(vrmse(p, y)); }},
    {"nrmse_well", [](auto& p, auto&, auto& y) { return scalar(nrmse_well(p, y)); }},
    {"crps_fair", [](auto&, auto& x, auto& y) { return scalar(crps_fair(x, y)); }},
    {"ssr_adjusted", [](auto&, auto& x, auto& y) { return scalar(ssr_adjusted(x, y)); }},
    {"rank_histogram", [](auto&, auto& x, auto& y) { return rank_histogram(x, y); }},
    {"energy_score", [](auto&, auto& x, auto& y) { return scalar(energy_score(x, y)); }},
};

class golden_metrics : public testing::TestWithParam<torch::ScalarType> {};
INSTANTIATE_TEST_SUITE_P(types, golden_metrics, testing::Values(torch::kDouble, torch::kFloat),
                         [](const auto& info) {
                           return info.param == torch::kDouble ? "float64" : "float32";
                         });

TEST_P(golden_metrics, every_expected_value) {
  const auto type = GetParam();
  const auto file = golden::open("metrics.h5");
  for (const auto& group : golden::groups(file, "truth", {""})) {
    const auto read = [&](const char* name, torch::ScalarType as) {
      return golden::read(file, golden::in_group(group, name), as);
    };
    const auto truth = read("truth", type), prediction = read("prediction", type),
               members = read("members", type);
    std::vector<std::string> tested;
    for (const auto& row : rows) {
      tested.push_back(row.name);
      const auto name = std::string("expected/").append(row.name);  // GCC 12 warns of + here
      golden::expect_near(row.value(prediction, members, truth), read(name.c_str(), torch::kDouble), type,
                          golden::in_group(group, name));
    }
    golden::expect_all_tested(file, group, tested);
  }
}

}  // namespace
}  // namespace msde
