// The paper preset: unchanged on one periodic axis, and what it promises on other grids.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "msde/core/error.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/model/micro_nets.hpp"
#include "msde/model/test_model.hpp"
#include "msde/scales/kernel_filter.hpp"

namespace msde {
namespace {

using B = Boundary;

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({3, Stream::test, step}, shape, torch::kDouble);
}
double largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}
double absolute_sum(const torch::Tensor& x) {
  return x.abs().sum().item<double>();
}

// Sums recorded before the preset knew other grids, when float32 results were equal to the last bit,
// gradients included. Other processors sum in another order, hence the tolerance.
struct Recorded {
  int64_t channels, parameters;
  double encoded, decoded, drift, loss;
};
TEST(PaperModel, is_what_it_was_on_one_periodic_axis) {
  for (const Recorded& was :
       {Recorded{1, 315425, 9.05621853707616, 296.949648994538, 11.144611965051, 9.12655403709674},
        Recorded{2, 321272, 16.3998743912097, 569.18578286233, 29.1740518799368, 8.98121143275379}}) {
    auto spec = small_spec("paper");
    spec.grid.channels = was.channels;
    spec.grid.shape = {1000};
    spec.options.n_zeta = {20};
    spec.options.n_sigma = 3;
    spec.options.n_eta = 5;
    spec.options.macro_drift_hidden = spec.options.micro_drift_hidden = {};
    MultiscaleModel model(spec);
    initialise_networks(model, 1);
    to_type(*model, torch::kDouble);
    torch::NoGradGuard no_grad;
    auto kernel = model->filter->parameters()[0];
    kernel.add_(0.001 * draw(1, kernel.sizes()));

    const auto y = draw(2, {6, 1000 * was.channels}), one = torch::ones({6, 1}, torch::kDouble);
    const auto s = model->scales();
    const auto z = model->encode(y, s), back = model->decode(z, s);
    const auto drift = model->drift->forward(z, {0.3 * one, one, one});
    const auto gp = model->posterior->operators(7, 0.01);
    const auto loss = back.square().mean() + z.square().mean() + drift.square().mean() +
                      gp.value.square().sum() + s.residual(y).pow(4).mean();
    EXPECT_EQ(model->parameter_count(), was.parameters);
    EXPECT_NEAR(absolute_sum(z), was.encoded, 1e-11 * was.encoded);
    EXPECT_NEAR(absolute_sum(back), was.decoded, 1e-11 * was.decoded);
    EXPECT_NEAR(absolute_sum(drift), was.drift, 1e-11 * was.drift);
    EXPECT_NEAR(loss.item<double>(), was.loss, 1e-11 * was.loss);
  }
}

struct Plane {
  const char* name;
  std::vector<AxisEnds> boundary;
};
struct PaperScales : testing::TestWithParam<Plane> {
  MultiscaleModel model = small_model(small_plane_spec("paper", GetParam().boundary));
  torch::Tensor constants = torch::tensor({2.0, -3.0}, torch::kDouble);  // per channel
  torch::Tensor constant_field = constants.repeat_interleave(16 * 32).unsqueeze(0);
  torch::Tensor constant_zeta = constants.repeat_interleave(4 * 4).unsqueeze(0);
};
INSTANTIATE_TEST_SUITE_P(planes, PaperScales,
                         testing::Values(Plane{"periodic_wall", {B::periodic, B::wall}},
                                         Plane{"open_periodic", {B::open, B::periodic}},
                                         Plane{"wall_open", {B::wall, B::open}},
                                         Plane{"ends_differ", {{B::wall, B::open}, {B::open, B::wall}}},
                                         Plane{"periodic", {B::periodic, B::periodic}}),
                         [](const auto& info) { return info.param.name; });

// Smoothing by the definition: one fine point after the other.
torch::Tensor smooth_by_definition(const torch::Tensor& kernel, const torch::Tensor& y,
                                   const std::vector<AxisEnds>& boundary) {
  auto out = torch::zeros_like(y);  // [2, 16, 32]
  const int64_t n[] = {16, 32}, h[] = {kernel.size(1) / 2, kernel.size(2) / 2};
  const auto inside = [&](int64_t& i, int axis) {
    if (boundary[axis].periodic()) i = ((i % n[axis]) + n[axis]) % n[axis];
    return i >= 0 && i < n[axis];
  };
  const auto k = kernel.accessor<double, 3>(), u = y.accessor<double, 3>();
  auto v = out.accessor<double, 3>();
  for (int64_t c = 0; c < 2; ++c)
    for (int64_t i = 0; i < n[0]; ++i)
      for (int64_t j = 0; j < n[1]; ++j) {
        double sum = 0, weight = 0;
        for (int64_t a = -h[0]; a <= h[0]; ++a)
          for (int64_t b = -h[1]; b <= h[1]; ++b) {
            int64_t p = i + a, q = j + b;
            if (!inside(p, 0) || !inside(q, 1)) continue;
            sum += k[c][a + h[0]][b + h[1]] * u[c][p][q];
            weight += k[c][a + h[0]][b + h[1]];
          }
        v[c][i][j] = sum / weight;
      }
  return out;
}

