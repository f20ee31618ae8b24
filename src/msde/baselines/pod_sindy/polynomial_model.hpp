// The reduced model da/dt = library(a) C as a forecaster of fields.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/baselines/ode.hpp"
#include "msde/baselines/pod_sindy/polynomials.hpp"
#include "msde/baselines/point_forecaster.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct PolynomialModel {
  torch::Tensor modes;         // U, [D, n], orthonormal columns
  double scale = 1;            // coordinates are y U / scale
  Polynomials library;         // of n variables
  torch::Tensor coefficients;  // C, [library.size(), n]
  OdeOptions ode;              // its bound: on the norm of the coordinates

  int64_t parameters() const;  // modes and terms that are not zero
};

// For ode.bound: a forecast of 1000 times the largest state of the series, [T, n] each, is a blow-up.
double blow_up_bound(const std::vector<torch::Tensor>& series);

// NumericsError with the time of blow-up.
OdeSolution integrate(const PolynomialModel& model, const torch::Tensor& initial, const OdeTimes& times);
std::unique_ptr<PointForecaster> make_forecaster(const std::string& name, const PolynomialModel& model,
                                                 const Grid& grid);

}  // namespace msde
