// What a trained model has learned, in numbers that can be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

struct Explanation {
  struct Term {
    std::string text;
    double coefficient = 0;  // in units of the data
  };
  // A term of the prior at the states looked at; rms over states and over the numbers of z, each in its unit.
  struct PriorTerm : Term {
    bool is_candidate = false;
    double share = 0;    // rms of what it adds to the drift, over rms of the whole drift
    double learned = 0;  // b_k of the least squares  learned drift = sum_k b_k F_k,  in units of the data
  };
  std::string prior_at;  // "decoded" or "macro"; "" without a prior
  std::vector<PriorTerm> prior;
  double learned_share = 1;  // rms of the learned drift over rms of the whole drift
  double learned_along_prior =
      0;  // R2 of that least squares: which part of the learned drift the terms could say

  // Sparse regression of the drift of the coarse values, in units of the data, on u, u^2, and along every axis du, u du, d2u and d3u
  // by central differences of second order between coarse points; term after term while R2 grows by .01. None where zeta are no coarse values.
  struct Regression {
    std::string channel;
    std::vector<Term> terms;
    double r2 = 0;
  };
  std::vector<Regression> macro;

  // Relative change, rms, of the drift of one scale where the other has its mean; none without micro states.
  std::optional<double> macro_needs_micro, micro_needs_macro;
  // Of the decoded field about its mean: the energy of the gated micro part over all; and of that part's energy the share inside the range of
  // the macro decoder, which the claim of the method is to be 0.
  std::optional<double> micro_energy, micro_inside_macro_range;
  int64_t states = 0;  // looked at, of training
};

// At 512 evenly spread training snapshots as the model encodes them. DataError as check_fits().
Explanation explain(MultiscaleModel& model, const Dataset& data);

}  // namespace msde
