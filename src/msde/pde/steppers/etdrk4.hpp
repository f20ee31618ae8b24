// Exponential time differencing for stiff semi-linear equations.
#pragma once

#include <functional>

#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// v_t = L v + N(v), v the Fourier coefficients [..., modes] (complex128) of a periodic field and L diagonal.
struct SemilinearEquation {
  torch::Tensor linear;                                            // L, complex128 [modes]
  std::function<torch::Tensor(const torch::Tensor& v)> nonlinear;  // N
};

// Fourth order in dt, exact for N = 0 whatever the stiffness of L:
//   a = e^{hL/2} v + Q N(v),  b = e^{hL/2} v + Q N(a),  c = e^{hL/2} a + Q (2 N(b) - N(v)),
//   v+ = e^{hL} v + f1 N(v) + 2 f2 (N(a) + N(b)) + f3 N(c),   Q = h phi_1(hL/2)/2, f_i combinations of
//   phi-functions.
// Cox & Matthews, J. Comput. Phys. 176 (2002), eqs. (26)-(29). The coefficients suffer cancellation for small
// |hL|; they are means over a circle around hL (Kassam & Trefethen, SIAM J. Sci. Comput. 26 (2005), section
// 3).
Step etdrk4(const SemilinearEquation& equation, double dt);

}  // namespace msde
