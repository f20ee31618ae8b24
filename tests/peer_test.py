"""msde against the plain PyTorch program bench/peer: values and gradients, both presets, one and two axes; in float64, and in float32
where msde's fused operations and threads are at work.

    peer_test.py MSDE_BENCH_STEPS      # leaves with 77, which ctest reports as skipped, where Python has no torch
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
CASES = ("kdv_1d", "burgers_2d", "shallow_water_2d")  # a periodic line, walls, open ends
TOLERANCE = 1e-5  # float64; what is seen is below 1e-9
SINGLE = 2e-3  # float32: sums of gradients that nearly cancel
SKIPPED = 77


class Peer(unittest.TestCase):
    program = ""

    def deviations(self, workload, *words):
        with tempfile.TemporaryDirectory(prefix="msde_peer_") as folder:
            dump = os.path.join(folder, "dump.h5")
            environment = {**os.environ, "MSDE_CHOSE_ENVIRONMENT": "1", "OMP_NUM_THREADS": "1"}
            for command in ([self.program, workload, "--small", *self.precision, "--only-dump", "--dump", dump, "--threads", str(self.threads),
                             "--configs", os.path.join(ROOT, "configs"), *words],
                            [sys.executable, os.path.join(ROOT, "bench", "peer"), workload, dump, "--check", "--threads", "1",
                             *(["--published"] if self.published else [])]):
                result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return json.loads(result.stdout)

    published = False
    precision, threads = ("--double",), 1

    def expect_agreement(self, workload, *words, tolerance=TOLERANCE, least=1):
        found = self.deviations(workload, *words)
        self.assertGreaterEqual(len(found), least)
        for name, value in found.items():
            self.assertLess(value, tolerance, f"{workload} {words}: {name}")  # also fails for NaN
        return found

    def test_train_step(self):
        """Terms of the ELBO, gradients of every parameter, weights after clipping and the optimiser's step, their average."""
        for case in CASES:
            for preset in ("reduced", "paper"):
                found = self.expect_agreement("train_step", "--case", case, "--preset", preset, "--count", "2", least=60)
                for group in ("terms/elbo", "gradients/initial_mean", "gradients/posterior.length_raw", "stepped/initial_raw",
                              "average/dispersion.raw"):
                    self.assertIn(group, found)

    def test_published_setting(self):
        self.published = True
        self.expect_agreement("train_step", "--case", "kdv_1d", "--preset", "paper", "--count", "1", least=60)

    def test_rollout_step(self):
        for case in CASES:
            for preset in ("reduced", "paper"):
                self.expect_agreement("rollout_step", "--case", case, "--preset", preset, "--count", "3", least=30)

    def test_predict(self):
        for case in CASES:
            for preset in ("reduced", "paper"):
                self.expect_agreement("predict", "--case", case, "--preset", preset, "--count", "3", least=2)

    def test_in_single_precision_on_two_threads(self):
        self.precision, self.threads = (), 2
        for workload, count in (("train_step", "3"), ("rollout_step", "3"), ("predict", "3")):
            for case in CASES:
                self.expect_agreement(workload, "--case", case, "--preset", "reduced", "--count", count, tolerance=SINGLE, least=2)

    def test_project(self):
        self.expect_agreement("project", "--case", "kdv_1d", "--count", "5", least=2)

    def test_generate(self):
        for case in ("kdv_1d", "shallow_water_2d"):
            self.expect_agreement("generate", "--case", case, "--count", "3")

    def test_a_wrong_value_is_noticed(self):
        import h5py

        with tempfile.TemporaryDirectory(prefix="msde_peer_") as folder:
            dump = os.path.join(folder, "dump.h5")
            subprocess.run([self.program, "project", "--small", "--double", "--only-dump", "--dump", dump, "--configs",
                            os.path.join(ROOT, "configs"), "--count", "5"], check=True)
            with h5py.File(dump, "r+") as file:
                file["expected/a"][0, 0] += 1
            result = subprocess.run([sys.executable, os.path.join(ROOT, "bench", "peer"), "project", dump, "--check"], check=True,
                                    capture_output=True, text=True)
            self.assertGreater(json.loads(result.stdout)["a"], 0.01)


if __name__ == "__main__":
    if importlib.util.find_spec("torch") is None:
        print(f"skipped: {sys.executable} has no module torch; install the package python3-torch")
        sys.exit(SKIPPED)
    Peer.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
