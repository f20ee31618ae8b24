#include "msde/model/multiscale.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/hash.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"
#include "msde/scales/stencil.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({11, Stream::test, step}, shape, torch::kDouble);
}
double largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}

class Presets : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(all, Presets, testing::Values("reduced", "paper"));

TEST_P(Presets, smoothing_has_unit_gain_and_constants_have_no_residual) {
  auto model = small_model(small_spec(GetParam()));
  const auto s = model->scales();
  const auto ones = torch::ones({1, 120}, torch::kDouble);
  const auto projected = model->coordinates->project(ones);
  // The rows of R S span the constants up to the ripple of the kernels.
  ASSERT_LT(projected.off_norm2.item<double>(), 1e-3);
  EXPECT_LT(largest(s.restrict_to_macro(projected.a) - 1), 2e-2);
  if (!model->coordinates->is_reduced()) {
    EXPECT_LT(largest(s.residual(ones)), 1e-12);
  }
}

TEST(ReducedScales, prolongation_is_the_right_inverse_and_micro_stays_out_of_its_range) {
  auto model = small_model(small_spec("reduced"));
  const auto s = model->scales();
  const auto zeta = draw(1, {5, 8});
  EXPECT_LT(largest(s.restrict_to_macro(s.prolong(zeta)) - zeta), 1e-8);
  EXPECT_LT(largest(s.restrict_to_macro(s.keep_micro(draw(2, {5, 30})))), 1e-8);
}

TEST(ReducedScales, agree_with_the_filter_on_the_fine_grid) {
  auto model = small_model(small_spec("reduced"));
  const auto& spec = model->spec();
  const auto s = model->scales();
  const auto y = model->coordinates->expand(draw(3, {4, 30}));  // [4, 120], in the span of V
  const auto theta = torch::softmax(model->named_parameters()["filter.theta_raw"], 0);
  auto smooth = torch::zeros({120, 4}, torch::kDouble);
  for (size_t k = 0; k < kFilterWidths.size(); ++k)
    smooth += theta[k] *
              smooth_columns(y.t(), spec.grid, {kFilterWidths[k], spec.options.n_sigma, spec.options.n_zeta});
  const auto kept = restricted_points(spec.grid, spec.options.n_zeta);
  EXPECT_LT(largest(s.restrict_to_macro(model->coordinates->project(y).a) - smooth.t().index_select(1, kept)),
            1e-10);
}

TEST(KernelScales, restriction_reads_the_smoothed_field_and_prolongation_is_its_scaled_transpose) {
  auto model = small_model(small_spec("paper"));
  const auto s = model->scales();
  const auto y = draw(4, {3, 120});
  EXPECT_LT(largest(s.restrict_to_macro(y) - (y - s.residual(y)).slice(1, 0, 120, 15)), 1e-12);
  const auto fine = torch::eye(120, torch::kDouble), coarse = torch::eye(8, torch::kDouble);
  EXPECT_LT(largest(s.prolong(coarse) - 15 * s.restrict_to_macro(fine).t()), 1e-12);
}

TEST(Coordinates, split_the_norm) {
  auto model = small_model(small_spec("reduced"));
  const auto y = draw(5, {6, 120});
  const auto p = model->coordinates->project(y);
  EXPECT_LT(largest(p.a.square().sum(-1) + p.off_norm2 - y.square().sum(-1)), 1e-10);
}

TEST(Likelihood, in_reduced_coordinates_is_the_density_on_the_fine_grid) {
  auto model = small_model(small_spec("reduced"));
  const auto y = draw(6, {4, 120}), z = draw(7, {4, 10});
  const auto p = model->coordinates->project(y);
  const auto d = model->reconstruct(z, model->scales());
  const auto v = model->decoder->variances();
  const auto reduced = log_likelihood(p.a, p.off_norm2, d, v, 120).total();
  const Reconstruction fine = {model->coordinates->expand(d.macro), model->coordinates->expand(d.micro)};
  const auto full = log_likelihood(y, torch::zeros({4}, torch::kDouble), fine,
                                   {v.macro.expand({120}), v.micro.expand({120})}, 120)
                        .total();
  EXPECT_LT(largest(reduced - full), 1e-9);
}

