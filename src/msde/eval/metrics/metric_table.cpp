#include "msde/eval/metrics/metric_table.hpp"

#include <algorithm>

#include "msde/eval/metrics/metric_values.hpp"

namespace msde {
namespace {

using namespace metric_values;

constexpr auto well = "Ohana et al., The Well, NeurIPS 2024";
constexpr auto pdebench = "Takamoto et al., PDEBench, NeurIPS 2022";
constexpr auto gneiting = "Gneiting & Raftery, JASA 2007";

}  // namespace

// clang-format off
const std::vector<MetricRow>& metric_table() {
  static const std::vector<MetricRow> table = {
      {.id = "rel_l2",
       .formula = "per (b, t): sqrt(sum_{c,s} (p - y)^2 / sum_{c,s} y^2); mean and population standard "
                  "deviation over all (b, t)",
       .unit = "1", .best = "0", .source = "", .values = of_point<rel_l2_where_defined>, .reduce = mean,
       .with_std = true},
      {.id = "rel_l2_t0",
       .formula = "rel_l2 at frame 0: how well the first snapshot is reconstructed",
       .unit = "1", .best = "0", .source = "", .values = of_point<rel_l2_where_defined>, .reduce = mean,
       .window = {.initial_frame = true}, .with_std = true},
      {.id = "rmsre",
       .formula = "per b: sqrt(mean_t (sum_{c,s} (p - y)^2 / sum_{c,s} y^2)); mean. Not below rel_l2",
       .unit = "1", .best = "0", .source = "", .values = squared_rel_l2, .of_trajectories = root_of_time_mean},
      {.id = "mse",
       .formula = "per (b, t, c): mean_s (p - y)^2; mean",
       .unit = "data^2", .best = "0", .source = "", .values = of_point<mse_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "rmse",
       .formula = "per (b, t, c): sqrt(mean_s (p - y)^2); mean",
       .unit = "data", .best = "0", .source = "", .values = root_mse, .reduce = mean, .channels = Channels::columns},
      {.id = "mae",
       .formula = "per (b, t, c): mean_s abs(p - y); mean",
       .unit = "data", .best = "0", .source = "", .values = of_point<mae_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "linf",
       .formula = "per (b, t, c): max_s abs(p - y); mean",
       .unit = "data", .best = "0", .source = well, .values = of_point<linf_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "nrmse_well",
       .formula = "per (b, t, c): sqrt(mean_s (p - y)^2 / (mean_s y^2 + eps)), eps = 1e-7; mean",
       .unit = "1", .best = "0", .source = well, .values = divided<nrmse_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "vrmse",
       .formula = "per (b, t, c): sqrt(mean_s (p - y)^2 / (var_s y + eps)), unbiased variance, eps = "
                  "1e-7; mean",
       .unit = "1", .best = "0", .source = well, .values = divided<vrmse_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "vrmse_6_12",
       .formula = "vrmse of predicted frames 6 to 11, the first scored frame being 0",
       .unit = "1", .best = "0", .source = well, .values = divided<vrmse_per_field>, .reduce = mean,
       .window = {6, 12}},
      {.id = "vrmse_13_30",
       .formula = "vrmse of predicted frames 13 to 29, the first scored frame being 0",
       .unit = "1", .best = "0", .source = well, .values = divided<vrmse_per_field>, .reduce = mean,
       .window = {13, 30}},
      {.id = "pearson_r",
       .formula = "per (b, t, c): cov_s(p, y) / (std_s p std_s y), 0 where p is constant; mean",
       .unit = "1", .best = "1", .source = well, .values = divided<pearson_r_per_field>, .reduce = mean, .channels = Channels::columns},
      {.id = "valid_time",
       .formula = "per (b, c): time from frame 0 to the first scored frame with pearson_r < 0.8 or vrmse "
                  "> 1, to the last frame where there is none; mean",
       .unit = "time", .best = "large", .source = "", .values = divided<valid_per_field>,
       .of_trajectories = first_failure},
      {.id = "valid_to_the_end",
       .formula = "share of (b, c) that never have pearson_r < 0.8 or vrmse > 1",
       .unit = "1", .best = "1", .source = "", .values = divided<valid_per_field>,
       .of_trajectories = never_failed},
      {.id = "mass_drift",
       .formula = "per (b, t, c): abs(mean_s p(t) - mean_s p(0)); mean",
       .unit = "data", .best = "that of the truth", .source = "",
       .values = [](Block b) { return drift(b, b.fields.prediction, b.fields.first_prediction); },
       .reduce = mean, .against_truth = false},
      {.id = "mass_drift_truth",
       .formula = "per (b, t, c): abs(mean_s y(t) - mean_s y(0)); mean",
       .unit = "data", .best = "-", .source = "",
       .values = [](Block b) { return drift(b, b.fields.truth, b.fields.first_truth); }, .reduce = mean},
      {.id = "nrmse_pdebench",
       .formula = "per (b, t, c): sqrt(mean_s (p - y)^2 / mean_s y^2), no eps; mean",
       .unit = "1", .best = "0", .source = pdebench, .values = of_point<nrmse_pdebench_per_field>,
       .reduce = mean, .channels = Channels::columns},
      {.id = "crmse",
       .formula = "per (t, c): sqrt(mean_b (mean_s p - mean_s y)^2); mean",
       .unit = "data", .best = "0", .source = pdebench, .values = of_point<conserved_square_per_field>,
       .reduce = root_of_batch_mean},
      {.id = "brmse",
       .formula = "per (b, t, c): sqrt(sum of (p - y)^2 over boundary faces / number of their points); "
                  "mean",
       .unit = "data", .best = "0", .source = pdebench, .values = error_of_boundary, .reduce = mean},
      {.id = "linf_pdebench",
       .formula = "per (t, c): max_{b,s} abs(p - y); mean",
       .unit = "data", .best = "0", .source = pdebench, .values = of_point<linf_per_field>,
       .reduce = batch_maximum},
      {.id = "pdebench_frmse_low",
       .formula = "per (t, c) and shell: sqrt(mean_b sum_shell abs(FFT_s(p - y))^2) volume / n_s; mean "
                  "over shells 0 to 3",
       .unit = "data volume", .best = "0", .source = pdebench, .values = error_of_shells<frmse_low>,
       .reduce = root_of_batch_mean},
      {.id = "pdebench_frmse_mid",
       .formula = "as pdebench_frmse_low, shells 4 to 11",
       .unit = "data volume", .best = "0", .source = pdebench, .values = error_of_shells<frmse_mid>,
       .reduce = root_of_batch_mean},
      {.id = "pdebench_frmse_high",
       .formula = "as pdebench_frmse_low, shells from 12",
       .unit = "data volume", .best = "0", .source = pdebench, .values = error_of_shells<frmse_high>,
       .reduce = root_of_batch_mean},
      {.id = "spectral_mse_low",
       .formula = "per (b, t, c): sum over modes of the low bin of abs(FFT_s(p - y))^2 / n_s^2; mean. The "
                  "three bins add up to mse",
       .unit = "data^2", .best = "0", .source = well, .values = error_of_bin<0>, .reduce = mean},
      {.id = "spectral_mse_mid",
       .formula = "as spectral_mse_low, middle bin",
       .unit = "data^2", .best = "0", .source = well, .values = error_of_bin<1>, .reduce = mean},
      {.id = "spectral_mse_high",
       .formula = "as spectral_mse_low, high bin",
       .unit = "data^2", .best = "0", .source = well, .values = error_of_bin<2>, .reduce = mean},
      {.id = "spectral_nmse_low",
       .formula = "per (b, t, c): sum over modes of the low bin of abs(FFT_s(p - y))^2 / that of "
                  "abs(FFT_s(y))^2; mean",
       .unit = "1", .best = "0", .source = well, .values = relative_error_of_bin<0>, .reduce = mean},
      {.id = "spectral_nmse_mid",
       .formula = "as spectral_nmse_low, middle bin",
       .unit = "1", .best = "0", .source = well, .values = relative_error_of_bin<1>, .reduce = mean},
      {.id = "spectral_nmse_high",
       .formula = "as spectral_nmse_low, high bin",
       .unit = "1", .best = "0", .source = well, .values = relative_error_of_bin<2>, .reduce = mean},
      {.id = "crps_gaussian",
       .formula = "per value: sigma (w (2 Phi(w) - 1) + 2 phi(w) - 1/sqrt(pi)), w = (y - mean)/sigma; mean",
       .unit = "data", .best = "0", .source = gneiting, .needs = Needs::deviation,
       .values = of_distribution<gaussian_crps_per_field>, .reduce = mean},
      {.id = "nll_gaussian",
       .formula = "per value: log(2 pi sigma^2)/2 + (y - mean)^2/(2 sigma^2), values of sigma = 0 left "
                  "out; mean",
       .unit = "nats", .best = "small", .source = gneiting, .needs = Needs::deviation,
       .values = of_distribution<gaussian_nll_per_field>, .reduce = mean},
      {.id = "crps_fair",
       .formula = "per value: mean_i abs(x_i - y) - sum_i (2i - M - 1) x_(i) / (M (M - 1)), x_(i) sorted; "
                  "mean",
       .unit = "data", .best = "0", .source = "Ferro, QJRMS 2014; Zamo & Naveau 2018",
       .needs = Needs::members, .values = fair_crps, .reduce = mean, .channels = Channels::blocks},
      {.id = "crps_biased",
       .formula = "per value: mean_i abs(x_i - y) - sum_{i,j} abs(x_i - x_j) / (2 M^2); mean. For "
                  "ensembles of one size",
       .unit = "data", .best = "0", .source = gneiting, .needs = Needs::members,
       .values = biased_crps, .reduce = mean},
      {.id = "energy_score",
       .formula = "per (b, t): mean_i norm(x_i - y) - sum_{i<j} norm(x_i - x_j) / (M (M - 1)), norms over "
                  "(c, s); mean",
       .unit = "data", .best = "0", .source = gneiting, .needs = Needs::members,
       .values = of_members<energy_score_per_frame>, .reduce = mean},
      {.id = "spread",
       .formula = "sqrt(mean of var_i(x), divisor M - 1)",
       .unit = "data", .best = "skill sqrt(M/(M + 1))", .source = "Fortin et al., J. Hydrometeorology 2014",
       .needs = Needs::members, .values = spread_and_skill, .reduce = spread, .channels = Channels::blocks, .against_truth = false},
      {.id = "skill",
       .formula = "sqrt(mean of (mean_i(x) - y)^2)",
       .unit = "data", .best = "0", .source = "Fortin et al., J. Hydrometeorology 2014",
       .needs = Needs::members, .values = spread_and_skill, .reduce = skill, .channels = Channels::blocks},
      {.id = "ssr_adjusted",
       .formula = "sqrt((M + 1)/M) sqrt(mean of var(x), divisor M - 1) / sqrt(mean of (mean(x) - y)^2)",
       .unit = "1", .best = "1; below 1: overconfident", .source = "Fortin et al., J. Hydrometeorology 2014",
       .needs = Needs::members, .values = spread_and_skill, .reduce = spread_over_skill, .channels = Channels::blocks},
      {.id = "coverage.50",
       .formula = "share of y with x_(l) <= y <= x_(M+1-l), l = (1 - level)(M + 1)/2 rounded, at least 1; "
                  "level 0.5",
       .unit = "1", .best = "the level", .source = "", .needs = Needs::members, .values = ranks,
       .reduce = coverage_level<50>, .channels = Channels::blocks},
      {.id = "coverage.80",
       .formula = "as coverage.50, level 0.8",
       .unit = "1", .best = "the level", .source = "", .needs = Needs::members, .values = ranks,
       .reduce = coverage_level<80>, .channels = Channels::blocks},
      {.id = "coverage.90",
       .formula = "as coverage.50, level 0.9",
       .unit = "1", .best = "the level", .source = "", .needs = Needs::members, .values = ranks,
       .reduce = coverage_level<90>, .channels = Channels::blocks},
      {.id = "coverage.95",
       .formula = "as coverage.50, level 0.95",
       .unit = "1", .best = "the level", .source = "", .needs = Needs::members, .values = ranks,
       .reduce = coverage_level<95>, .channels = Channels::blocks},
      {.id = "sharpness.50",
       .formula = "mean of x_(M+1-l) - x_(l), l as in coverage, level 0.5",
       .unit = "data", .best = "small, at the right coverage", .source = gneiting, .needs = Needs::members,
       .values = width<0>, .reduce = mean, .against_truth = false},
      {.id = "sharpness.80",
       .formula = "mean width of the interval of coverage.80",
       .unit = "data", .best = "small, at the right coverage", .source = gneiting, .needs = Needs::members,
       .values = width<1>, .reduce = mean, .against_truth = false},
      {.id = "sharpness.90",
       .formula = "mean width of the interval of coverage.90",
       .unit = "data", .best = "small, at the right coverage", .source = gneiting, .needs = Needs::members,
       .values = width<2>, .reduce = mean, .against_truth = false},
      {.id = "sharpness.95",
       .formula = "mean width of the interval of coverage.95",
       .unit = "data", .best = "small, at the right coverage", .source = gneiting, .needs = Needs::members,
       .values = width<3>, .reduce = mean, .against_truth = false},
      {.id = "reliability_index",
       .formula = "sum_r abs(f_r - 1/(M + 1)), f_r the frequencies of the rank histogram",
       .unit = "1", .best = "0", .source = "Delle Monache et al., JGR 2006", .needs = Needs::members,
       .values = ranks, .reduce = reliability},
      {.id = "rank_histogram",
       .formula = "counts of the rank of y among the members, ties broken at random by a seed; M + 1 bins",
       .unit = "counts", .best = "flat", .source = "Hamill, MWR 2001", .needs = Needs::members,
       .values = ranks},
  };
  return table;
}
// clang-format on

std::string clean_id(const std::string& id) {
  const auto at = std::min(id.find("_t0"), id.find('.'));
  return at == std::string::npos ? id + "_clean" : id.substr(0, at) + "_clean" + id.substr(at);
}

std::string formula_of(const std::string& key) {
  const std::string of_channel =
      "per (b, t, c): sqrt(sum_s (p - y)^2 / sum_s y^2); mean over b and t for each c";
  const std::string alone =
      "per (b, t): rel_l2 of decode(encode(y)), of every frame, the first included: encoding and decoding "
      "alone";
  if (key == "rel_l2_encode_decode") return alone;
  if (key == "rel_l2_encode_decode_clean") return alone + "; against clean fields";
  if (key == "rel_l2_per_channel") return of_channel;
  if (key == "rel_l2_clean_per_channel") return of_channel + "; against clean fields";
  for (const auto& row : metric_table()) {
    const std::string id = row.id, family = id.substr(0, id.find('.'));
    const std::string each = ". Each c by itself";
    const std::string per_time = "; mean over b for every t, frame 0 first", clean = "; against clean fields";
    if (key == id || key == family) return row.formula;
    if (key == clean_id(id)) return row.formula + clean;
    if (row.channels != Channels::together && (key == id + "_per_channel" || key == family + "_per_channel"))
      return row.formula + each;
    if (key == id + "_per_time") return row.formula + per_time;
    if (key == id + "_clean_per_time") return row.formula + per_time + clean;
  }
  return "";
}

}  // namespace msde
