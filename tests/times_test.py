"""Snapshots that are not equally spaced in time: jittered, ever further apart, and of every trajectory otherwise. Read from every
format, trained on, scored, and predicted at the times of the file.

Run as: python3 times_test.py build/release/msde
"""

import json
import os

import h5py
import netCDF4
import numpy

import program
from program import TINY_TRAINING, sets

NX, T = 32, 61
PLAIN = {**TINY_TRAINING, "model.n_zeta": 8, "model.n_eta": 2, "case.name": "mine"}
# Enough for a travelling wave of one period in space: its coarse field turns.
SOME_TRAINING = {**PLAIN, "train.max_steps": 120, "rollout.max_steps": 150, "rollout.validate_every": 25, "train.window": 16,
                 "rollout.stride": 2, "rollout.stride_min": 1, "rollout.horizon_start": 8, "rollout.horizon_end": 24, "eval.members": 0}
SPACING = .025


def wave(t, phase=0.):
    """cos of x - t, exactly, at any times: [T, 1, NX]."""
    x = numpy.arange(NX) / NX
    return numpy.cos(2 * numpy.pi * (x - numpy.asarray(t)[:, None] - phase))[:, None] + .2


def jittered(seed, n=T, spacing=SPACING):
    times = spacing * (numpy.arange(n) + numpy.random.default_rng(seed).uniform(-.4, .4, n))
    return times - times[0]


def geometric(n=T, spacing=SPACING, ratio=20.):
    gaps = ratio ** numpy.linspace(0, 1, n - 1)
    return numpy.concatenate([[0], numpy.cumsum(gaps)]) * spacing * (n - 1) / gaps.sum()


def write(path, times, noise=.01):
    """`times` of a trajectory by its number, over all splits."""
    generator = numpy.random.default_rng(1)
    with h5py.File(path, "w") as file:
        number = 0
        for split, n in (("train", 6), ("val", 2), ("test", 2)):
            t = numpy.stack([times(number + i) for i in range(n)])
            clean = numpy.stack([wave(row, .37 * (number + i)) for i, row in enumerate(t)])
            file[split + "_x"] = (clean + noise * generator.standard_normal(clean.shape)).astype("f4")
            file[split + "_x_clean"] = clean.astype("f4")
            file[split + "_t"] = t
            number += n
        file.attrs["boundary"], file.attrs["noise_std"] = "periodic", noise
    return path


