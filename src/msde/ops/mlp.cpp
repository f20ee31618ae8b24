#include "msde/ops/mlp.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

#include "msde/tensor/plain_memory.hpp"

namespace msde {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kBlockRows = 128;  // worked on at a time: their activations stay in the cache
constexpr int64_t kGroupRows = 256;  // at least, that share one sum of parameter gradients ..
constexpr int64_t kMostGroups = 16;  // .. of which there are at most so many: the unit of parallel work

// Rows in blocks, blocks in groups: a function of the number of rows alone, so that sums do not depend on
// threads.
struct Partition {
  explicit Partition(int64_t rows)
      : rows(rows),
        groups(std::clamp<int64_t>(rows / kGroupRows, 1, kMostGroups)),
        per_group(((rows + groups - 1) / groups + kBlockRows - 1) / kBlockRows * kBlockRows) {}

  // visit(group, first row, rows) for every block, groups in parallel.
  template <class Visit>
  void for_each_block(int64_t scratch_width, Visit visit) const {
    at::parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(static_cast<size_t>(kBlockRows * scratch_width));
      for (int64_t group = begin; group < end; ++group) {
        const int64_t last = std::min(rows, (group + 1) * per_group);
        for (int64_t first = group * per_group; first < last; first += kBlockRows)
          visit(group, first, std::min(kBlockRows, last - first), scratch.data());
      }
    });
  }

  int64_t rows, groups, per_group;
};

torch::Tensor evaluate(const MlpKernel& net, const torch::Tensor& x, const torch::Tensor& tape) {
  const int64_t rows = x.size(0), n_tape = net.tape_width(), n_scratch = net.scratch_size(1);
  auto y = torch::empty({rows, net.outputs()}, x.options());
  const auto* px = x.data_ptr<float>();
  auto *py = y.data_ptr<float>(), *kept = tape.defined() ? tape.data_ptr<float>() : nullptr;
  const int64_t width = n_scratch + (kept == nullptr ? n_tape : 0);
  Partition(rows).for_each_block(width, [&](int64_t, int64_t first, int64_t count, float* scratch) {
    float* block_tape = kept == nullptr ? scratch + count * n_scratch : kept + first * n_tape;
    net.forward(count, px + first * net.inputs(), py + first * net.outputs(), block_tape, scratch);
  });
  return y;
}

MlpParameters network_of(at::TensorList tensors, Activation activation) {
  return {tensors.vec(), activation};
}

struct MlpFunction : torch::autograd::Function<MlpFunction> {
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x, at::TensorList parameters,
                               Activation activation) {
    const auto net = *kernel_of(network_of(parameters, activation));
    auto tape = torch::empty({x.size(0), net.tape_width()}, x.options());
    auto y = evaluate(net, x, tape);
    variable_list saved = {x, tape};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    ctx->save_for_backward(saved);
    ctx->saved_data["activation"] = static_cast<int64_t>(activation);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "mlp has no second derivative; use mlp_by_layers");
    const auto saved = ctx->get_saved_variables();
    const auto& x = saved[0];
    const auto network = network_of(at::TensorList(saved).slice(2),
                                    static_cast<Activation>(ctx->saved_data["activation"].toInt()));
    const auto net = *kernel_of(network);
    const auto dy = upstream[0].contiguous();
    auto dx = ctx->needs_input_grad(0) ? torch::empty_like(x) : torch::Tensor();
    const Partition partition(x.size(0));
    const auto transposed = net.transposed_weights();
    auto sums = torch::zeros({partition.groups, net.gradient_size()}, x.options());
    const auto *px = x.data_ptr<float>(), *pdy = dy.data_ptr<float>(), *tape = saved[1].data_ptr<float>();
    auto *pdx = dx.defined() ? dx.data_ptr<float>() : nullptr, *psums = sums.data_ptr<float>();
    partition.for_each_block(
        net.scratch_size(1), [&](int64_t group, int64_t first, int64_t count, float* scratch) {
          net.backward(
              count, px + first * net.inputs(), tape + first * net.tape_width(),
              {transposed.data(), pdy + first * net.outputs(),
               pdx == nullptr ? nullptr : pdx + first * net.inputs(), psums + group * net.gradient_size()},
              scratch);
        });
    variable_list gradients = {dx};
    for (auto& g : pieces_of(sums.sum(0), network.tensors)) gradients.push_back(std::move(g));
    gradients.emplace_back();
    return gradients;
  }
};

}  // namespace

std::optional<MlpKernel> kernel_of(const MlpParameters& network) {
  if (network.activation == Activation::tanh) return {};
  std::vector<LayerView> layers;
  for (size_t i = 0; i + 1 < network.tensors.size(); i += 2) {
    const auto &weight = network.tensors[i], &bias = network.tensors[i + 1];
    for (const auto* tensor : {&weight, &bias})
      if (!fits_kernels(*tensor) || !tensor->is_contiguous()) return {};
    layers.push_back({weight.data_ptr<float>(), bias.data_ptr<float>(), weight.size(0), weight.size(1)});
  }
  return MlpKernel(std::move(layers),
                   {network.activation == Activation::silu,
                    network.activation == Activation::leaky_relu ? static_cast<float>(kLeak) : 0});
}

torch::Tensor mlp(const torch::Tensor& x, const MlpParameters& network) {
  const auto net = fits_kernels(x) ? kernel_of(network) : std::nullopt;
  if (!net || x.size(0) == 0) return mlp_by_layers(x, network);
  const auto rows = x.contiguous();
  bool differentiates = x.requires_grad();
  for (const auto& parameter : network.tensors) differentiates |= parameter.requires_grad();
  if (!torch::GradMode::is_enabled() || !differentiates) {
    const torch::NoGradGuard no_grad;
    return evaluate(*net, rows, {});
  }
  return MlpFunction::apply(rows, at::TensorList(network.tensors), network.activation);
}

torch::Tensor mlp_by_layers(const torch::Tensor& x, const MlpParameters& network) {
  auto h = x;
  for (size_t i = 0; i + 1 < network.tensors.size(); i += 2) {
    if (i > 0) h = activate(network.activation, h);
    h = torch::addmm(network.tensors[i + 1], h, network.tensors[i]);
  }
  return h;
}

}  // namespace msde
