#include "msde/eval/scoring/quality_gate.hpp"
#include "msde/eval/scoring/two_files.hpp"
#include "msde/eval/scoring/two_files_report.hpp"
#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/run/evaluate_run.hpp"

namespace msde {

ScoreReport score_model(const Model& model, const Data& data, const ModelScoring& scoring) {
  const Computation call;
  const auto& m = model.contents();
  const auto document = evaluate_model(m.model, data.contents().data,
                                       {.split = scoring.split,
                                        .eval = {.n_steps = scoring.n_steps, .members = scoring.members},
                                        .seed = scoring.seed,
                                        .case_name = m.model->spec().case_name,
                                        .train_seconds = m.train_seconds,
                                        .references = {simplest_reference()}});
  return {metric_values(document), document.dump(2)};
}

ScoreReport score_two_files(const std::string& truth, const std::string& prediction,
                            const FileScoring& scoring) {
  const Computation call;
  require_path(truth, "truth");
  require_path(prediction, "prediction");
  const ScoreOptions options = {
      .first_frame = scoring.first_frame, .n_steps = scoring.n_steps, .seed = scoring.seed};
  const auto true_fields = FieldFile::open(truth, scoring.split).as_truth();
  const auto predicted = FieldFile::open(prediction, scoring.split, true_fields.shape().size());
  const ScoredFiles files = {true_fields, predicted, scoring.split, options};
  const auto scores = score_files(true_fields, predicted, options);
  const auto document = to_json(scores, files);
  return {metric_values(document), document.dump(2)};
}

}  // namespace msde
