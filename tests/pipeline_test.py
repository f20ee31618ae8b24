"""From data to scores and predictions, with the real program on tiny settings.

Run as: python3 pipeline_test.py build/release/msde
"""

import csv
import json
import os
import shutil
import time

import h5py
import numpy

import program
from program import CONFIGS, TINY_DATA, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
ELBO_TERMS = ("elbo", "macro_residual", "micro_correlation", "micro_norm", "log_determinant", "constant", "drift_residual",
              "kl_initial")
METRICS = {"rel_l2", "rel_l2_t0", "rel_l2_clean", "rel_l2_clean_t0", "rmse", "vrmse", "nrmse_well", "crps_fair",
           "ssr_adjusted", "energy_score", "coverage", "rank_histogram", "rel_l2_per_time",
           "rel_l2_clean_per_time", "rel_l2_encode_decode", "rel_l2_encode_decode_clean"}
COST = {"train_seconds", "predict_seconds_per_trajectory", "nfe_per_trajectory", "peak_rss_bytes", "parameters"}


class Run(program.ProgramTest):
    def run_case(self, case, folder, *arguments, **settings):
        tables = [TINY_TRAINING, TINY_DATA, {"data.generate.n_steps": 101, "train.max_steps": 10, "rollout.max_steps": 6,
                                             "eval.members": 9}]
        return self.msde("run", os.path.join(CONFIGS, case + ".toml"), "-o", folder, *arguments, *sets(*tables, **settings))

    def check_scores(self, scores, case, split="test", clean=True, n_eta=5):
        self.assertEqual(set(scores), {"schema", "case", "split", "n_zeta", "n_eta", "metrics", "lead_times", "reference", "cost",
                                       "protocol", "setup", "formulas"})
        self.assertEqual(set(scores["formulas"]), set(scores["metrics"]))
        self.assertTrue(all(scores["formulas"].values()))
        self.assertEqual([scores[key] for key in ("schema", "case", "split", "n_zeta", "n_eta")], [1, case, split, 20, n_eta])
        metrics = scores["metrics"]
        self.assertEqual(set(metrics), METRICS if clean else {m for m in METRICS if "clean" not in m})
        for name in metrics:
            if name.startswith("rel_l2") and not name.endswith("per_time"):
                self.assertEqual(set(metrics[name]), {"mean", "std"})
        self.assertEqual(set(metrics["coverage"]), {"50", "80", "90", "95"})
        self.assertEqual(set(scores["cost"]), COST)
        self.assertIsInstance(scores["protocol"], str)

    def test_both_cases(self):
        for case in ("wave_1d", "kdv_1d"):
            result = self.run_case(case, case)
            self.assertIn("rel_l2 ", result.stdout)
            self.assertTrue(result.stdout.rstrip().endswith("results: " + case))
            self.assertEqual([line for line in result.stderr.splitlines() if not line.startswith("msde: ")], [])
            self.assertEqual([name for name in self.files(case) if name.endswith("model.safetensors")],
                             ["model/model.safetensors"])
            for name in ("config.resolved.toml", "metrics.csv", "manifest.json", "model/model.json", "eval/metrics.json"):
                self.assertIn(name, self.files(case))
            self.assertIn("max_steps = 10\n", self.read(case, "config.resolved.toml").decode())
            with open(self.path(case, "eval/metrics.json")) as file:
                self.check_scores(json.load(file), case)
            with open(self.path(case, "metrics.csv")) as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([(row["stage"], row["step"]) for row in rows], [("elbo", "10"), ("rollout", "2"), ("rollout", "4"), ("rollout", "6")])
            for term in ELBO_TERMS:
                self.assertTrue(numpy.isfinite(float(rows[0][term])), term)
            model = self.read(case, "model/model.safetensors")
            for word in (self.folder, case + ".h5", "seconds"):
                self.assertNotIn(word.encode(), model)

    def test_finished_stages_are_skipped(self):
        first = self.run_case("wave_1d", "run")
        before = {name: os.stat(self.path("run", name)).st_mtime_ns for name in self.files("run") if name.endswith(("s", "n", "5"))}
        start = time.monotonic()
        again = self.run_case("wave_1d", "run")
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(again.stdout, first.stdout)
        self.assertEqual({name: os.stat(self.path("run", name)).st_mtime_ns for name in before}, before)
        # Scores are made again where they depend on what changed, training is not.
        os.remove(self.path("run/eval/metrics.json"))
        self.run_case("wave_1d", "run")
        self.run_case("wave_1d", "run", eval__members=5)
        with open(self.path("run/eval/metrics.json")) as file:
            self.assertEqual(len(json.load(file)["metrics"]["rank_histogram"]), 6)
        self.assertEqual(os.stat(self.path("run/model/model.safetensors")).st_mtime_ns, before["model/model.safetensors"])
        # Another configuration is not silently mixed in.
        self.assertEqual(self.msde("run", WAVE, "-o", "run", *sets(TINY_TRAINING, TINY_DATA, train__lr=0.1), code=2).stdout, "")

    def test_options_of_the_model(self):
        self.tiny_data()
        for i, settings in enumerate(({"model__preset": "paper"}, {"model__preset": "paper", "model__n_eta": 0},
                                      {"model__preset": "paper", "model__micro_decoder": "eta_zeta", "model__micro_time": "off"},
                                      {"model__n_eta": 0}, {"model__micro_decoder": "eta"}, {"model__local_modes": 4},
                                      {"model__micro_time": "on", "model__phi": "mlp"}, {"model__psi": "linear"},
                                      {"model__psi": "mlp", "model__dispersion": "linear"},
                                      {"train__optimiser": "adam", "train__denoise": "false", "rollout__patience": 1})):
            with self.subTest(settings):
                self.train("-o", f"run{i}", "-q", train__max_steps=2, rollout__max_steps=2, **settings)
                scores = json.loads(self.msde("evaluate", f"run{i}", "-q", "--json", "s.json", "--force").stdout and self.read("s.json"))
                self.check_scores(scores, "wave_1d", n_eta=settings.get("model__n_eta", 5))
        self.refuse(2, ["n_zeta"], "train", WAVE, "-o", "bad", *sets(TINY_TRAINING, data__path="tiny.h5", model__preset="paper",
                                                                  model__n_zeta=30))

    def test_few_snapshots(self):
        for n in (2, 11):
            for case in ("wave_1d", "kdv_1d"):
                self.msde("run", os.path.join(CONFIGS, case + ".toml"), "-o", f"{case}{n}", "-q",
                          *sets(TINY_TRAINING, TINY_DATA, data__generate__n_steps=n))

    def test_without_validation_trajectories_to_spare(self):
        self.msde("run", WAVE, "-o", "one", "-q", *sets(TINY_TRAINING, data__generate__n_steps=21, data__generate__n_train=1,
                                                        data__generate__n_val=1, data__generate__n_test=1))