class Times(program.ProgramTest):
    def run_on(self, data, run, settings=PLAIN, **more):
        self.write("own.toml", "")
        self.msde("run", "own.toml", "-o", run, "-q", *sets(settings, {"data.path": data}, **more))
        return json.loads(self.read(run, "eval/metrics.json"))["metrics"]

    def forecast(self, folder):
        with h5py.File(self.path(folder, "forecast.h5")) as file:
            own = file["t"][()] if "t" in file else file["start"][()][:, None] + file["time"][()] - file["time"][()][0]
            return file["point"][()], own, file["time"][()]

    def test_info_says_how_unequal_they_are(self):
        write(self.path("a.h5"), lambda i: numpy.array([0, .1, .5, .7, 1.]))
        shown = self.msde("info", "a.h5").stdout
        self.assertIn("times: unequal, spacing 0.1 .. 0.4, mean 0.25\n", shown)
        self.assertNotIn("dt:", shown)
        write(self.path("b.h5"), lambda i: numpy.arange(5.) * .25)
        self.assertIn("dt: 0.25\n", self.msde("info", "b.h5").stdout)

    def test_forecasts_are_right_at_the_times_of_the_file(self):
        """A model of equal times and models of unequal ones, of the same waves, see the same at the same instants."""
        kinds = {"equal": lambda i: SPACING * numpy.arange(T), "jittered": lambda i: jittered(3), "geometric": lambda i: geometric(),
                 "each": lambda i: jittered(10 + i)}
        clean = {}
        for kind, times in kinds.items():
            write(self.path(kind + ".h5"), times)
            clean[kind] = self.run_on(kind + ".h5", kind, SOME_TRAINING)["rel_l2_clean"]["mean"]
            self.msde("predict", kind, "-o", kind + "_forecast", "-q", "--members", "0")
            point, own, _ = self.forecast(kind + "_forecast")
            for n in range(2):
                numpy.testing.assert_allclose(own[n], times(8 + n), atol=1e-12)
                truth = wave(own[n], .37 * (8 + n))
                error = numpy.linalg.norm(point[n] - truth) / numpy.linalg.norm(truth)
                self.assertLess(error, .1, kind)
            self.msde("score", kind + ".h5", kind + "_forecast/forecast.h5", "--split", "test", "-q")
        for kind in ("jittered", "geometric", "each"):
            self.assertLess(clean[kind], max(2 * clean["equal"], .03), clean)
        # The model of equal times, asked at unequal ones, integrates the same equation: between its own frames.
        self.msde("predict", "equal", "--data", "jittered.h5", "-o", "asked", "-q", "--members", "0")
        point, own, _ = self.forecast("asked")
        numpy.testing.assert_allclose(own[0], jittered(3), atol=1e-12)
        at_equal, equal_times, _ = self.forecast("equal_forecast")
        near = [numpy.abs(equal_times[0] - t).argmin() for t in own[0]]
        for k, n in enumerate(near):  # to what the wave moves in between
            moved = numpy.linalg.norm(wave([own[0][k]]) - wave([equal_times[0][n]])) / numpy.linalg.norm(wave([0.]))
            apart = numpy.linalg.norm(point[0][k] - at_equal[0][n]) / numpy.linalg.norm(at_equal[0][n])
            self.assertLess(apart, 1.5 * moved + .02)

    def test_equal_times_that_are_asked_for_one_by_one_give_the_usual_forecast(self):
        write(self.path("equal.h5"), lambda i: SPACING * numpy.arange(T))
        self.run_on("equal.h5", "run")
        with h5py.File(self.path("equal.h5")) as file:
            first = file["test_x"][:, 0]
        half = SPACING * numpy.concatenate([numpy.arange(30), [29.5], numpy.arange(30, 50)])
        with h5py.File(self.path("own.h5"), "w") as file:
            file["x"], file["t"] = numpy.repeat(first[:, None], len(half), 1), numpy.tile(half, (2, 1))
        self.msde("predict", "run", "-o", "usual", "-q", "--members", "5", "--seed", "1")
        self.msde("predict", "run", "--from", "own.h5", "-o", "own", "-q", "--members", "5", "--seed", "1")
        usual, _, _ = self.forecast("usual")
        own, times, _ = self.forecast("own")
        numpy.testing.assert_allclose(times[0], half)
        kept = numpy.delete(numpy.arange(len(half)), 30)
        numpy.testing.assert_allclose(own[:, kept], usual[:, :50], atol=1e-4 * numpy.abs(usual).max())

    def test_predictions_end_where_they_are_asked_to(self):
        write(self.path("each.h5"), lambda i: jittered(20 + i, 12))
        self.run_on("each.h5", "run")
        mean = numpy.mean([jittered(20 + i, 12)[-1] / 11 for i in range(6)])
        end = jittered(28, 12)
        self.msde("predict", "run", "-o", "part", "-q", "--members", "0", "--t-end", str(end[5]))
        _, own, first = self.forecast("part")
        numpy.testing.assert_allclose(own, [jittered(28, 12)[:6], jittered(29, 12)[:6]], atol=1e-12)
        numpy.testing.assert_allclose(first, own[0])
        self.msde("predict", "run", "-o", "beyond", "-q", "--members", "3", "--t-end", str(end[-1] + 4 * mean))
        _, own, _ = self.forecast("beyond")
        self.assertEqual(own.shape, (2, 16))
        for n in range(2):
            numpy.testing.assert_allclose(own[n, :12], jittered(28 + n, 12), atol=1e-12)
            numpy.testing.assert_allclose(numpy.diff(own[n, 11:]), mean, rtol=1e-6)
        self.refuse(2, ["--t-end", "at least"], "predict", "run", "-o", "none", "--t-end", "-1")
        # A forecast is a start again, at its own times; its images have them, too.
        self.msde("predict", "run", "--from", "part/forecast.h5", "-o", "again", "-q", "--members", "0")
        numpy.testing.assert_allclose(self.forecast("again")[1], self.forecast("part")[1], atol=1e-12)
        self.msde("predict", "run", "-o", "images", "-q", "--members", "0", "--format", "vti", "--t-end", str(end[5]))
        series = self.read("images", "forecast_0001.pvd").decode()
        for t in jittered(29, 12)[:6]:
            self.assertIn(f'timestep="{t:.6}'[:16], series)

    def test_every_format_keeps_them(self):
        write(self.path("a.h5"), lambda i: jittered(40 + i, 12))
        stored = {}
        for name, flags in (("b.h5", []), ("c.nc", ["--format", "netcdf"])):
            self.msde("import", "a.h5", "-o", name, "-q", *flags)
            self.assertIn("times: unequal", self.msde("info", name).stdout)
        self.msde("import", "c.nc", "-o", "d.h5", "-q")
        for name in ("a.h5", "b.h5", "d.h5"):
            with h5py.File(self.path(name)) as file:
                stored[name] = [file[split + "_t"][()] for split in ("train", "val", "test")]
        for name in ("b.h5", "d.h5"):
            for got, expected in zip(stored[name], stored["a.h5"]):
                numpy.testing.assert_array_equal(got, expected)
        # PDEBench in groups and flat, The Well's times, a series of NetCDF.
        with h5py.File(self.path("groups.h5"), "w") as file:
            for i in range(4):
                t = jittered(50 + i, 9)
                file[f"{i:04}/data"] = wave(t).transpose(0, 2, 1).astype("f4")
                file[f"{i:04}/grid/x"], file[f"{i:04}/grid/t"] = (numpy.arange(NX) + .5) / NX, t
        self.msde("import", "groups.h5", "-o", "e.h5", "-q", "--split", "2,1,1")
        with h5py.File(self.path("e.h5")) as file:
            numpy.testing.assert_allclose(file["test_t"][0], jittered(53, 9))
        with h5py.File(self.path("flat.h5"), "w") as file:
            t = geometric(9)
            file["tensor"] = numpy.stack([wave(t, p)[:, 0] for p in (.1, .5, .8)]).astype("f4")
            file["x-coordinate"], file["t-coordinate"] = (numpy.arange(NX) + .5) / NX, t
        self.assertIn("times: unequal", self.msde("info", "flat.h5").stdout)
        with netCDF4.Dataset(self.path("series.nc"), "w") as file:
            for name, values in (("time", geometric(9)), ("x", numpy.arange(NX))):
                file.createDimension(name, len(values))
                file.createVariable(name, "f8", (name,))[:] = values
            file.createVariable("u", "f4", ("time", "x"))[:] = wave(geometric(9))[:, 0]
        self.assertIn("times: unequal", self.msde("info", "series.nc").stdout)
        numpy.savez(self.path("series.npz"), x=wave(geometric(9)), t=geometric(9))
        self.assertIn("times: unequal", self.msde("info", "series.npz").stdout)

    def test_one_series_is_cut_and_started_from_often(self):
        t = jittered(70, 120)
        with h5py.File(self.path("series.h5"), "w") as file:
            file["x"], file["t"] = wave(t), t
            file.attrs["boundary"] = "periodic"
        scores = self.run_on("series.h5", "run", data__split_time="80,100", eval__start_every=4, eval__n_steps=9)
        setup = json.loads(self.read("run", "eval/metrics.json"))["setup"]
        self.assertEqual((setup["trajectories"], setup["frames"]), (3, 9))
        self.assertGreater(scores["rel_l2"]["mean"], 0)
        self.msde("predict", "run", "-o", "forecast", "-q", "--members", "0")
        _, own, _ = self.forecast("forecast")
        numpy.testing.assert_allclose(own, [t[s:s + 9] for s in (100, 104, 108)], atol=1e-12)

    def test_the_same_bits_again(self):
        write(self.path("each.h5"), lambda i: jittered(80 + i, 20))
        self.write("own.toml", "")
        words = ["train", "own.toml", "-q", "--deterministic", *sets(PLAIN, {"data.path": "each.h5", "train.window": 6})]
        for run in ("a", "b"):
            self.msde(*words, "-o", run)
        self.assertEqual(self.read("a", "model/model.safetensors"), self.read("b", "model/model.safetensors"))

    def test_classical_rows_that_need_equal_times_say_so(self):
        write(self.path("each.h5"), lambda i: jittered(90 + i, 20))
        self.write("own.toml", "")
        self.msde("compare", "own.toml", "-o", "c", "-q", "--models", "persistence,mean,dmd,pod_sindy",
                  *sets(PLAIN, {"data.path": "each.h5"}))
        rows = {(row["name"], row["variant"]): row for row in json.loads(self.read("c", "comparison.json"))["rows"]}
        for name in ("dmd", "pod_sindy"):
            for variant in ("reference", "strong"):
                self.assertIn("not equally spaced", rows[name, variant]["status"])
        for name in ("persistence", "mean"):
            self.assertGreater(rows[name, ""]["metrics"]["rel_l2"]["mean"], 0)


if __name__ == "__main__":
    program.main()
