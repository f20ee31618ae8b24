#include "msde/infer/optimiser/gradients.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>

#include "msde/core/error.hpp"
#include "msde/infer/elbo.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({81, Stream::test, number}, shape, torch::kDouble);
}

// Restores the number of threads of the test program.
class Threads {
 public:
  explicit Threads(int n) : before_(at::get_num_threads()) { at::set_num_threads(n); }
  ~Threads() { at::set_num_threads(before_); }

 private:
  int before_;
};

struct Sums {
  torch::Tensor gradient;
  MetricsLog::Row row;
};

Sums sums(MultiscaleModel& model, int threads, int64_t rows,
          const std::function<Part(const Ranks&)>& part_of) {
  const Threads set(threads);
  FlatParameters weights(model->parameters());
  auto row = add_gradients(weights, rows, part_of);
  return {weights.gradients().clone(), std::move(row)};
}

// One thread against two, three and 16, 7 rows: shares of 7, of 4 and 3, of 3 and 2 and 2; one graph on 16.
void expect_the_same(MultiscaleModel& model, const std::function<Part(const Ranks&)>& part_of,
                     double tolerance = 1e-10) {
  const auto one = sums(model, 1, 7, part_of);
  EXPECT_GT(one.gradient.norm().item<double>(), 0);
  for (const int n : {2, 3, 16}) {
    const auto several = sums(model, n, 7, part_of);
    EXPECT_LT((several.gradient - one.gradient).norm().item<double>(),
              tolerance * one.gradient.norm().item<double>());
    ASSERT_EQ(several.row.size(), one.row.size());
    for (size_t i = 0; i < one.row.size(); ++i) {
      EXPECT_EQ(several.row[i].first, one.row[i].first);
      EXPECT_NEAR(several.row[i].second, one.row[i].second, tolerance * std::abs(one.row[i].second));
    }
  }
}

constexpr int64_t kWindows = 7, kSnapshots = 5;

WindowBatch windows(int64_t n, torch::ScalarType type) {
  WindowBatch batch = {draw(1, {kWindows, kSnapshots, n}),
                       draw(2, {kWindows, kSnapshots, n}),
                       draw(3, {kWindows, kSnapshots}).square(),
                       draw(4, {kWindows, kSnapshots}).cumsum(1),
                       draw(5, {kWindows, 1}),
                       draw(6, {kWindows, kSnapshots, 1}),
                       0.01};
  for (auto* x : {&batch.inputs, &batch.a, &batch.off_norm2, &batch.t, &batch.mu, &batch.f}) *x = x->to(type);
  return batch;
}

ElboNoise noise_of(const MultiscaleModel& model, torch::ScalarType type) {
  const std::vector<int64_t> shape = {kWindows, kSnapshots, model->n_z()};
  return {draw(7, shape).to(type), draw(8, shape).to(type)};
}

TEST(AddGradients, of_the_elbo_are_the_same_on_several_threads) {
  auto model = small_model(small_spec("reduced"));
  const auto batch = windows(model->coordinates->size(), torch::kDouble);
  const auto noise = noise_of(model, torch::kDouble);
  expect_the_same(model, [&](const Ranks& thread) -> Part {
    const Share rows = thread.share(kWindows);
    const auto terms = elbo(model, batch.cut(rows), noise.cut(rows));
    const auto loss = rows.weight() * -terms.value();
    return {loss,
            {{"loss", loss.item<double>()}, {"drift", rows.weight() * terms.drift_residual.item<double>()}}};
  });
}

// As one operation, in float32.
TEST(AddGradients, of_the_weighted_elbo_are_the_same_on_several_threads) {
  auto model = small_model(small_spec("reduced"));
  to_type(*model, torch::kFloat);
  const auto batch = windows(model->coordinates->size(), torch::kFloat);
  const auto noise = noise_of(model, torch::kFloat);
  expect_the_same(
      model,
      [&](const Ranks& thread) -> Part {
        const Share rows = thread.share(kWindows);
        const auto part = weighted_elbo(model, batch.cut(rows), noise.cut(rows), 0.5);
        const auto loss = rows.weight() * -part.value;
        return {loss, {{"loss", loss.item<double>()}}};
      },
      1e-5);
}

