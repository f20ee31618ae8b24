#include "msde/infer/record/checkpoint.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "msde/core/error.hpp"
#include "msde/core/files/safetensors.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

std::string saved(const TestFolder& folder) {
  auto model = small_model(small_spec("reduced"));
  to_type(*model, torch::kFloat);
  TrainState state;
  state.stage = Stage::rollout;
  state.step = 12;
  state.first = state.second = state.average = state.best = torch::zeros({model->trained_count()});
  const std::string path = folder / "checkpoint.safetensors";
  save_checkpoint(path, model, state, "mine");
  return path;
}

// The checkpoint with another value of one metadata entry.
void change(const std::string& path, const std::string& entry,
            const std::function<void(nlohmann::json&)>& edit) {
  auto document = safetensors::load(path);
  auto json = nlohmann::json::parse(document.metadata.at(entry));
  edit(json);
  document.metadata[entry] = json.dump();
  safetensors::save(path, document);
}

TEST(Checkpoint, ComesBackAsItWas) {
  const TestFolder folder;
  const auto path = saved(folder);
  EXPECT_FALSE(load_checkpoint(folder / "none", "mine"));
  const auto back = load_checkpoint(path, "mine");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->state.stage, Stage::rollout);
  EXPECT_EQ(back->state.step, 12);
  EXPECT_THROW(load_checkpoint(path, "another"), ConfigError);
}

TEST(Checkpoint, WithAStageThatDoesNotExistIsDamaged) {
  const TestFolder folder;
  for (const int stage : {-1, 3, 1000000}) {
    const auto path = saved(folder);
    change(path, "progress", [&](nlohmann::json& j) { j["stage"] = stage; });
    EXPECT_THROW(load_checkpoint(path, "mine"), ModelFormatError) << stage;
  }
}

TEST(Checkpoint, WithCountsThatNoTrainingReachesIsDamaged) {
  const TestFolder folder;
  const std::pair<const char*, nlohmann::json> cases[] = {
      {"step", -5},           {"step", int64_t{1} << 50}, {"optimiser_steps", -1},
      {"best_step", -1},      {"seconds", -1.5},          {"seconds", nullptr},
      {"best_score", "good"}, {"step", nullptr},          {"checks_without_improvement", -1}};
  for (const auto& [key, value] : cases) {
    const auto path = saved(folder);
    change(path, "progress", [&](nlohmann::json& j) { j[key] = value; });
    EXPECT_THROW(load_checkpoint(path, "mine"), ModelFormatError) << key << " = " << value;
  }
}

TEST(Checkpoint, OfAModelThatNoMemoryHoldsIsDamaged) {
  const TestFolder folder;
  const auto path = saved(folder);
  change(path, "spec", [](nlohmann::json& j) { j["grid"]["shape"] = {int64_t{8} << 50}; });
  EXPECT_THROW(load_checkpoint(path, "mine"), ModelFormatError);
}

}  // namespace
}  // namespace msde