TEST_P(PaperScales, smooth_by_the_definition_and_restrict_at_the_coarse_points) {
  torch::NoGradGuard no_grad;
  const auto s = model->scales();
  const auto y = draw(4, {3, 2 * 16 * 32});
  const auto kept = restricted_points(model->spec().grid, {4, 4});
  for (int64_t b = 0; b < 3; ++b) {
    const auto smooth = smooth_by_definition(model->named_parameters()["filter.kernel"],
                                             y[b].view({2, 16, 32}), GetParam().boundary)
                            .view({-1});
    EXPECT_LT(largest(y[b] - s.residual(y)[b] - smooth), 1e-11);
    EXPECT_LT(largest(s.restrict_to_macro(y)[b] - smooth.index_select(0, kept)), 1e-11);
  }
  EXPECT_TRUE(s.restrict_to_macro(y).equal(s.separate(y).zeta));
}

TEST_P(PaperScales, constants_stay_constant) {
  const auto s = model->scales();
  EXPECT_LT(largest(s.residual(constant_field)), 1e-12);
  EXPECT_LT(largest(s.restrict_to_macro(constant_field) - constant_zeta), 1e-12);
  // Without an end the prolongation keeps the kernel's ripple, which the random kernel here makes large.
  if (std::string(GetParam().name) != "periodic") {
    EXPECT_LT(largest(s.prolong(constant_zeta) - constant_field), 1e-11);
  }
}

TEST_P(PaperScales, prolongation_is_the_tied_transpose_at_unit_gain) {
  torch::NoGradGuard no_grad;
  const auto s = model->scales();
  const int64_t n = 2 * 16 * 32, m = 2 * 4 * 4;
  auto transpose = s.restrict_to_macro(torch::eye(n, torch::kDouble)).t();  // [m, n]
  const bool periodic = std::string(GetParam().name) == "periodic";
  const auto expected = periodic ? 4.0 * 8.0 * transpose
                                 : transpose / transpose.view({2, m / 2, n}).sum(1).view({2, 1, n}).sum(0);
  EXPECT_LT(largest(s.prolong(torch::eye(m, torch::kDouble)) - expected), 1e-11);
}

TEST(PaperFilter, starts_as_a_gaussian_with_little_ripple) {
  for (const auto& boundary : {std::vector<AxisEnds>{B::periodic, B::periodic}, {B::wall, B::periodic}}) {
    const Grid grid = {
        .channels = 1, .shape = {32, 64}, .length = {1, 1}, .boundary = boundary, .axes = {"y", "x"}};
    const KernelFilter filter(grid, {4, 4}, 2);
    const auto kernel = filter.parameters()[0];
    EXPECT_EQ(kernel.sizes(), (at::IntArrayRef{1, 33, 65}));
    EXPECT_NEAR(kernel[0][16][32 + 16].item<double>() / kernel[0][16][32].item<double>(), std::exp(-0.5),
                1e-6);
    EXPECT_NEAR(kernel[0][16 + 8][32].item<double>() / kernel[0][16][32].item<double>(), std::exp(-0.5),
                1e-6);
    const auto field = filter.scales().prolong(torch::ones({1, 16}));
    const bool ends = !boundary[0].periodic();
    EXPECT_LT(largest(field - 1), ends ? 1e-5 : 0.08);
  }
}

// Coarse cells `beyond` each end, as indices of cells inside.
torch::Tensor cells_beyond(int64_t m, int64_t beyond, const AxisEnds& ends) {
  std::vector<int64_t> index;
  for (int64_t i = -beyond; i < m + beyond; ++i) {
    const B rule = i < 0 ? ends.low : ends.high;
    if (rule == B::periodic) index.push_back(((i % m) + m) % m);
    if (rule == B::open) index.push_back(std::clamp<int64_t>(i, 0, m - 1));
    if (rule == B::wall) index.push_back(i < 0 ? -1 - i : i >= m ? 2 * m - 1 - i : i);
  }
  return torch::tensor(index, torch::kLong);
}