TEST(Likelihood, is_the_gaussian_about_the_decoders_mean) {
  auto model = small_model(small_spec("paper"));
  const auto y = draw(8, {4, 120}), z = draw(9, {4, 10});
  const auto s = model->scales();
  const auto P = model->decoder->variances().precision();
  const auto gaussian =
      (-0.5 * (y - model->decode(z, s)).square() * P + 0.5 * torch::log(P / (2 * M_PI))).sum(-1);
  const auto total = log_likelihood(y, torch::zeros({4}, torch::kDouble), model->reconstruct(z, s),
                                    model->decoder->variances(), 120)
                         .total();
  EXPECT_LT(largest(total - gaussian), 1e-9);
}

TEST(Stencil, gathers_by_offset_and_wraps) {
  Grid grid = {.channels = 1,
               .shape = {8, 12},
               .length = {1, 1},
               .boundary = {Boundary::periodic, Boundary::open},
               .axes = {"y", "x"}};
  const auto index = stencil_index({4, 6}, grid, 1);  // [24, 9]
  ASSERT_EQ(index.sizes(), (at::IntArrayRef{24, 9}));
  for (int64_t cell : {0, 7, 23})
    EXPECT_EQ(index[cell][4].item<int64_t>(), cell);  // the middle tap is the cell itself
  EXPECT_EQ(index[0][1].item<int64_t>(), 3 * 6);      // above row 0 comes the last row: periodic
  EXPECT_EQ(index[0][3].item<int64_t>(), 0);          // left of column 0 is column 0: open
}

// The neighbour of cell (row, column) by each boundary's rule, written down anew; a swapped axis cannot pass
// on 3 x 5 cells.
TEST(Stencil, on_grids_that_are_not_square_knows_its_axes) {
  const int64_t rows = 3, columns = 5, radius = 2;
  const auto place = [](int64_t i, int64_t n, const AxisEnds& ends) {
    return ends.periodic() ? ((i % n) + n) % n : std::clamp<int64_t>(i, 0, n - 1);
  };
  const AxisEnds all[] = {
      Boundary::periodic, Boundary::wall, Boundary::open, {Boundary::wall, Boundary::open}};
  for (const AxisEnds& down : all)
    for (const AxisEnds& across : all) {
      const Grid grid = {
          .channels = 2, .shape = {12, 10}, .length = {1, 1}, .boundary = {down, across}, .axes = {"y", "x"}};
      const auto index = stencil_index({rows, columns}, grid, radius);
      ASSERT_EQ(index.sizes(), (at::IntArrayRef{rows * columns, 2 * 25}));
      for (int64_t cell = 0; cell < rows * columns; ++cell)
        for (int64_t tap = 0; tap < 50; ++tap) {
          const int64_t channel = tap / 25, dy = tap % 25 / 5 - radius, dx = tap % 5 - radius;
          const int64_t row = place(cell / columns + dy, rows, down);
          const int64_t column = place(cell % columns + dx, columns, across);
          ASSERT_EQ(index[cell][tap].item<int64_t>(), (channel * rows + row) * columns + column)
              << boundary_word(down) << " x " << boundary_word(across) << ", cell " << cell << ", tap "
              << tap;
        }
    }
}

// Shifting a periodic field by one coarse cell shifts the macro drift, when eta is the same.
TEST_P(Presets, macro_drift_is_translation_equivariant) {
  auto model = small_model(small_spec(GetParam()));
  const auto zeta = draw(12, {3, 8}), eta = draw(13, {3, 2});
  auto drift = [&](const torch::Tensor& zeta_now) {
    const DriftInputs in = {torch::full({3, 1}, 0.3, torch::kDouble), torch::ones({3, 1}, torch::kDouble),
                            torch::ones({3, 1}, torch::kDouble)};
    return model->drift->forward(torch::cat({zeta_now, eta}, 1), in).narrow(1, 0, 8);
  };
  EXPECT_LT(largest(drift(zeta.roll(1, 1)) - drift(zeta).roll(1, 1)), 1e-12);
}

