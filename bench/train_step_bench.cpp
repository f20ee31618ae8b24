// One ELBO step and one roll-out step, forward and gradient, of the reduced preset at kdv_1d's sizes.
//   cmake --preset release -DMSDE_BUILD_BENCH=ON && cmake --build build/release &&
//   build/release/bench/train_step_bench
#include <benchmark/benchmark.h>

#include "msde/infer/elbo.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

MultiscaleModel kdv_sized_model() {
  auto spec = small_spec("reduced");
  spec.grid.shape = {1000};
  const ModelOptions defaults;
  spec.options = defaults;
  spec.n_reduced = 76;
  auto model = small_model(spec);
  to_type(*model, torch::kFloat);
  return model;
}

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({1, Stream::test, step}, shape);
}

void elbo_step(benchmark::State& state) {
  auto model = kdv_sized_model();
  const int64_t B = state.range(0), W = 64, n = 76;
  const WindowBatch batch = {draw(1, {B, W, n}),
                             draw(2, {B, W, n}),
                             draw(3, {B, W}).square(),
                             (0.001 * torch::arange(W)).expand({B, W}),
                             draw(4, {B, 1}),
                             draw(5, {B, W, 1}),
                             0.001};
  const ElboNoise noise = {draw(6, {B, W, model->n_z()}), draw(7, {B, W, model->n_z()})};
  for (auto _ : state) (-elbo(model, batch, noise).value()).backward();
  state.SetItemsProcessed(state.iterations() * B);
}
BENCHMARK(elbo_step)->Arg(1)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond);

void rollout_step(benchmark::State& state) {
  auto model = kdv_sized_model();
  const int64_t B = 16, K = state.range(0) + 1, n = 76;
  RolloutBatch batch;
  batch.a = draw(1, {B, K, n});
  batch.first = batch.a.select(1, 0);
  batch.off_norm2 = draw(2, {B, K}).square();
  batch.t = (0.02 * torch::arange(K)).expand({B, K});
  batch.mu = draw(3, {B, 1});
  batch.f = draw(4, {B, K, 1});
  batch.dt_frames = 0.02;
  for (auto _ : state) {
    const auto scales = model->scales();
    relative_square_error(model, batch, roll_out(model, batch, scales), scales).mean().backward();
  }
}
BENCHMARK(rollout_step)->Arg(20)->Arg(40)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace msde

BENCHMARK_MAIN();