class Trained(program.ProgramTest):
    """A trained model and what can be asked of it."""

    def setUp(self):
        super().setUp()
        self.tiny_data()
        self.train("-o", "run", "-q")

    def test_train_with_data_path(self):
        self.assertNotIn("run/data/wave_1d.h5", self.files())
        self.assertNotIn("run/eval/metrics.json", self.files())
        result = self.train("-o", "other", "-q")
        self.assertEqual(result.stdout, "other/model/model.safetensors\n")
        self.assertEqual(result.stderr, "")

    def test_data_that_changed_are_not_trained_on_silently(self):
        shutil.copy(self.path("tiny.h5"), self.path("mine.h5"))
        self.msde("train", WAVE, "-o", "mine", "-q", *sets(TINY_TRAINING, {"data.path": "mine.h5"}))
        model = self.read("mine", "model/model.safetensors")
        with h5py.File(self.path("mine.h5"), "r+") as file:
            file.attrs["remark"] = "another"
        words = ["train", WAVE, "-o", "mine", "-q", *sets(TINY_TRAINING, {"data.path": "mine.h5"})]
        self.assertIn("has changed since the run was trained on it", self.msde(*words, "--resume", code=2).stderr)
        self.assertEqual(self.read("mine", "model/model.safetensors"), model)
        self.msde(*words, "--force")

    def test_evaluate(self):
        result = self.msde("evaluate", "run", "--json", "scores.json")
        self.assertEqual(self.read("scores.json"), self.read("run/eval/metrics.json"))
        scores = json.loads(self.read("scores.json"))
        self.assertIn("coverage 90 %", result.stdout)
        for line in result.stdout.splitlines()[1:]:
            self.assertGreaterEqual(len(line.split()), 2, line)
        mean = scores["metrics"]["rel_l2"]["mean"]
        self.msde("evaluate", "run", "--fail-if", f"rel_l2>{mean * 1.01}", "--fail-if", "crps_fair>1e9")
        missed = self.msde("evaluate", "run", "-q", "--fail-if", f"rel_l2>{mean * 0.99}", code=5)
        self.assertRegex(missed.stderr, r"\Amsde: error: [^\n]*rel_l2[^\n]*\n\Z")
        self.assertIn("rel_l2", missed.stdout)
        self.msde("evaluate", "run", "--fail-if", "coverage.90<0.0")
        for wrong in ("rel_l2", "magic>1", "rel_l2>many", ">1", ""):
            self.refuse(2, [], "evaluate", "run", "--fail-if", wrong)
        val = self.msde("evaluate", "run", "--split", "val", "--json", "val.json")
        self.assertIn("split val", val.stdout)
        self.assertEqual(json.loads(self.read("val.json"))["split"], "val")
        self.assertEqual(json.loads(self.read("run/eval/metrics.json"))["split"], "test")
        self.msde("generate", "wave_1d", "-o", "new.h5", "-q", "--seed", "5", *sets(TINY_DATA))
        self.msde("evaluate", "run", "--data", "new.h5", "--json", "new.json")
        self.assertNotEqual(json.loads(self.read("new.json"))["metrics"]["rel_l2"]["mean"], mean)

    def test_a_run_that_was_moved(self):
        self.msde("run", WAVE, "-o", "own", "-q", *sets(TINY_TRAINING, TINY_DATA))
        os.makedirs(self.path("else/where"))
        shutil.move(self.path("own"), self.path("else/where/own"))
        here, self.folder = self.folder, self.path("else")
        for name in ("where/own", "../run"):
            self.msde("evaluate", name, "--split", "val")
            self.msde("predict", name, "-o", "forecast_" + os.path.basename(name), "--members", "0")
        self.folder = here

    def predict(self, *arguments):
        shutil.rmtree(self.path("forecast"), ignore_errors=True)
        result = self.msde("predict", "run", "-o", "forecast", "--force", *arguments)
        self.assertEqual(result.stdout, "forecast/forecast.h5\n")
        size = [line for line in result.stderr.splitlines() if "MiB in forecast/forecast.h5" in line]
        self.assertEqual(len(size), 1, result.stderr)
        self.assertEqual(self.files("forecast"), ["forecast.h5"])
        return h5py.File(self.path("forecast/forecast.h5"))

    def check_axes(self, file):
        for name in ("point", "mean", "std", "members"):
            if name not in file:
                continue
            values = file[name]
            labels = [dimension.label for dimension in values.dims]
            self.assertEqual(labels, (["realization"] if name == "members" else []) + ["sample", "time", "channel", "x"])
            for dimension, label in zip(values.dims, labels):
                self.assertEqual(dimension[0].name, "/" + label)
            self.assertTrue(numpy.isfinite(values[...]).all())
        self.assertEqual([dimension.label for dimension in file["zeta"].dims], ["sample", "time", "zeta_number"])
        x = file["x"][...]
        self.assertEqual((x[0], len(x)), (0, 1000))
        self.assertAlmostEqual(x[1], file.attrs["length"][0] / 1000)

    def test_predict_from_data(self):
        with self.predict() as file, h5py.File(self.path("tiny.h5")) as data:
            self.check_axes(file)
            self.assertEqual(file["mean"].shape, data["test_x"].shape)
            self.assertNotIn("members", file)
            numpy.testing.assert_allclose(file["time"][...], data["test_t"][0], atol=1e-6)
            test = file["point"][...]
        with self.predict("--split", "val", "--members", "4", "--scheme", "heun", "--seed", "3") as file:
            self.check_axes(file)
            self.assertEqual(file["members"].shape, (4, 1, 21, 1, 1000))
            members = file["members"][...]
            numpy.testing.assert_allclose(file["mean"][...], members.mean(0), atol=1e-5)
            numpy.testing.assert_allclose(file["std"][...], members.std(0, ddof=1), atol=1e-4)
        with self.predict("--split", "val", "--members", "4", "--scheme", "heun", "--seed", "3") as file:
            self.assertTrue((file["members"][...] == members).all())
        with self.predict("--split", "val", "--members", "4", "--observation-noise") as file:
            self.assertFalse((file["members"][...] == members).all())
            self.assertEqual(file.attrs["observation_noise"], 1)
        # Every forecast is scored as it is; against the noisy truth only its own noise is calibrated.
        self.msde("score", "tiny.h5", "forecast/forecast.h5", "--split", "val", "--json", "scores.json")
        scores = json.loads(self.read("scores.json"))
        self.assertIn("4 members with observation noise", scores["protocol"])
        with h5py.File(self.path("tiny.h5")) as data:
            truth = data["val_x"][:, 1:].astype("f8")
        with h5py.File(self.path("forecast/forecast.h5")) as file:
            error = file["point"][:, 1:].astype("f8") - truth
        rel_l2 = numpy.sqrt((error ** 2).sum((2, 3)) / (truth ** 2).sum((2, 3)))
        self.assertAlmostEqual(scores["metrics"]["rel_l2"]["mean"], rel_l2.mean(), places=7)
        with self.predict("--data", "tiny.h5", "--members", "0", "--t-end", "0.5") as file:
            self.check_axes(file)
            steps = len(file["time"])
            self.assertAlmostEqual(file["time"][-1], 0.5, places=5)
            numpy.testing.assert_allclose(file["point"][...], test[:, :steps], atol=1e-6)
            self.assertNotIn("std", file)

    def test_predict_from_a_first_snapshot(self):
        with h5py.File(self.path("tiny.h5")) as data:
            x = data["test_x"][...]
        with self.predict("--members", "0") as file:
            expected = file["point"][...]
        shapes = {"line": x[0, 0, 0], "channel": x[0, 0], "several": x[:, 0], "whole": x, "double": x[:, 0].astype("f8"),
                  "fortran": numpy.asfortranarray(x[:, 0]), "rows": x[:, 0, 0]}
        for name, values in shapes.items():
            numpy.save(self.path(name + ".npy"), values)
            with h5py.File(self.path(name + ".h5"), "w") as file:
                file["start"] = values
            for extension in (".npy", ".h5"):
                with self.subTest(name + extension), self.predict("--from", name + extension, "--members", "0") as file:
                    self.check_axes(file)
                    numpy.testing.assert_allclose(file["point"][...], expected[:1 if values.size == 1000 else 2], atol=1e-5)
        with self.predict("--from", "line.npy", "--t-end", "0.5", "--members", "3") as file:
            self.check_axes(file)
            self.assertEqual(file["members"].shape[:2], (3, 1))
            self.assertAlmostEqual(file["time"][-1], 0.5, places=5)
        self.assertIn("beyond", self.msde("predict", "run", "--from", "line.npy", "--t-end", "3", "-o", "late").stderr)
        # A whole dataset is a file of first snapshots, too.
        with self.predict("--from", "tiny.h5", "--members", "0") as file:
            numpy.testing.assert_allclose(file["point"][...], expected, atol=1e-5)

    def test_info(self):
        self.assertIn("wave_1d", self.msde("info", "run").stdout)

    def test_data_of_other_codes(self):
        write_dataset(self.path("plain.h5"))
        self.msde("run", WAVE, "-o", "plain", "-q", *sets(TINY_TRAINING, case__name="mine", data__path="plain.h5",
                                                         model__n_zeta=10))
        scores = json.loads(self.read("plain/eval/metrics.json"))
        self.assertEqual(scores["case"], "mine")
        self.assertNotIn("rel_l2_clean", scores["metrics"])


if __name__ == "__main__":
    program.main()
