#include "msde/ops/convolved_lines.hpp"

#include <ATen/Parallel.h>

#include "msde/kernels/line_convolution.hpp"
#include "msde/kernels/room_for.hpp"
#include "msde/tensor/plain_memory.hpp"
#include "msde/tensor/ranks/share.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A batch of lines, groups of them in parallel: a function of the threads at hand.
struct Lines {
  LineConvolution line;
  int64_t B, groups;

  Lines(int64_t B, int64_t m, const Tensor& kernel, int64_t stride)
      : line(kernel.size(1), kernel.size(0), kernel.size(2), stride, m), B(B), groups(groups_of(B)) {}
  // m of a convolution of x
  static int64_t convolved(const Tensor& x, const Tensor& kernel, int64_t stride) {
    return (x.size(2) - kernel.size(2) + 1) / stride;
  }

  // visit(line of the batch, group, scratch)
  template <class Visit>
  void for_each(Visit visit) const {
    at::parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
      const auto scratch = room_for(line.scratch_size());
      for (int64_t group = begin; group < end; ++group) {
        const Share share = Ranks{group, groups}.share(B);
        for (int64_t b = share.first; b < share.first + share.count; ++b) visit(b, group, scratch.get());
      }
    });
  }

  Tensor forward(const Tensor& x, const Tensor& kernel, const float* bias = nullptr) const {
    auto y = torch::empty({B, line.outputs(), line.m()}, x.options());
    const auto *from = x.data_ptr<float>(), *k = kernel.data_ptr<float>();
    auto* to = y.data_ptr<float>();
    for_each([&](int64_t b, int64_t, float* scratch) {
      line.forward(from + b * x.stride(0), k, bias, to + b * y.stride(0), scratch);
    });
    return y;
  }

  Tensor transposed(const Tensor& y, const Tensor& kernel) const {
    auto x = torch::empty({B, line.inputs(), line.wide()}, y.options());
    const auto by_phase = line.by_phase(kernel.data_ptr<float>());
    const auto *from = y.data_ptr<float>(), *k = by_phase.data();
    auto* to = x.data_ptr<float>();
    for_each([&](int64_t b, int64_t, float* scratch) {
      line.transposed(from + b * y.stride(0), k, to + b * x.stride(0), scratch);
    });
    return x;
  }

  Tensor kernel_gradient(const Tensor& x, const Tensor& dy) const {
    auto sums = torch::zeros({groups, line.inputs(), line.taps(), line.outputs()}, x.options());
    const auto *from = x.data_ptr<float>(), *d = dy.data_ptr<float>();
    auto* to = sums.data_ptr<float>();
    for_each([&](int64_t b, int64_t group, float* scratch) {
      line.add_kernel_gradient(from + b * x.stride(0), d + b * dy.stride(0), to + group * line.kernel_size(),
                               scratch);
    });
    return sums.sum(0).permute({2, 0, 1}).contiguous();
  }
};

struct ConvolvedLines : torch::autograd::Function<ConvolvedLines> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& kernel, const Tensor& bias,
                        int64_t stride) {
    const auto lines = x.contiguous(), taps = kernel.contiguous(), offset = bias.contiguous();
    context->save_for_backward({lines, taps});
    context->saved_data["stride"] = stride;
    return Lines(x.size(0), Lines::convolved(x, kernel, stride), taps, stride)
        .forward(lines, taps, offset.data_ptr<float>());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "convolved lines have no second derivative");
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1], g = gradients[0].contiguous();
    const Lines lines(x.size(0), g.size(2), kernel, context->saved_data["stride"].toInt());
    return {context->needs_input_grad(0) ? lines.transposed(g, kernel) : Tensor(),
            context->needs_input_grad(1) ? lines.kernel_gradient(x, g) : Tensor(),
            context->needs_input_grad(2) ? g.sum(at::IntArrayRef{0, 2}) : Tensor(), Tensor()};
  }
};

struct TransposedLines : torch::autograd::Function<TransposedLines> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& kernel, int64_t stride) {
    const auto lines = x.contiguous(), taps = kernel.contiguous();
    context->save_for_backward({lines, taps});
    context->saved_data["stride"] = stride;
    return Lines(x.size(0), x.size(2), taps, stride).transposed(lines, taps);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "convolved lines have no second derivative");
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1], g = gradients[0].contiguous();
    const Lines lines(x.size(0), x.size(2), kernel, context->saved_data["stride"].toInt());
    return {context->needs_input_grad(0) ? lines.forward(g, kernel) : Tensor(),
            context->needs_input_grad(1) ? lines.kernel_gradient(g, x) : Tensor(), Tensor()};
  }
};

}  // namespace

bool are_plain_lines(const Tensor& x, const Tensor& kernel) {
  return x.dim() == 3 && fits_kernels(x) && fits_kernels(kernel) && x.size(0) > 0;
}

Tensor convolved_lines(const Tensor& x, const Tensor& kernel, const Tensor& bias, int64_t stride) {
  return ConvolvedLines::apply(x, kernel, bias, stride);
}

Tensor transposed_lines(const Tensor& x, const Tensor& kernel, int64_t stride) {
  return TransposedLines::apply(x, kernel, stride);
}

}  // namespace msde
