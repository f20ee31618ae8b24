// The Runge-Kutta methods that several layers take steps of: their coefficients, once.
#pragma once

namespace msde {

//   0  |
//  1/2 | 1/2
//  1/2 |  0  1/2
//   1  |  0   0   1
//      | 1/6 1/3 1/3 1/6      (Kutta 1901)
struct ClassicalRungeKutta {
  static constexpr int stages = 4;
  static constexpr int half_steps[stages] = {0, 1, 1, 2};                     // 2 c_i
  static constexpr double node[stages] = {0, 1. / 2, 1. / 2, 1};              // c_i; also a_(i, i-1)
  static constexpr double weight[stages] = {1. / 6, 1. / 3, 1. / 3, 1. / 6};  // b_i
};

// z(t + h) of dz/dt = f(t, z), for values that can be added and multiplied by numbers.
template <class Z, class F>
Z classical_runge_kutta_step(const F& f, double t, double h, const Z& z) {
  const Z k1 = f(t, z);
  const Z k2 = f(t + h / 2, z + h / 2 * k1);
  const Z k3 = f(t + h / 2, z + h / 2 * k2);
  const Z k4 = f(t + h, z + h * k3);
  return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

// SRA1 of Roessler, SIAM J. Numer. Anal. 48 (2010), table 6.3, for additive noise, strong order 1.5. The
// stage noise carries a'(z) L dZ; the last term integrates a linearly varying L(t) exactly:
//   H  = z + node h f(t, z) + noise L(t + h) dZ/h
//   z' = z + h (weight_0 f(t, z) + weight_1 f(t + node h, H)) + L(t + h) dW + (L(t) - L(t + h)) dZ/h
struct Sra1 {
  static constexpr double node = 3. / 4, noise = 3. / 2;
  static constexpr double weight[2] = {1. / 3, 2. / 3};
};

}  // namespace msde
