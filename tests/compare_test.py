"""The comparison of the learned model with the baselines, by the real program.

Run as: python3 compare_test.py build/release/msde
"""

import json
import os
import signal
import time
import unittest

import h5py
import numpy

import program
from program import CONFIGS, TINY_DATA, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
KDV = os.path.join(CONFIGS, "kdv_1d.toml")
ROWS = [("persistence", ""), ("mean", ""), ("coarse_dns", "reference"), ("coarse_dns", "strong"), ("dmd", "reference"),
        ("dmd", "strong"), ("pod_sindy", "reference"), ("pod_sindy", "strong"), ("macro_only", ""), ("multiscale", "")]
TINY = {**TINY_TRAINING, **TINY_DATA, "model.n_eta": 2}


class Compare(program.ProgramTest):
    def compare(self, *arguments, config=WAVE, code=0, settings=TINY, **more):
        result = self.msde("compare", config, "-o", "out", "--json", "out.json", "--force", *arguments, *sets(settings, **more), code=code)
        return json.loads(self.read("out.json")), result

    def rows(self, comparison):
        return {(row["name"], row["variant"]): row for row in comparison["rows"]}

    def test_the_whole_table(self):
        comparison, result = self.compare("--seeds", "2", "-q")
        self.assertEqual(json.loads(self.read("out/comparison.json")), comparison)
        self.assertEqual(self.read("out/comparison.md").decode(), result.stdout)
        self.assertEqual([(row["name"], row["variant"]) for row in comparison["rows"]], ROWS)
        self.assertEqual((comparison["case"], comparison["split"], comparison["n_zeta"], comparison["n_eta"]), ("wave_1d", "test", 20, 2))
        rows = self.rows(comparison)
        for key, row in rows.items():
            with self.subTest(key):
                self.assertIn(f"| {key[0]} | {key[1]} |", result.stdout)
                self.assertIn("--models " + key[0], row["command"])
                # Ten snapshots of two trajectories are too little for the published POD-SINDy alone.
                if key == ("pod_sindy", "reference") and row["status"] != "ok":
                    self.assertNotIn("metrics", row)
                    continue
                self.assertEqual(row["status"], "ok")
                self.assertIn("predicted frames", row["protocol"])
                metrics, cost = row["metrics"], row["cost"]
                self.assertGreater(metrics["rel_l2"]["mean"], 0)
                for name in ("rel_l2_clean", "crps_fair", "energy_score", "ssr_adjusted", "rmse"):
                    self.assertGreaterEqual(metrics[name]["mean"], 0, name)
                self.assertEqual(sorted(metrics["coverage"]), ["50", "80", "90", "95"])
                self.assertGreater(cost["predict_seconds_per_trajectory"], 0)
                self.assertEqual(len(row["rel_l2_per_time"]), 21)
        for name in ("macro_only", "multiscale"):
            row = rows[name, ""]
            self.assertEqual(row["seeds"], [0, 1])
            self.assertEqual(len(row["metrics"]["rel_l2"]["seeds"]), 2)
            self.assertGreater(row["cost"]["train_seconds"], 0)
            self.assertGreater(row["validation_rel_l2"]["mean"], 0)
        self.assertNotIn("published", rows["multiscale", ""])  # 21 snapshots and two microscale numbers are not the paper's
        against = {one["row"]: one["rel_l2_difference"] for one in comparison["multiscale_against"]}
        self.assertAlmostEqual(against["persistence"]["mean"], rows["multiscale", ""]["metrics"]["rel_l2"]["mean"] -
                               rows["persistence", ""]["metrics"]["rel_l2"]["mean"], 6)
        self.assertIn("By rel_l2, multiscale beats", result.stdout)
        for row in rows.values():
            for metric in row.get("metrics", {}):
                self.assertGreater(len(comparison["formulas"][metric]), 10)
        points = comparison["accuracy_against_run_time"]
        self.assertGreaterEqual(len([p for p in points if p.get("resolution")]), 3)
        # The row of a learned model is what `msde evaluate` says of its runs.
        scores = []
        for seed in (0, 1):
            self.msde("evaluate", f"out/runs/multiscale/seed-{seed}", "--json", "one.json", "--force", "-q")
            scores.append(json.loads(self.read("one.json"))["metrics"]["rel_l2"]["mean"])
        self.assertEqual(rows["multiscale", ""]["metrics"]["rel_l2"]["seeds"], scores)

        before = {name: self.read("out", name) for name in self.files("out") if name.endswith("model.safetensors")}
        self.assertEqual(len(before), 4)
        again, result = self.compare("--models", "multiscale,dmd", "--seeds", "2")
        self.assertEqual([row["name"] for row in again["rows"]], ["dmd", "dmd", "multiscale"])
        self.assertEqual(self.rows(again)["multiscale", ""]["metrics"], rows["multiscale", ""]["metrics"])
        self.assertEqual({name: self.read("out", name) for name in before}, before)
        self.assertIn("training is finished already", self.read("out/runs/multiscale/seed-0.log").decode())

        published, _ = self.compare("--models", "multiscale,dmd", "--seeds", "1", "--protocol", "reference", "-q")
        self.assertIn("1 x 64 noisy draws", self.rows(published)["multiscale", ""]["protocol"])
        self.assertIn("published scripts", self.rows(published)["dmd", "reference"]["protocol"])
        with_given_frame = self.rows(published)["dmd", "reference"]
        frames = with_given_frame["rel_l2_per_time"]
        self.assertAlmostEqual(with_given_frame["metrics"]["rel_l2"]["mean"], sum(frames) / len(frames), 6)
        frames = self.rows(again)["dmd", "reference"]["rel_l2_per_time"][1:]
        self.assertAlmostEqual(self.rows(again)["dmd", "reference"]["metrics"]["rel_l2"]["mean"], sum(frames) / len(frames), 6)

    def test_choosing_n_eta(self):
        comparison, result = self.compare("--models", "multiscale", "--n-eta", "0:2", "--seeds", "1", "-q")
        choice = comparison["n_eta_choice"]
        self.assertEqual([size["n_eta"] for size in choice["sizes"]], [0, 1, 2])
        best = min(choice["sizes"], key=lambda size: size["validation_rel_l2"]["mean"])
        self.assertEqual(choice["preferred_by_validation"], best["n_eta"])
        self.assertIn(f"Validation prefers n_eta = {best['n_eta']}.", result.stdout)
        for size in choice["sizes"]:
            self.assertGreater(size["cost"]["parameters"], 0)
        self.assertEqual(choice["sizes"][2]["metrics"], comparison["rows"][0]["metrics"])
        self.assertEqual({name for name in os.listdir(self.path("out/runs")) if os.path.isdir(self.path("out/runs", name))},
                         {"macro_only", "n_eta-1", "multiscale"})

    def test_what_fails_is_a_row_that_says_so(self):
        diverging = {**TINY, "train.lr": 1e6, "train.lr_vectors": 1e6, "train.max_steps": 20}
        comparison, result = self.compare("--models", "persistence,multiscale", "--seeds", "1", "-q", settings=diverging)
        row = self.rows(comparison)["multiscale", ""]
        self.assertRegex(row["status"], r"failed: 1 of 1 seeds: seed 0 .*exit code 4.*diverged")
        self.assertNotIn("metrics", row)
        self.assertIn("failed: 1 of 1 seeds", result.stdout)
        self.assertIn("Not compared, since they failed in part or whole: multiscale.", result.stdout)
        self.assertEqual(self.rows(comparison)["persistence", ""]["status"], "ok")

    def test_a_seed_that_is_lost_is_not_hidden(self):
        self.compare("--models", "persistence,multiscale", "--seeds", "2", "-q")
        self.write("out/runs/multiscale/seed-1/model/model.safetensors", b"cut")
        comparison, result = self.compare("--models", "persistence,multiscale", "--seeds", "2", "-q")
        row = self.rows(comparison)["multiscale", ""]
        self.assertEqual(row["seeds"], [0])
        self.assertRegex(row["status"], r"failed: 1 of 2 seeds: seed 1 failed: .*model\.safetensors")
        self.assertIn("failed: 1 of 2 seeds", result.stdout)
        self.assertNotIn("multiscale beats", result.stdout)

    def test_what_a_library_throws_is_a_status_too(self):
        """A moving pixel: the map of DMD has no eigenvectors."""
        parts = {}
        for split, n in (("train", 2), ("val", 1), ("test", 1)):
            x = numpy.zeros((n, 21, 1, 100), "f4")
            for i in range(n):
                for k in range(21):
                    x[i, k, 0, k + 2 * i] = 1
            parts[split + "_x"], parts[split + "_t"] = x, numpy.tile(numpy.linspace(0, 1, 21), (n, 1)).astype("f4")
        write_dataset(self.path("delta.h5"), changes={**{f"{s}_{p}": None for s in ("train", "val", "test") for p in ("mu", "f")}, **parts})
        comparison, _ = self.compare("--models", "persistence,mean,dmd,pod_sindy", "-q",
                                     settings={**TINY_TRAINING, "case.name": "mine", "data.path": "delta.h5", "model.n_zeta": 20})
        self.assertEqual(len(comparison["rows"]), 6)
        for row in comparison["rows"]:
            self.assertEqual("metrics" in row, row["status"] == "ok", row["status"])
            self.assertNotIn("Exception raised", row["status"])

    def test_a_resolution_that_blows_up_is_listed(self):
        generator = numpy.arange(100) / 100
        parts = {}
        for split, n in (("train", 2), ("val", 1), ("test", 1)):
            x = [[numpy.sin(2 * numpy.pi * (generator + k / 20)) + 300 * numpy.cos(36 * numpy.pi * (generator + k / 20))]
                 for k in range(21)]
            parts[split + "_x"] = numpy.tile(numpy.array(x, "f4"), (n, 1, 1, 1))
        write_dataset(self.path("steep.h5"), n_points=100, trajectories=(2, 1, 1), changes=parts)
        with h5py.File(self.path("steep.h5"), "a") as file:
            file.attrs["length"] = 10.0
        comparison, _ = self.compare("--models", "coarse_dns", "-q",
                                     settings={**TINY_TRAINING, "case.name": "kdv_1d", "data.path": "steep.h5", "model.n_zeta": 20})
        points = [point for point in comparison["accuracy_against_run_time"] if "resolution" in point]
        self.assertEqual([point["resolution"] for point in points], [20, 40, 80])
        self.assertTrue(any(point["status"].startswith("failed: ") for point in points))
        for point in points:
            self.assertEqual("rel_l2" in point, point["status"] == "ok")

    def test_data_without_a_known_equation(self):
        write_dataset(self.path("mine.h5"))
        comparison, _ = self.compare("--models", "coarse_dns,persistence,dmd", "-q",
                                     settings={**TINY_TRAINING, "case.name": "mine", "data.path": "mine.h5", "model.n_zeta": 10})
        rows = self.rows(comparison)
        for variant in ("reference", "strong"):
            self.assertRegex(rows["coarse_dns", variant]["status"], "^failed: ")
            self.assertGreater(rows["dmd", variant]["metrics"]["rel_l2"]["mean"], 0)

    def test_refusals(self):
        for words, arguments in ((["dmdd", "dmd"], ["--models", "dmdd"]), (["--n-eta"], ["--n-eta", "5:0"]), (["--n-eta"], ["--n-eta", "x"]),
                                 (["--seeds"], ["--seeds", "0"]), (["--protocol"], ["--protocol", "mine"]),
                                 (["trian.lr"], ["--set", "trian.lr=1"]), (["n_zeta"], ["--set", "model.n_zeta=30"])):
            with self.subTest(arguments):
                self.refuse(2, words, "compare", WAVE, "-o", "out", *arguments)
        self.refuse(2, ["multiscale", "model.n_eta"], "compare", WAVE, "-o", "out", "--models", "multiscale", "--set", "model.n_eta=0")
        self.refuse(2, ["--models"], "compare", WAVE, "-o", "out", "--models", "")
        for name in (".", "absent/x.json"):
            self.refuse(2, ["--json " + name], "compare", WAVE, "-o", "out", "--json", name)
        self.write("file", "mine")
        self.refuse(2, ["file"], "compare", WAVE, "-o", "file")
        self.refuse(3, ["absent.h5"], "compare", WAVE, "-o", "out", "--set", "data.path=absent.h5")
        write_dataset(self.path("mine.h5"))
        mine = sets({"case.name": "mine", "data.path": "mine.h5", "model.n_zeta": 10})
        self.refuse(2, ["published", "mine"], "compare", WAVE, "-o", "mine", "--protocol", "reference", *mine)
        self.refuse(2, ["mine.h5", "is read"], "compare", WAVE, "-o", "mine", "--json", "mine.h5", *mine)
        os.mkdir(self.path("full"))
        self.write("full/file", "mine")
        self.refuse(2, ["full"], "compare", WAVE, "-o", "full")
        self.assertNotIn("out", os.listdir(self.folder))
        os.mkdir(self.path("out"))
        self.write("out/.lock", "")  # of a process that was killed at once
        comparison, _ = self.compare("--models", "persistence", "-q")
        self.assertIn("-o out-persistence --set", comparison["rows"][0]["command"])
        self.refuse(2, ["out", "model.n_eta"], "compare", WAVE, "-o", "out", *sets(TINY, model__n_eta=3))
        self.tiny_data()
        self.train("-o", "run", "-q")
        self.refuse(2, ["run"], "compare", WAVE, "-o", "run")

    def rollout_rows(self):
        path = self.path("out/runs/multiscale/seed-0/metrics.csv")
        return self.read(path).decode().count("rollout") if os.path.exists(path) else 0

    def stop(self, send, code, words, preexec_fn=None, **changes):
        """Stops a comparison in its training and returns what the log of the training says."""
        settings = {**TINY, "rollout.max_steps": 4000, "checkpoint.every": "1h", **changes}
        process = self.start("compare", WAVE, "-o", "out", "--models", "multiscale", "--seeds", "1", *sets(settings),
                             start_new_session=True, preexec_fn=preexec_fn)
        before = self.rollout_rows()
        for _ in range(600):
            if self.rollout_rows() > before or process.poll() is not None:
                break
            time.sleep(0.1)
        send(process)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, code, errors)
        self.assertIn(words, self.read("out/runs/multiscale/seed-0.log").decode())
        self.assertTrue(os.path.exists(self.path("out/runs/multiscale/seed-0/checkpoints/last.safetensors")))
        self.assertFalse(os.path.exists(self.path("out/comparison.json")))

    def test_a_stopped_comparison_goes_on(self):
        self.stop(lambda process: process.send_signal(signal.SIGTERM), 143, "stopped by SIGTERM; saved")
        steps = self.read("out/runs/multiscale/seed-0/metrics.csv").decode().splitlines()
        self.stop(lambda process: process.send_signal(signal.SIGINT), 130, "stopped by SIGINT; saved")
        self.assertEqual(self.read("out/runs/multiscale/seed-0/metrics.csv").decode().splitlines()[:len(steps)], steps)

    def test_control_c_reaches_trainings_once(self):
        """A terminal signals the whole group: a step of a second must still end in a saved checkpoint."""
        self.stop(lambda process: os.killpg(process.pid, signal.SIGINT), 130, "stopped by SIGINT; saved",
                  **{"rollout.trajectories_per_step": 1500})

    def test_where_ended_children_are_ignored(self):
        process = self.start("compare", WAVE, "-o", "out", "--models", "multiscale", "--seeds", "1", *sets(TINY),
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, errors)


if __name__ == "__main__":
    program.main()
