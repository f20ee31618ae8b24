"""The same first snapshot gives the same forecast from the dataset, by --from and from C++; and --from honours what its
file says of parameters, times and forcing.

Run as: python3 same_forecast_test.py build/release/msde build/release/tests/cpp_forecast
"""

import json
import os
import struct
import subprocess
import sys

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, environment, sets, write_dataset

TOLERANCE = 1e-5  # of the largest value
# Agreement needs no accuracy: a step of each stage, but the grid and the number of trajectories that a mean is taken of are
# those of the case.
FEW_STEPS = {**TINY_TRAINING, "train.max_steps": 2, "rollout.max_steps": 2, "rollout.validate_every": 2, "eval.members": 0,
             "calibrate.members": 2, "train.window": 4, "train.windows_per_step": 1, "rollout.trajectories_per_step": 1}
CASES = {"wave_1d": {}, "kdv_1d": {}, "burgers_2d": {"data.generate.n_train": 2}, "shallow_water_2d": {"data.generate.n_train": 2}}
FEW_DATA = {"data.generate.n_steps": 6, "data.generate.n_val": 1, "data.generate.n_test": 1}


def read_model(path):
    """Header of a safetensors file and the bytes after it."""
    with open(path, "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + size]), bytearray(content[8 + size:])


def write_model(path, header, values):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + values)


class Forecasts(program.ProgramTest):
    cpp = ""  # the program cpp_forecast

    def point(self, run, *arguments):
        result = self.msde("predict", run, "-o", "forecast", "--force", "--members", "0", *arguments)
        self.log = result.stderr
        with h5py.File(self.path("forecast", "forecast.h5")) as file:
            self.start = file["start"][...]
            return file["point"][...]

    def from_cpp(self, run, data, *words):
        subprocess.run([self.cpp, self.path(run, "model"), data, self.path("out.f32"), *words], check=True, env=environment(), cwd=self.folder)
        return numpy.fromfile(self.path("out.f32"), "f4")

    def check(self, got, expected):
        self.assertTrue(numpy.isfinite(expected).all())
        self.assertLess(numpy.abs(got.reshape(expected.shape) - expected).max(), TOLERANCE * numpy.abs(expected).max())

    def check_run(self, run, data):
        with h5py.File(data) as file:
            first = file["test_x"][0, 0]
        numpy.save(self.path("first.npy"), first)
        expected = self.point(run)[0]
        self.check(self.point(run, "--from", "first.npy")[0], expected)
        self.assertNotIn("warning", self.log)
        self.check(self.point(run, "--from", data)[0], expected)
        self.check(self.from_cpp(run, data), expected)
        self.check(self.from_cpp(run, data, "typical"), expected)
        return expected

    def run_case(self, case, preset=None):
        name = case + ("_paper" if preset else "")
        self.msde("train", os.path.join(CONFIGS, name + ".toml"), "-o", name, "-q", *sets(FEW_STEPS, FEW_DATA, CASES[case]))
        return name, self.path(name, "data", case + ".h5")


