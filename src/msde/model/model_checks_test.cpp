#include "msde/model/model_checks.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

using nlohmann::json;

std::string refusal_of_description(const std::function<void(json&)>& edit) {
  auto j = json::parse(spec_to_json(small_spec("reduced")));
  edit(j);
  try {
    spec_from_json(j.dump(), "here");
  } catch (const ModelFormatError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelDescription, of_a_trained_model_is_accepted) {
  EXPECT_EQ(refusal_of_description([](json&) {}), "accepted");
}

TEST(ModelDescription, that_training_cannot_write_is_refused_by_name) {
  struct Case {
    const char* pointer;
    json value;
    const char* named;
  };
  const Case cases[] = {
      {"/grid/boundary", json::array(), "grid.boundary"},
      {"/grid/boundary", {"periodic", "wall"}, "grid.boundary"},
      {"/grid/boundary", {"bogus"}, "bogus"},
      {"/grid/boundary", {"periodic:open"}, "periodic"},
      {"/grid/length", json::array(), "grid.length"},
      {"/grid/length", {0.}, "grid.length"},
      {"/grid/length", {-1.}, "grid.length"},
      {"/grid/length", {1e300}, "grid.length"},
      {"/grid/axes", json::array(), "grid.axes"},
      {"/grid/spacing", {0.}, "grid.spacing"},
      {"/grid/origin", {1e308}, "grid.origin"},
      {"/grid/shape", json::array(), "grid.shape"},
      {"/grid/shape", {0}, "grid.shape"},
      {"/grid/shape", {-32}, "grid.shape"},
      {"/grid/shape", {1.5}, "whole number"},
      {"/grid/shape", {int64_t{1} << 50}, "grid.shape"},
      {"/grid/channels", 0, "grid.channels"},
      {"/grid/symmetry", {"turn x"}, "data.symmetry"},
      {"/grid/symmetry", {"reflect x", "reflect x at 0"}, "translations"},
      {"/frame_period", {3}, "frame_period"},
      {"/frame_period", {32, 32}, "frame_period"},
      {"/frame_period", {32}, "frame_period"},  // its options say that fields stay
      {"/options/frame", "start", "frame_period"},
      {"/options/n_zeta", {0}, "n_zeta"},
      {"/options/n_zeta", {7}, "n_zeta"},
      {"/options/n_zeta", {1000000000}, "n_zeta"},
      {"/options/n_zeta", {4, 4}, "n_zeta"},
      {"/options/preset", "nope", "nope"},
      {"/options/n_sigma", -1, "n_sigma"},
      {"/options/max_rank", -1, "max_rank"},
      {"/options/local_modes", -1, "local_modes"},
      {"/options/rank", 1e9, "rank"},
      {"/n_mu", 1.5, "n_mu"},
      {"/n_mu", -1, "n_mu"},
      {"/n_f", uint64_t{1} << 63, "n_f"},
      {"/n_reduced", -2, "n_reduced"},
      {"/dt", 0., "dt"},
      {"/dt", -1., "dt"},
      {"/dt", 5e-324, "dt"},
      {"/dt", 1e300, "dt"},
      {"/t_end", -5., "t_end"},
      {"/t_end", 1e300, "t_end"},
      {"/noise_std", -1., "noise_std"},
      {"/noise_std", 1e300, "noise_std"},
      {"/noise_std", nullptr, "not a model description"},
  };
  for (const auto& [pointer, value, named] : cases) {
    const auto refusal = refusal_of_description([&](json& j) { j[json::json_pointer(pointer)] = value; });
    EXPECT_EQ(refusal.rfind("here: ", 0), 0u) << pointer << " = " << value << ": " << refusal;
    EXPECT_NE(refusal.find(named), std::string::npos) << pointer << " = " << value << ": " << refusal;
    EXPECT_EQ(refusal.find("json.exception"), std::string::npos) << refusal;
  }
}

TEST(ModelDescription, that_its_file_cannot_fill_is_refused_before_memory_is_taken) {
  struct Case {
    const char* pointer;
    json value;
    const char* named;
  };
  const Case cases[] = {{"/grid/shape", {int64_t{1} << 30}, "grid.shape"},
                        {"/grid/channels", 1 << 28, "grid.shape"},
                        {"/options/encoder_hidden", {65536, 65536}, "encoder_hidden"},
                        {"/options/macro_drift_hidden", {65536, 65536, 65536}, "macro_drift_hidden"},
                        {"/options/local_modes", 4096, "local_modes"},
                        {"/n_f", 1 << 30, "n_f"}};
  const TestFolder folder;
  save_model(MultiscaleModel(small_spec("reduced")), folder / "m");
  const auto whole = safetensors::load(folder / "m/model.safetensors");
  EXPECT_NO_THROW(model_from(whole, "", "here"));
  for (const auto& [pointer, value, named] : cases) {
    auto document = whole;
    auto j = json::parse(document.metadata.at("spec"));
    j[json::json_pointer(pointer)] = value;
    if (j.contains("seen") && j["n_f"] != j["seen"]["f"].size()) j.erase("seen");
    if (j.contains("units") && j["grid"]["channels"] != j["units"]["centre"].size())
      j["schema"] = 1, j.erase("units");
    document.metadata["spec"] = j.dump();
    try {
      model_from(document, "", "here");
      ADD_FAILURE() << pointer << " = " << value << " was accepted";
    } catch (const ModelFormatError& error) {
      EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
    }
  }
}

TEST(ModelState, with_numbers_that_training_cannot_write_is_refused_by_name) {
  const TestFolder folder;
  const auto spec = small_spec("reduced");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::pair<const char*, float> cases[] = {
      {"drift.rate", 0},           {"encoder.zeta_std", -1},    {"encoder.residual_scale", 0},
      {"decoder.micro_scale", -1}, {"dispersion.scale", -1},    {"dispersion.t_half", nan},
      {"initial_scale", -1},       {"observation_variance", 0}, {"integration_step", 0},
      {"initial_mean", nan},       {"drift.stencil", -1}};
  for (const auto& [name, value] : cases) {
    MultiscaleModel model(spec);
    {
      torch::NoGradGuard no_grad;
      auto tensor = state_of(model).at(name);
      tensor.fill_(value);
    }
    save_model(model, folder / "m");
    try {
      load_model(folder / "m");
      ADD_FAILURE() << name << " = " << value << " was accepted";
    } catch (const ModelFormatError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace msde
