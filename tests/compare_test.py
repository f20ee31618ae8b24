"""The comparison of the learned model with the baselines, by the real program.

Run as: python3 compare_test.py build/release/msde
"""

import json
import os
import signal
import time
import unittest

import program
from program import CONFIGS, TINY_DATA, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
KDV = os.path.join(CONFIGS, "kdv_1d.toml")
ROWS = [("persistence", ""), ("mean", ""), ("coarse_dns", "reference"), ("coarse_dns", "strong"), ("dmd", "reference"),
        ("dmd", "strong"), ("pod_sindy", "reference"), ("pod_sindy", "strong"), ("macro_only", ""), ("multiscale", "")]
TINY = {**TINY_TRAINING, **TINY_DATA, "model.n_eta": 2}


class Compare(program.ProgramTest):
    def compare(self, *arguments, config=WAVE, code=0, settings=TINY, **more):
        result = self.msde("compare", config, "-o", "out", "--json", "out.json", *arguments, *sets(settings, **more), code=code)
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
                if row["status"] != "ok":
                    self.assertNotIn("metrics", row)
                    continue
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
        self.assertEqual(rows["multiscale", ""]["published"]["mean"], 0.079)
        self.assertEqual(rows["dmd", "reference"]["published"]["mean"], 0.492)
        self.assertNotIn("published", rows["persistence", ""])
        for row in (rows["persistence", ""], rows["mean", ""]):
            self.assertEqual(row["status"], "ok")
        points = comparison["accuracy_against_run_time"]
        self.assertGreaterEqual(len([p for p in points if p.get("resolution")]), 3)
        # The row of a learned model is what `msde evaluate` says of its runs.
        scores = []
        for seed in (0, 1):
            self.msde("evaluate", f"out/runs/multiscale/seed-{seed}", "--json", "one.json", "-q")
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
        self.assertIn("published scripts", published["protocol"])
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
        self.assertEqual(sorted(os.listdir(self.path("out/runs"))), sorted(os.listdir(self.path("out/runs"))))
        self.assertEqual({name for name in os.listdir(self.path("out/runs")) if os.path.isdir(self.path("out/runs", name))},
                         {"macro_only", "n_eta-1", "multiscale"})

    def test_what_fails_is_a_row_that_says_so(self):
        diverging = {**TINY, "train.lr": 1e6, "train.lr_vectors": 1e6, "train.max_steps": 20}
        comparison, result = self.compare("--models", "persistence,multiscale", "--seeds", "1", "-q", settings=diverging)
        row = self.rows(comparison)["multiscale", ""]
        self.assertRegex(row["status"], r"failed: seed 0: .*exit code 4.*diverged")
        self.assertNotIn("metrics", row)
        self.assertIn("failed: seed 0", result.stdout)
        self.assertEqual(self.rows(comparison)["persistence", ""]["status"], "ok")

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
        self.refuse(3, ["absent.h5"], "compare", WAVE, "-o", "out", "--set", "data.path=absent.h5")
        write_dataset(self.path("mine.h5"))
        mine = sets({"case.name": "mine", "data.path": "mine.h5", "model.n_zeta": 10})
        self.refuse(2, ["published", "mine"], "compare", WAVE, "-o", "mine", "--protocol", "reference", *mine)
        os.mkdir(self.path("full"))
        self.write("full/file", "mine")
        self.refuse(2, ["full"], "compare", WAVE, "-o", "full")
        self.assertNotIn("out", os.listdir(self.folder))
        self.compare("--models", "persistence", "-q")
        self.refuse(2, ["out", "model.n_eta"], "compare", WAVE, "-o", "out", *sets(TINY, model__n_eta=3))
        self.tiny_data()
        self.train("-o", "run", "-q")
        self.refuse(2, ["run"], "compare", WAVE, "-o", "run")

    def test_a_stopped_comparison_goes_on(self):
        settings = {**TINY, "rollout.max_steps": 4000, "checkpoint.every": "0s"}
        process = self.start("compare", WAVE, "-o", "out", "--models", "multiscale", "--seeds", "1", *sets(settings))
        saved = self.path("out/runs/multiscale/seed-0/checkpoints/last.safetensors")
        for _ in range(600):
            if os.path.exists(saved) or process.poll() is not None:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143, errors)
        self.assertTrue(os.path.exists(saved))
        self.assertFalse(os.path.exists(self.path("out/comparison.json")))
        self.assertIn("stopped by SIGTERM", self.read("out/runs/multiscale/seed-0.log").decode())


if __name__ == "__main__":
    program.main()