TEST_P(Presets, micro_drift_sees_time_only_if_asked) {
  for (const char* clock : {"on", "off"}) {
    auto spec = small_spec(GetParam());
    spec.options.micro_time = clock;
    auto model = small_model(spec);
    auto at = [&](double t) {
      const auto one = torch::ones({1, 1}, torch::kDouble);
      return model->drift->forward(draw(14, {1, 10}), {one * t, one, one});
    };
    EXPECT_EQ(largest(at(0.1) - at(0.9)) > 0, std::string(clock) == "on") << clock;
  }
}

TEST_P(Presets, parameters_and_forcing_reach_both_drifts) {
  auto model = small_model(small_spec(GetParam()));
  const auto z = draw(15, {1, 10}), one = torch::ones({1, 1}, torch::kDouble);
  const auto base = model->drift->forward(z, {one, one, one});
  for (const auto& moved :
       {model->drift->forward(z, {one, 2 * one, one}), model->drift->forward(z, {one, one, 2 * one})}) {
    EXPECT_GT(largest((moved - base).narrow(1, 0, 8)), 0);
    EXPECT_GT(largest((moved - base).narrow(1, 8, 2)), 0);
  }
}

TEST_P(Presets, a_saved_model_is_the_same_and_its_file_too) {
  const TestFolder folder;
  auto model = MultiscaleModel(small_spec(GetParam()));
  initialise_networks(model, 1);
  save_model(model, (folder / "a"));
  auto loaded = load_model((folder / "a"));
  save_model(loaded, (folder / "b"));
  EXPECT_EQ(hash_file((folder / "a/model.safetensors")), hash_file((folder / "b/model.safetensors")));
  const auto mine = state_of(model), theirs = state_of(loaded);
  ASSERT_EQ(mine.size(), theirs.size());
  for (const auto& [name, value] : mine) EXPECT_TRUE(value.equal(theirs.at(name))) << name;
}

TEST(ModelFile, without_an_option_has_its_default) {
  auto spec = small_spec("reduced");
  spec.options.max_rank = 17;
  auto text = spec_to_json(spec);
  EXPECT_EQ(spec_from_json(text, "here").options.max_rank, 17);
  const auto place = text.find("\"max_rank\": 17,");
  ASSERT_NE(place, std::string::npos);
  text.erase(place, std::string("\"max_rank\": 17,").size());
  EXPECT_EQ(spec_from_json(text, "here").options.max_rank, ModelOptions().max_rank);
}

TEST(ModelFile, says_both_ends_of_an_axis_where_they_differ) {
  const TestFolder folder;
  const std::vector<AxisEnds> boundary = {Boundary::open, {Boundary::wall, Boundary::open}};
  save_model(MultiscaleModel(small_plane_spec("paper", boundary)), (folder / "m"));
  EXPECT_EQ(load_model((folder / "m"))->spec().grid.boundary, boundary);
  std::ifstream file(folder / "m/model.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto at = text.find("\"boundary\"");
  ASSERT_NE(at, std::string::npos);
  const auto words = text.substr(at, text.find(']', at) - at);
  EXPECT_NE(words.find("\"open\""), std::string::npos) << words;  // one word where both are alike, as ever
  EXPECT_NE(words.find("\"wall:open\""), std::string::npos) << words;
}

TEST(ModelFile, damage_is_a_ModelFormatError) {
  const TestFolder folder;
  save_model(MultiscaleModel(small_spec("reduced")), (folder / "m"));
  const std::string file = (folder / "m/model.safetensors");
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 5);
  EXPECT_THROW(load_model((folder / "m")), ModelFormatError);
  EXPECT_THROW(load_model((folder / "absent")), ModelFormatError);
}

TEST(MacroOnly, has_no_micro_parts) {
  auto spec = small_spec("reduced");
  spec.options.n_eta = 0;
  auto model = small_model(spec);
  EXPECT_EQ(model->n_z(), 8);
  EXPECT_FALSE(model->reconstruct(draw(16, {2, 8}), model->scales()).micro.defined());
  for (const auto& p : model->named_parameters())
    EXPECT_EQ(p.key().find("micro"), std::string::npos) << p.key();
}

}  // namespace
}  // namespace msde
