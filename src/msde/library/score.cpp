#include "msde/eval/scoring/evaluation_report.hpp"
#include "msde/eval/scoring/quality_gate.hpp"
#include "msde/eval/scoring/two_files.hpp"
#include "msde/eval/scoring/two_files_report.hpp"
#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/run/pipeline.hpp"

namespace msde {

ScoreReport score_model(const Model& model, const Data& data, const ModelScoring& scoring) {
  const Computation call;
  const MultiscaleModel& m = model.contents().model;
  const Dataset& truth = data.contents().data;
  check_fits(m->spec(), truth);
  truth.check_finite();
  require_evaluation_memory(truth, scoring.split, {.n_steps = scoring.n_steps, .members = scoring.members});
  EvaluateOptions options;
  options.split = scoring.split;
  options.n_steps = scoring.n_steps;
  options.members = scoring.members;
  options.seed = scoring.seed;
  auto evaluation = evaluate(ModelForecaster(m, {}), truth, options);
  if (evaluation.case_name.empty()) evaluation.case_name = m->spec().case_name;
  const auto document = to_json(evaluation, {.n_zeta = m->n_zeta(),
                                             .n_eta = m->n_eta(),
                                             .train_seconds = model.contents().train_seconds,
                                             .parameters = m->parameter_count(),
                                             .peak_rss_bytes = peak_rss_bytes()});
  return {metric_values(document), document.dump(2)};
}

ScoreReport score_two_files(const std::string& truth, const std::string& prediction,
                            const FileScoring& scoring) {
  const Computation call;
  const ScoreOptions options = {
      .first_frame = scoring.first_frame, .n_steps = scoring.n_steps, .seed = scoring.seed};
  const auto true_fields = FieldFile::open(truth, scoring.split);
  const auto predicted = FieldFile::open(prediction, scoring.split, true_fields.shape().size());
  const ScoredFiles files = {true_fields, predicted, scoring.split, options};
  const auto scores = score_files(true_fields, predicted, options);
  const auto document = to_json(scores, files);
  return {metric_values(document), document.dump(2)};
}

}  // namespace msde
