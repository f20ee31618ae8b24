"""The same losses under every BLAS that is installed, on two threads, both presets.

Run as: python3 blas_test.py build/release/msde
"""

import csv
import os
import subprocess
import sys

import program
from program import CONFIGS, environment, sets

sys.path.insert(0, os.path.join(CONFIGS, "..", "bench"))
from blas_variants import FOLDERS, installed_variants  # noqa: E402  (a neighbour of bench/blas)

STEPS = {"train.max_steps": 20, "rollout.max_steps": 20, "rollout.validate_every": 20, "eval.members": 3,
         "calibrate.members": 3}
REPEATS = 2
TOLERANCE = 1e-4  # of losses of size 1; relative above
# What would make the libraries' rounding larger than that: local modes of the data's noise, which turn into each other;
# and long steps, whose way past the kinks of leaky ReLUs rounding decides.
REDUCED = {"model.local_modes": 6}
PAPER = {"train.lr": 1e-4, "rollout.lr": 2e-5}


class EveryBlas(program.ProgramTest):
    def msde_under(self, libraries, *arguments):
        result = subprocess.run([self.program, *arguments, "--threads", "2"], cwd=self.folder, capture_output=True, text=True, timeout=300,
                                env={**environment(), "LD_LIBRARY_PATH": libraries})
        self.assertEqual(result.returncode, 0, f"{libraries}: {result.stderr}")
        return result

    def losses(self, folder):
        with open(self.path(folder, "metrics.csv")) as file:
            return [float(row["loss"]) for row in csv.DictReader(file)]

    def expect_equal_losses(self, config, settings):
        variants = installed_variants()
        self.assertEqual(set(variants), set(FOLDERS))  # packages.txt installs them
        self.msde("generate", "kdv_1d", "-o", "data.h5", "--set", "n_steps=201", "--set", "n_train=2", "--set", "n_val=1", "--set", "n_test=2")
        reference = None
        for name, libraries in variants.items():
            for repeat in range(REPEATS):
                folder = f"{name}_{repeat}"
                self.msde_under(libraries, "train", os.path.join(CONFIGS, config), "-o", folder, *sets(STEPS, settings, {"data.path": self.path("data.h5")}))
                got = self.losses(folder)
                reference = reference or got
                self.assertGreater(len(got), 2, folder)
                self.assertEqual(len(got), len(reference), folder)
                for step, (ours, first) in enumerate(zip(got, reference)):
                    self.assertLess(abs(ours - first), TOLERANCE * max(1, abs(first)), f"{folder}, row {step}: {ours} against {first}")

    def test_reduced(self):
        self.expect_equal_losses("kdv_1d.toml", REDUCED)

    def test_paper(self):
        self.expect_equal_losses("kdv_1d_paper.toml", PAPER)

    def test_doctor_says_which(self):
        for name, libraries in installed_variants().items():
            text = self.msde_under(libraries, "doctor").stdout
            self.assertRegex(text, f"BLAS file: .*/{name}/")
            care = {"openblas-pthread": "held to one thread", "openblas-serial": "a lock around its buffers"}.get(name, "none needed")
            self.assertIn(f"care of the BLAS: {care}", text)


if __name__ == "__main__":
    program.main()