// The decoder written with LibTorch's transposed convolution of fields that are continued two cells beyond.
torch::Tensor decoded_by_definition(ConvDecoder& decoder, const torch::Tensor& x, const Grid& grid) {
  auto p = decoder->named_parameters();
  auto h =
      (torch::mm(x, p["weight"]) + p["bias"]).view({x.size(0), 16, grid.shape[0] / 8, grid.shape[1] / 8});
  for (const char* layer : {"0", "1", "2"}) {
    h = torch::leaky_relu(h, 0.01);
    const int64_t rows = h.size(2), columns = h.size(3);
    h = h.index_select(2, cells_beyond(rows, 2, grid.boundary[0]));
    h = h.index_select(3, cells_beyond(columns, 2, grid.boundary[1]));
    h = torch::conv_transpose2d(h, p["kernel" + std::string(layer)], p["bias" + std::string(layer)], 2, 0, 1);
    h = h.narrow(2, 4 + 4, 2 * rows).narrow(3, 4 + 4, 2 * columns);
  }
  return h.flatten(1);
}

TEST(PaperNetworks, decode_as_defined_on_every_boundary) {
  torch::NoGradGuard no_grad;
  const AxisEnds all[] = {B::periodic, B::wall, B::open, {B::wall, B::open}, {B::open, B::wall}};
  for (const AxisEnds& down : all)
    for (const AxisEnds& across : all) {
      const auto grid = small_plane_spec("paper", {down, across}).grid;
      ConvDecoder decoder(grid, 3);
      to_type(*decoder, torch::kDouble);
      initialise(*decoder, 5, 0);
      const auto x = draw(6, {2, 3}), expected = decoded_by_definition(decoder, x, grid);
      EXPECT_GT(largest(expected), 1e-3);
      EXPECT_LT(largest(decoder->forward(x) - expected), 1e-13)
          << boundary_word(down) << " x " << boundary_word(across);
    }
}

// The encoder written with LibTorch's convolution of fields that are continued by every tap's reach.
torch::Tensor encoded_by_definition(ConvEncoder& encoder, const torch::Tensor& x, const Grid& grid) {
  auto p = encoder->named_parameters();
  auto h = x.view({x.size(0), grid.channels, grid.shape[0], grid.shape[1]});
  for (const char* layer : {"0", "1", "2"}) {
    const auto kernel = p["kernel" + std::string(layer)];
    for (int64_t axis = 0; axis < 2; ++axis)
      h = h.index_select(axis + 2,
                         cells_beyond(h.size(axis + 2), kernel.size(axis + 2) / 2, grid.boundary[axis]));
    h = torch::leaky_relu(torch::conv2d(h, kernel, p["bias" + std::string(layer)], 2), 0.01);
  }
  return torch::mm(h.flatten(1), p["weight"]) + p["bias"];
}

TEST(PaperNetworks, encode_as_defined_on_every_boundary) {
  torch::NoGradGuard no_grad;
  const AxisEnds all[] = {B::periodic, B::wall, B::open, {B::wall, B::open}, {B::open, B::wall}};
  for (const AxisEnds& down : all)
    for (const AxisEnds& across : all) {
      auto spec = small_plane_spec("paper", {down, across});
      ConvEncoder encoder(spec.grid, 3);
      to_type(*encoder, torch::kDouble);
      initialise(*encoder, 5, 0);
      const auto x = draw(8, {2, 2 * 16 * 32}), expected = encoded_by_definition(encoder, x, spec.grid);
      ASSERT_EQ(expected.sizes(), (at::IntArrayRef{2, 3}));
      EXPECT_GT(largest(expected), 1e-3);
      EXPECT_LT(largest(encoder->forward(x) - expected), 1e-13)
          << boundary_word(down) << " x " << boundary_word(across);
    }
}

// The encoder sees a periodic field the same wherever it starts, as far as its strides allow; a wall or an
// open end is seen.
TEST(PaperNetworks, encode_by_the_boundary_of_each_axis) {
  torch::NoGradGuard no_grad;
  auto grid = small_plane_spec("paper", {B::periodic, B::wall}).grid;
  const auto x = draw(7, {2, 2 * 16 * 32}).view({2, 2, 16, 32});
  const auto encoded = [&](std::vector<AxisEnds> boundary, const torch::Tensor& u) {
    grid.boundary = std::move(boundary);
    ConvEncoder encoder(grid, 3);
    to_type(*encoder, torch::kDouble);
    initialise(*encoder, 6, 0);
    auto weight = encoder->named_parameters()["weight"];  // the same for all cells: only their mean counts
    weight.copy_(weight.view({16, 8, -1}).narrow(1, 0, 1).expand({16, 8, -1}).reshape(weight.sizes()));
    return encoder->forward(u.reshape({2, -1}));
  };
  const auto moved = [&](const std::vector<AxisEnds>& boundary, int64_t dim) {
    return largest(encoded(boundary, x.roll(8, dim)) - encoded(boundary, x));
  };
  for (const auto end : {B::wall, B::open}) {
    EXPECT_LT(moved({B::periodic, end}, 2), 1e-12);
    EXPECT_GT(moved({B::periodic, end}, 3), 1e-4);
    EXPECT_LT(moved({end, B::periodic}, 3), 1e-12);
    EXPECT_GT(moved({end, B::periodic}, 2), 1e-4);
  }
  EXPECT_GT(largest(encoded({B::wall, B::wall}, x) - encoded({B::open, B::open}, x)), 1e-4);
}

