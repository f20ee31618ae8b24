// A run that is about to be trained: everything is checked first, and only then something is made on disk.
#pragma once

#include <memory>
#include <string>

#include "msde/run/train_run.hpp"
#include "msde/tensor/ranks/process_group.hpp"

namespace msde {

struct OpenRunRequest {
  std::string folder;
  Settings settings;
  Existing existing = Existing::refuse;
  bool to_be_evaluated = false;  // the data need a test split, too
  Rendezvous rendezvous = {};    // of processes that share the training
};

// data.path is absolute, so that a run can be continued, evaluated and compared from any folder. Of a run that
// continues, the settings have data.path of its first session where a relative one leads nowhere from here, and its
// train.init_from where they name none.
struct OpenedRun {
  RunLayout layout;
  Settings settings;
  TrainRunRequest training;                 // for ensure_trained()
  std::unique_ptr<RunDirectory> directory;  // rank 0's: it alone writes
};

// Checks configuration and data, meets the other ranks, checks that all agree, and then makes the folder.
//
//   OpenedRun run = open_run({.folder = "runs/kdv", .settings = load_settings("configs/kdv_1d.toml", {})});
//   ensure_trained(run.layout, run.settings, run.training);
//   const auto scores = ensure_evaluated(run.layout, run.settings, {});
//
// Errors: ConfigError (also: existing = replace, and the folder holds what the run reads), DataError,
// PeerLost.
OpenedRun open_run(OpenRunRequest request);

// train.init_from is a run with a trained model (DataError), made as this configuration asks (ConfigError).
void require_source(const Settings& settings);

}  // namespace msde
