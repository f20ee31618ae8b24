// The known part of the drift.
#pragma once

#include <string>
#include <vector>

#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/drift/drift_term.hpp"
#include "msde/model/drift/latent_space.hpp"
#include "msde/model/drift/prior_terms.hpp"
#include "msde/physics/known_operator.hpp"

namespace msde {

// dz = sum_k alpha_k E(F_k(D(z); mu, f, t)): F_k acts in units of the data on the fields that z shows (latent_space.hpp). What is a
// polynomial of degree two in z is kept as such, W monomials(z), and needs no field then; anything else is computed on
// the grid.
class PriorDrift : public DriftTerm {
 public:
  // Numbers of z up to which quadratic terms are kept as n^3 / 2 coefficients: beyond, fields are cheaper.
  static constexpr int64_t kMostQuadratic = 160;

  // Registers under the drift: prior_alpha (a parameter), prior_unit, prior_time, prior_stiffness, and of every piece that is a
  // polynomial prior_weights<p>.
  PriorDrift(torch::nn::Module& drift, PriorTerms terms, LatentSpace space, const PriorOptions& options);
  DriftPart at(const LatentState& z, const ScaledInputs& inputs) override;
  std::optional<FusedDriftTerm> fused() const override;
  void see(const DriftSizes& sizes) override { sizes_ = sizes; }

  // What the inputs make of every piece: [.., pieces], leading axes as those of inputs.t.
  torch::Tensor factors(const DriftInputs& inputs) const;
  int64_t n_factors() const { return static_cast<int64_t>(terms_.pieces.size()); }

  // Of the first n numbers of z [.., n] what each term alone adds, its coefficient being 1: [terms, .., n].
  torch::Tensor of_terms(const torch::Tensor& z, const DriftInputs& inputs) const;

  // Finds the polynomials, once what z shows is settled; t = origin + scale t'.
  void measure(double time_origin, double time_scale);
  // Sets the step that is stable for states z [B, n] at those inputs: by the largest eigenvalue there.
  void measure_stiffness(const torch::Tensor& z, const DriftInputs& inputs);

  int64_t affordable_states() const;  // of one call of of_terms()
  // ConfigError: it is not finite on the data.
  [[noreturn]] void refuse_term(int64_t term) const;

  const PriorTerms& terms() const { return terms_; }
  const LatentSpace& space() const { return space_; }
  torch::Tensor beginning() const;  // [terms] 1 of known terms, 0 of candidates
  torch::Tensor coefficients() const { return alpha().detach() * unit_; }  // alpha_k
  void set_coefficients(const torch::Tensor& values);                      // [terms]; 0 stays 0 in training
  void set_back();                                                         // to what they were set to
  double stiffness() const {
    return stiffness_.item<double>();
  }  // RK4 steps of at most one over it are stable

 private:
  bool is_polynomial(size_t piece) const { return weights_[piece].defined(); }
  torch::Tensor of_piece(size_t piece, const torch::Tensor& x, const torch::Tensor& z,
                         const DriftInputs& inputs) const;
  OperatorInputs in_data_units(const DriftInputs& inputs) const;
  int64_t degree() const;       // of the polynomials
  torch::Tensor alpha() const;  // 1 where training changes nothing; in units of unit_

  PriorTerms terms_;
  LatentSpace space_;
  DriftSizes sizes_;
  std::vector<KnownOperator> operators_;  // of every piece
  std::vector<torch::Tensor> weights_;    // undefined where it is no polynomial
  torch::Tensor alpha_, unit_, time_, stiffness_;
  torch::Tensor is_learned_;  // [terms] bool, follows from the options
};

}  // namespace msde