class Agreement(Forecasts):
    def test_shipped_cases(self):
        for case in CASES:
            with self.subTest(case):
                self.check_run(*self.run_case(case))

    def test_published_presets(self):
        for case in ("wave_1d", "kdv_1d"):
            with self.subTest(case):
                self.check_run(*self.run_case(case, "paper"))

    def test_a_model_whose_constant_has_a_rounded_mean(self):
        """Mean and deviation of ten times .02 in float32, as in files without the ranges of training."""
        run, data = self.run_case("kdv_1d")
        path = self.path(run, "model", "model.safetensors")
        header, values = read_model(path)
        spec = json.loads(header["__metadata__"]["spec"])
        self.assertEqual(spec.pop("seen")["mu"], [[float(numpy.float32(.02))] * 2])
        header["__metadata__"]["spec"] = json.dumps(spec)
        c = numpy.float32(.02)
        mean = numpy.nextafter(c, numpy.float32(0))
        for name, value in (("drift.mu_mean", mean), ("drift.mu_std", c - mean)):
            begin, end = header[name]["data_offsets"]
            values[begin:end] = value.astype("<f4").tobytes()
        new = self.point(run)
        write_model(path, header, values)
        old = self.check_run(run, data)
        self.assertGreater(numpy.abs(old - new).max(), 1e-6)  # the networks see 1, not 0
        # Another value is said to be unknown, and not taken a million deviations away.
        self.check(self.point(run, "--from", "first.npy", "--mu", "0.03")[0], old)
        self.assertIn("all of training had 0.02", self.log)
        # The model alone is enough where the training data are gone.
        os.rename(data, data + ".moved")
        self.check(self.point(run, "--from", "first.npy")[0], old)

    def test_another_value_of_a_constant(self):
        run, data = self.run_case("kdv_1d")
        expected = self.check_run(run, data)
        self.check(self.point(run, "--from", "first.npy", "--mu", "0.03")[0], expected)
        self.assertIn("mu = 0.03: all of training had 0.02", self.log)