TEST(AddGradients, of_roll_outs_are_the_same_on_several_threads) {
  auto model = small_model(small_spec("reduced"));
  constexpr int64_t B = 7, K = 4;
  const int64_t n = model->coordinates->size();
  RolloutBatch batch;
  batch.first = draw(1, {B, n});
  batch.a = draw(2, {B, K, n});
  batch.a[3].zero_();  // at rest: its error counts by the mean energy of all seven
  batch.off_norm2 = draw(3, {B, K}).square() * 1e-9;
  batch.t = (0.02 * torch::arange(K, torch::kDouble)).repeat({B, 1});
  batch.mu = draw(4, {B, 1});
  batch.f = draw(5, {B, K, 1});
  batch.dt_frames = 0.02;
  batch.mean_energy = mean_energy(batch);
  expect_the_same(model, [&](const Ranks& thread) -> Part {
    const Share rows = thread.share(B);
    const auto part = batch.cut(rows);
    const auto scales = model->scales();
    const auto loss =
        rows.weight() * relative_square_error(model, part, roll_out(model, part, scales), scales).mean();
    return {loss, {{"loss", loss.item<double>()}}};
  });
}

// oneDNN's gradients of kernels, prepared for two threads and called by one, are sums of a part of the rows
// or never end.
TEST(AddGradients, of_convolutions_are_the_same_on_several_threads) {
  struct Convolution : torch::nn::Module {
    torch::Tensor kernel = register_parameter("kernel", draw(1, {64, 32, 5, 5}).to(torch::kFloat));
  };
  const auto x = draw(2, {4, 32, 35, 35}).to(torch::kFloat);
  const auto gradient = [&](int threads) {
    const Threads set(threads);
    Convolution model;
    FlatParameters weights(model.parameters());
    add_gradients(weights, x.size(0), [&](const Ranks& thread) -> Part {
      return {torch::conv2d(thread.share(x.size(0)).cut(x), model.kernel, {}, 2).square().sum(), {}};
    });
    return weights.gradients().clone();
  };
  const auto one = gradient(1);
  EXPECT_LT((gradient(2) - one).norm().item<float>(), 1e-4 * one.norm().item<float>());
}

TEST(AddGradients, calls_no_more_threads_than_rows_and_none_for_few_rows) {
  auto model = small_model(small_spec("reduced"));
  const auto parts = [&](int threads, int64_t rows) {
    std::atomic<int64_t> calls = 0;
    sums(model, threads, rows, [&](const Ranks& thread) -> Part {
      ++calls;
      EXPECT_GT(thread.share(rows).count, 0);
      return {model->parameters()[0].sum(), {}};
    });
    return calls.load();
  };
  EXPECT_EQ(parts(3, 7), 3);
  EXPECT_EQ(parts(3, 2), 2);
  EXPECT_EQ(parts(4, 2), 1);
  EXPECT_EQ(parts(1, 7), 1);
}

TEST(AddGradients, throws_what_a_part_throws) {
  auto model = small_model(small_spec("reduced"));
  EXPECT_THROW(sums(model, 3, 7,
                    [&](const Ranks& thread) -> Part {
                      if (thread.rank == 1) throw NumericsError("diverged");
                      return {model->parameters()[0].sum(), {}};
                    }),
               NumericsError);
}

TEST(Optimiser, has_the_same_bits_for_any_number_of_threads) {
  const auto stepped = [](int threads) {
    const Threads set(threads);
    auto model = small_model(small_spec("reduced"));
    FlatParameters weights(model->parameters());
    Optimiser optimiser(weights, {});
    for (uint64_t k = 0; k < 3; ++k) {
      weights.gradients().copy_(draw(20 + k, weights.gradients().sizes()));
      optimiser.step({0.02, 0.01}, optimiser.gradient_norm());
    }
    return weights.values().clone();
  };
  EXPECT_TRUE(stepped(3).equal(stepped(1)));
}

}  // namespace
}  // namespace msde
