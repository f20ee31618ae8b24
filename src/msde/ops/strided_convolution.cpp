#include "msde/ops/strided_convolution.hpp"

#include "msde/ops/convolved_lines.hpp"

namespace msde {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kFewChannels = 4;

struct Arguments {
  std::vector<int64_t> stride, zero, one;
  Arguments(int64_t axes, int64_t s) : stride(axes, s), zero(axes, 0), one(axes, 1) {}
};

// y = C^T x with C the convolution by the same kernel. C maps [B, out, *wide] to [B, in, *m].
struct InputGradient : torch::autograd::Function<InputGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& kernel, int64_t stride) {
    context->save_for_backward({x, kernel});
    context->saved_data["stride"] = stride;
    const Arguments a(x.dim() - 2, stride);
    auto shape = x.sizes().vec();
    shape[1] = kernel.size(1);
    for (int64_t d = 2; d < x.dim(); ++d) shape[d] = stride * x.size(d) + kernel.size(d) - 1;
    const auto like = torch::empty({1}, x.options()).expand(shape);  // only its shape matters
    return std::get<0>(at::convolution_backward(x.contiguous(), like.contiguous(), kernel, c10::nullopt,
                                                a.stride, a.zero, a.one, false, a.zero, 1,
                                                {true, false, false}));
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1];
    const Arguments a(x.dim() - 2, context->saved_data["stride"].toInt());
    const auto g = gradients[0].contiguous();
    Tensor dx, dk;
    if (context->needs_input_grad(0))
      dx = at::convolution(g, kernel, {}, a.stride, a.zero, a.one, false, a.zero, 1);
    if (context->needs_input_grad(1))
      dk = std::get<1>(at::convolution_backward(x.contiguous(), g, kernel, c10::nullopt, a.stride, a.zero,
                                                a.one, false, a.zero, 1, {false, true, false}));
    return {dx, dk, Tensor()};
  }
};

// oneDNN takes ten times as long as LibTorch for the input gradient towards one or two channels.
struct FewInputs : torch::autograd::Function<FewInputs> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& kernel, const Tensor& bias,
                        int64_t stride) {
    context->save_for_backward({x, kernel});
    context->saved_data["stride"] = stride;
    const Arguments a(x.dim() - 2, stride);
    return at::convolution(x, kernel, bias, a.stride, a.zero, a.one, false, a.zero, 1);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1];
    const int64_t stride = context->saved_data["stride"].toInt(), outputs = kernel.size(0);
    const Arguments a(x.dim() - 2, stride);
    const auto g = gradients[0].contiguous();
    Tensor dx;
    if (context->needs_input_grad(0)) dx = transposed_convolution(g, kernel, stride, TransposedPath::native);
    const auto [none, dk, db] =
        at::convolution_backward(g, x, kernel, std::vector<int64_t>{outputs}, a.stride, a.zero, a.one, false,
                                 a.zero, 1, {false, true, true});
    return {dx, dk, db, Tensor()};
  }
};

}  // namespace

Tensor strided_convolution(const Tensor& x, const Tensor& kernel, const Tensor& bias, int64_t stride) {
  const int64_t axes = x.dim() - 2;
  if (are_plain_lines(x, kernel) && (x.size(2) - kernel.size(2) + 1) % stride == 0)
    return convolved_lines(x, kernel, bias, stride);
  if (axes > 1 && kernel.size(1) <= kFewChannels) return FewInputs::apply(x, kernel, bias, stride);
  const Arguments a(axes, stride);
  return at::convolution(x, kernel, bias, a.stride, a.zero, a.one, false, a.zero, 1);
}

Tensor transposed_convolution(const Tensor& x, const Tensor& kernel, int64_t stride, TransposedPath path) {
  const int64_t axes = x.dim() - 2;
  if (path == TransposedPath::automatic)
    path = are_plain_lines(x, kernel)      ? TransposedPath::lines
           : kernel.size(1) > kFewChannels ? TransposedPath::input_gradient
                                           : TransposedPath::native;
  if (path == TransposedPath::lines) {
    TORCH_CHECK(are_plain_lines(x, kernel), "this path is for lines in float32 on the CPU");
    return transposed_lines(x, kernel, stride);
  }
  if (path == TransposedPath::input_gradient) return InputGradient::apply(x, kernel, stride);
  const Arguments a(axes, stride);
  return at::convolution(x, kernel, {}, a.stride, a.zero, a.one, /*transposed=*/true,
                         std::vector<int64_t>(axes, stride - 1), 1);
}

}  // namespace msde