TEST(PaperNetworks, have_the_published_sizes_on_a_plane) {
  ModelSpec spec;
  spec.grid = {.channels = 1,
               .shape = {128, 128},
               .length = {1, 1},
               .boundary = {B::wall, B::wall},
               .axes = {"y", "x"}};
  spec.options.preset = "paper";
  spec.options.n_zeta = {8, 8};
  const MultiscaleModel model(spec);
  const auto& o = model->spec().options;
  EXPECT_EQ(o.psi, "linear");
  EXPECT_EQ(o.micro_time, "on");
  EXPECT_EQ(o.macro_drift_hidden, (std::vector<int64_t>{128, 256, 128}));
  EXPECT_EQ(o.micro_drift_hidden, (std::vector<int64_t>{128, 256, 128}));
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& p : model->named_parameters()) shapes[p.key()] = p.value().sizes().vec();
  using Shape = std::vector<int64_t>;
  EXPECT_EQ(shapes["filter.kernel"], (Shape{1, 65, 65}));
  EXPECT_EQ(shapes["encoder.conv.kernel0"], (Shape{64, 1, 9, 9}));
  EXPECT_EQ(shapes["encoder.conv.kernel1"], (Shape{32, 64, 9, 9}));
  EXPECT_EQ(shapes["encoder.conv.kernel2"], (Shape{16, 32, 9, 9}));
  EXPECT_EQ(shapes["encoder.conv.weight"], (Shape{4096, 5}));
  EXPECT_EQ(shapes["decoder.conv.weight"], (Shape{5, 4096}));
  EXPECT_EQ(shapes["decoder.conv.kernel0"], (Shape{16, 32, 9, 9}));
  EXPECT_EQ(shapes["decoder.conv.kernel2"], (Shape{64, 1, 9, 9}));
  EXPECT_EQ(shapes["drift.psi.weight0"], (Shape{64, 5}));
  EXPECT_EQ(shapes["drift.macro.weight0"], (Shape{30, 128}));
  EXPECT_EQ(shapes["drift.micro.weight0"], (Shape{11, 128}));
  for (const auto& [name, shape] : shapes) EXPECT_EQ(name.find("warp"), std::string::npos) << name;
  // A choice of the user's stays.
  spec.options.psi = "identity";
  EXPECT_EQ(MultiscaleModel(spec)->spec().options.psi, "identity");
}

TEST(PaperNetworks, refuse_grids_that_do_not_halve_three_times) {
  const auto refused = [](std::vector<int64_t> shape, const std::string& words) {
    Grid grid = {.channels = 1, .shape = shape, .length = {}, .boundary = {}, .axes = {}};
    grid.boundary.assign(shape.size(), B::open);
    try {
      ConvEncoder(grid, 2);
      ADD_FAILURE() << "accepted";
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  };
  refused({32, 36}, "36 points on axis 1");
  refused({8, 32}, "at least 16");
  refused({40}, "at least 48");
  refused({8, 8, 8, 8}, "4 axes");
}

// What goes through in blocks is what goes through at once.
TEST(PaperModel, blocks_of_rows_change_nothing) {
  Grid grid = {.channels = 1,
               .shape = {128, 128},
               .length = {1, 1},
               .boundary = {B::wall, B::periodic},
               .axes = {"y", "x"}};
  const KernelFilter filter(grid, {8, 8}, 1);
  const auto s = filter.scales();
  const auto zeta = normal({3, Stream::test, 20}, {1030, 64}, torch::kFloat);
  torch::NoGradGuard no_grad;
  const auto all = s.prolong(zeta);  // more rows than one block holds
  const auto last = s.prolong(zeta.narrow(0, 1029, 1));
  EXPECT_LT(largest(all[1029] - last[0]), 1e-5);
  EXPECT_EQ(all.sizes(), (at::IntArrayRef{1030, 128 * 128}));
}

}  // namespace
}  // namespace msde
