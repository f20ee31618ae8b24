#include "apps/msde/comparison/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "apps/msde/comparison/classical_rows.hpp"
#include "apps/msde/comparison/comparison_context.hpp"
#include "apps/msde/comparison/learned_rows.hpp"
#include "msde/baselines/baselines.hpp"
#include "msde/infer/data/fill_gaps.hpp"
#include "msde/run/data_files.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/version.hpp"

namespace msde {
namespace {

ComparisonContext context_of(const ComparisonPlan& plan) {
  const std::string path = ensure_data(RunLayout{plan.folder}, plan.settings);
  const auto data = open_data(plan.settings, path);
  const std::string case_name = data.case_name().empty() ? plan.settings.case_name : data.case_name();
  const auto filled = data.check_values().values > 0
                          ? with_gaps_filled(data, static_cast<uint64_t>(plan.settings.train.elbo.seed))
                          : data;
  ComparisonContext context = {plan, path, data, filled, case_name, std::nullopt};
  if (plan.published_protocol) context.published = published_scoring(case_name);
  return context;
}

std::string quoted_for_shell(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string("_-./:=,+@%").find(c) != std::string::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string configuration_file(const std::string& folder) {
  return folder + "/comparison.toml";
}

std::string ComparisonPlan::command_for(const std::string& row) const {
  // A row alone gets a folder of its own: the whole table is not replaced by it.
  std::vector<std::string> words = {"msde", "compare", configuration, "-o",
                                    row.empty() ? folder : folder + "-" + row};
  for (const auto& assignment : assignments) words.insert(words.end(), {"--set", assignment});
  if (!row.empty() || !models.empty())
    words.insert(words.end(), {"--models", row.empty() ? fmt::format("{}", fmt::join(models, ",")) : row});
  if (row.empty() && !n_eta.empty())
    words.insert(words.end(), {"--n-eta", fmt::format("{}:{}", n_eta.front(), n_eta.back())});
  if (split != "test") words.insert(words.end(), {"--split", split});
  if (published_protocol) words.insert(words.end(), {"--protocol", "reference"});
  words.insert(words.end(), {"--seeds", std::to_string(seeds)});
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + quoted_for_shell(word);
  return text;
}

Comparison compare(const ComparisonPlan& plan) {
  const ComparisonContext context = context_of(plan);
  const TrainingFailures failures = train_all(context);
  Comparison c;
  c.case_name = context.case_name;
  c.split = plan.split;
  c.protocol = (context.published ? context.published->classical : Protocol{}).meaning;
  c.command = plan.command();
  c.data_path = context.data_path;
  c.data_hash = hash_data(context.data_path);
  c.n_zeta = context.n_zeta();
  c.n_eta = plan.settings.model.n_eta;
  c.dt = context.data.dt();
  c.environment = environment_facts();
  c.rows = classical_rows(context);
  if (context.wants("coarse_dns")) c.cost_points = resolution_points(context);
  for (const auto& learned : learned_models(context))
    c.rows.push_back(learned_row(context, learned, failures));
  for (const auto& size : micro_sizes(context)) {
    const auto row = learned_row(context, size, failures);
    c.micro_sizes.sizes.push_back({size.n_eta, row.outcomes, row.status});
  }
  return c;
}

}  // namespace msde