class WhatTheFileSays(Forecasts):
    def setUp(self):
        super().setUp()
        t = numpy.linspace(2, 3, 21)
        f = lambda n: numpy.sin(2 * t)[None, :, None].repeat(n, 0).astype("f4")
        self.parts = write_dataset(self.path("data.h5"), changes={
            **{f"{split}_t": numpy.tile(t, (n, 1)) + (0.5 * numpy.arange(n))[:, None] for split, n in zip(("train", "val", "test"), (3, 2, 2))},
            **{f"{split}_f": f(n) * numpy.arange(1, n + 1, dtype="f4")[:, None, None] for split, n in zip(("train", "val", "test"), (3, 2, 2))}})
        self.train("-o", "run", "-q", data="data.h5", model__n_zeta=10, model__micro_time="on", **{
            key.replace(".", "__"): value for key, value in FEW_STEPS.items()})
        self.expected = self.point("run")

    def write_h5(self, name, **arrays):
        with h5py.File(self.path(name), "w") as file:
            for key, values in arrays.items():
                file[key] = values
        return name

    def test_the_layout_of_the_dataset(self):
        self.check(self.point("run", "--from", "data.h5"), self.expected)
        numpy.testing.assert_allclose(self.start, [2, 2.5])
        # Nothing is missing; this split's mu lies beyond what training saw.
        self.assertEqual([line.split(":")[2].split("=")[0].strip() for line in self.log.splitlines() if "warning" in line], ["mu"])

    def test_arrays_beside_the_fields(self):
        x, t, mu, f = (self.parts["test_" + name] for name in ("x", "t", "mu", "f"))
        for name, arrays in {"whole": {"x": x, "t": t, "mu": mu, "f": f},
                             "split": {"test_x": x[:, 0], "test_t": t[:, 0], "test_mu": mu[:, 0], "test_forcing": f},
                             "other": {"fields": x[:, 0], "t": t[:, 0], "mu": mu, "forcing": f}}.items():
            with self.subTest(name):
                self.check(self.point("run", "--from", self.write_h5(name + ".h5", **arrays), "--t-end", "3"), self.expected)
                numpy.testing.assert_allclose(self.start, [2, 2.5])

    def test_flags_say_what_an_array_cannot(self):
        x, mu, f = (self.parts["test_" + name] for name in ("x", "mu", "f"))
        numpy.save(self.path("second.npy"), x[1, 0])
        numpy.save(self.path("f.npy"), f[1])
        self.write_h5("f.h5", f=f[1:])
        for forcing in ("f.npy", "f.h5"):
            got = self.point("run", "--from", "second.npy", "--t0", "2.5", "--mu", str(mu[1, 0]), "--forcing", forcing, "--t-end", "3.5")
            self.check(got[0], self.expected[1])
            numpy.testing.assert_allclose(self.start, [2.5])
        # Flags win over the file, and each of the three matters.
        file = self.write_h5("first.h5", x=x[:1, 0], t=[2.], mu=mu[0], f=f[0])
        plain = self.point("run", "--from", file, "--t-end", "3")
        self.check(plain[0], self.expected[0])
        for words in (["--mu", str(mu[0, 0] + .1)], ["--forcing", "f.npy"]):
            changed = self.point("run", "--from", file, "--t-end", "3", *words)
            self.assertGreater(numpy.abs(changed - plain).max(), 1e-5, words)
        self.point("run", "--from", file, "--t0", "2.25")
        numpy.testing.assert_allclose(self.start, [2.25])
        # A start after training is predicted for as long as training lasted.
        self.assertEqual(self.point("run", "--from", file, "--t0", "10").shape[1], 41)
        self.assertIn("last value is held", self.log)

    def test_refusals(self):
        x, f = self.parts["test_x"], self.parts["test_f"]
        numpy.save(self.path("first.npy"), x[0, 0])
        numpy.save(self.path("wide.npy"), numpy.zeros((21, 2)))
        common = ["predict", "run", "-o", "out"]
        self.refuse(2, ["--forcing FILE"], *common, "--from", "first.npy")
        self.refuse(3, ["--forcing wide.npy", "21, 2]"], *common, "--from", "first.npy", "--forcing", "wide.npy")
        for words in (["--mu", "1"], ["--t0", "1"], ["--forcing", "wide.npy"]):
            self.refuse(2, [words[0], "--from"], *common, *words)
        self.refuse(2, ["--t0"], *common, "--from", "first.npy", "--t0", "nan", "--forcing", "wide.npy")
        for name, arrays in {"mu": {"mu": numpy.zeros((3, 2))}, "t": {"t": numpy.zeros(3)}, "f": {"f": numpy.full((21, 1), numpy.nan)}}.items():
            file = self.write_h5(name + ".h5", x=x[:, 0], **{"f": f, **arrays})
            self.refuse(3, [f"{name}.h5: '{name}'"], *common, "--from", file)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_forecast_starts_another(self):
        """Its point is taken, not the coordinates that it calls x."""
        numpy.save(self.path("f.npy"), self.parts["test_f"][0])
        os.rename(self.path("forecast", "forecast.h5"), self.path("start.h5"))
        same = self.write_h5("same.h5", x=self.expected[:, 0], t=[2., 2.5])
        words = ["--forcing", "f.npy", "--t-end", "3"]
        expected = self.point("run", "--from", same, *words)
        self.check(self.point("run", "--from", "start.h5", *words), expected)
        numpy.testing.assert_allclose(self.start, [2, 2.5])
        self.assertIn("whole trajectories", self.log)

    def test_what_is_ambiguous_is_said(self):
        x, t, mu, f = (self.parts["test_" + name][0] for name in ("x", "t", "mu", "f"))
        self.point("run", "--from", self.write_h5("rows.h5", x=x, t=t, mu=mu, f=f))
        self.assertIn("21 snapshots that follow each other, read as one trajectory", self.log)
        self.assertEqual(len(self.start), 1)
        # Snapshots of other times are as many starts.
        self.point("run", "--from", self.write_h5("apart.h5", x=x[:3], t=[2., 2.5, 4.], mu=mu, f=f))
        self.assertIn("[3, 1, 40] read as 3 trajectories of one snapshot each", self.log)
        self.assertEqual(len(self.start), 3)
        # Parameters that vary and are not given are said to be the mean.
        self.point("run", "--from", self.write_h5("without.h5", x=x[:1], f=f))
        self.assertIn("has no mu; taking its mean over training", self.log)


if __name__ == "__main__":
    Forecasts.cpp = os.path.abspath(sys.argv.pop(2))
    program.main()
