// Every subcommand, in the order of the help.
#pragma once

#include <vector>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/commands/compare_line.hpp"
#include "apps/msde/commands/doctor_line.hpp"
#include "apps/msde/commands/evaluate_line.hpp"
#include "apps/msde/commands/explain_line.hpp"
#include "apps/msde/commands/generate_line.hpp"
#include "apps/msde/commands/import_line.hpp"
#include "apps/msde/commands/predict_line.hpp"
#include "apps/msde/commands/score_line.hpp"
#include "apps/msde/commands/train_line.hpp"

namespace msde {

// `work` is called with the line of the command that was given.
template <class AnyWork>
std::vector<Command> add_commands(CLI::App& app, AnyWork work) {
  return {add_run(app, work),      add_generate(app, work), add_import(app, work),   add_train(app, work),
          add_evaluate(app, work), add_predict(app, work),  add_compare(app, work),  add_score(app, work),
          add_explain(app, work),  add_info(app),           add_config_explain(app), add_doctor(app, work),
          add_completion(app)};
}

}  // namespace msde
