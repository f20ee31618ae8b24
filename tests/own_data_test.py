"""A stranger's own data: one long series cut in time, several starts, steps chosen from the data, what is printed beside the
scores, and data files that move or change.

Run as: python3 own_data_test.py build/release/msde
"""

import json
import os
import re
import shutil
import signal
import time

import cftime
import h5py
import netCDF4
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
# Nothing of time: training chooses it.
PLAIN = {**TINY_TRAINING, "model.n_zeta": 8, "model.n_eta": 2, "case.name": "mine"}


def series(n_snapshots=120, n_points=48, channels=2, period=12., noise=.01):
    """A wave [T, C, x] that comes back every `period` snapshots."""
    generator = numpy.random.default_rng(3)
    phase = 2 * numpy.pi * (numpy.arange(n_points) / n_points - numpy.arange(n_snapshots)[:, None] / period)
    field = numpy.stack([numpy.cos(phase + c) * 10. ** c for c in range(channels)], 1)
    return field * (1 + noise * generator.standard_normal(field.shape))


def kuramoto_sivashinsky(trajectories, snapshots, points=64, length=22., spacing=1., substeps=20):
    """u_t = -u u_x - u_xx - u_xxxx, periodic, from its attractor: [N, T, x]. Exponential time differencing of second order
    (Cox & Matthews 2002)."""
    generator = numpy.random.default_rng(11)
    k = 2 * numpy.pi * numpy.fft.rfftfreq(points, length / points)
    linear = k ** 2 - k ** 4
    h = spacing / substeps
    z = linear * h
    small = numpy.abs(z) < 1e-8
    safe = numpy.where(small, 1, z)
    f1 = numpy.where(small, 1, numpy.expm1(safe) / safe)
    f2 = numpy.where(small, .5, (numpy.expm1(safe) - safe) / safe ** 2)
    dealias = numpy.abs(k) < 2 / 3 * k.max()

    def nonlinear(v):
        u = numpy.fft.irfft(v * dealias, points)
        return -.5j * k * numpy.fft.rfft(u * u) * dealias

    v = numpy.fft.rfft(generator.standard_normal((trajectories, points)))
    fields = []
    for step in range(-100 * substeps, (snapshots - 1) * substeps + 1):
        if step >= 0 and step % substeps == 0:
            fields.append(numpy.fft.irfft(v, points))
        n = nonlinear(v)
        a = numpy.exp(z) * v + h * f1 * n
        v = a + h * f2 * (nonlinear(a) - n)
    return numpy.stack(fields, 1)


class OwnDataTest(program.ProgramTest):
    def write_series(self, name="series.h5", **more):
        field = series(**more)
        with h5py.File(self.path(name), "w") as file:
            file["x"] = field
            file["t"] = 5. + .25 * numpy.arange(len(field))
            file.attrs["boundary"] = "periodic"
            file.attrs["channels"] = ["u", "v"][:field.shape[1]]
        return field

    def config(self, **settings):
        self.write("own.toml", "")
        return ["own.toml", *sets(PLAIN, settings)]

    def scores(self, run="run"):
        return json.loads(self.read(run, "eval/metrics.json"))

    def test_years_are_held_against_their_climatology_and_dmd(self):
        months, points = 120, 24
        times = numpy.array([cftime.date2num(cftime.datetime(1991 + m // 12, 1 + m % 12, 16), "days since 1990-01-01")
                             for m in range(months)], "f8")
        generator = numpy.random.default_rng(5)
        phase = 2 * numpy.pi * numpy.arange(months)[:, None] / 12
        x = 2 * numpy.pi * numpy.arange(points) / points
        field = 2 + numpy.sin(x) * numpy.cos(phase) + numpy.cos(2 * x) * numpy.sin(phase) + .2 * generator.standard_normal((months, points))
        with netCDF4.Dataset(self.path("monthly.nc"), "w") as file:
            file.createDimension("time", months)
            file.createDimension("x", points)
            t = file.createVariable("time", "f8", ("time",))
            t.units, t[:] = "days since 1990-01-01", times
            file.createVariable("u", "f4", ("time", "x"))[:] = field
        settings = {"data.path": "monthly.nc", "data.split_time": "60,71", "data.boundary": "periodic", "eval.n_steps": 13,
                    "eval.start_every": 12, "eval.against": ["dmd"], "train.max_steps": 20, "data.clock": ["year"]}
        result = self.msde("run", *self.config(**settings), "-o", "run")
        scores = self.scores()
        self.assertEqual(scores["setup"]["starts_per_block"], 1)  # a year each
        self.assertEqual(list(scores["reference"]), ["persistence", "mean", "climatology", "dmd"])
        field = field.astype("f4").astype("f8")
        years = [numpy.arange(start + 1, start + 13) for start in (71, 83, 95, 107)]
        climatology = numpy.stack([field[:60][m::12].mean(0) for m in range(12)])
        error = numpy.array([[numpy.linalg.norm(climatology[k % 12] - field[k]) / numpy.linalg.norm(field[k]) for k in year]
                             for year in years])
        found = scores["reference"]["climatology"]
        self.assertAlmostEqual(found["rel_l2"]["mean"], error.mean(), places=6)
        self.assertLess(scores["reference"]["dmd"]["rel_l2"]["mean"], scores["reference"]["mean"]["rel_l2"]["mean"])
        # The verdict is that of the interval, which is between the least and the largest difference of a year.
        self.assertLessEqual(found["difference"]["low"], found["difference"]["mean"])
        self.assertGreaterEqual(found["difference"]["high"], found["difference"]["mean"])
        for name, row in scores["reference"].items():
            low, high = row["difference"]["low"], row["difference"]["high"]
            word = "better" if high < 0 else "worse" if low > 0 else "not separable"
            meaning = {"mean": "the training mean", "climatology": "the monthly climatology"}.get(name, name)
            self.assertRegex(result.stdout, rf"rel_l2 of {meaning} +[\d.]+  {word}: ")
            self.assertRegex(result.stdout.splitlines()[-2], rf"{word} [^;]*{meaning}")
        # The same from the library's table of rows, and once more from the run.
        self.msde("compare", *self.config(**settings), "-o", "table", "--models", "climatology,dmd", "--json", "rows.json")
        rows = {row["name"]: row for row in json.loads(self.read("rows.json"))["rows"] if row["variant"] != "reference"}
        self.assertAlmostEqual(rows["climatology"]["metrics"]["rel_l2"]["mean"], error.mean(), places=6)
        self.assertAlmostEqual(rows["dmd"]["metrics"]["rel_l2"]["mean"], scores["reference"]["dmd"]["rel_l2"]["mean"], places=6)
        self.assertIn("rel_l2 of dmd", self.msde("evaluate", "run").stdout)
        # Times without dates have no climatology.
        with netCDF4.Dataset(self.path("monthly.nc"), "a") as file:
            file["time"].units, file["time"][:] = "days", 30. * numpy.arange(months)
        plain = {**settings, "data.clock": [], "eval.against": ["dmd", "coarse_dns"]}
        result = self.msde("run", *self.config(**plain), "-o", "plain")
        self.assertEqual(list(self.scores("plain")["reference"]), ["persistence", "mean", "dmd"])
        self.assertIn("coarse_dns is not beside the scores", result.stderr)
        self.refuse(2, ["eval.against", "'dmdd'"], "run", *self.config(**{**plain, "eval.against": ["dmdd"]}), "-o", "none")

    def test_one_series_is_cut_in_time_and_judged_from_several_starts(self):
        field = self.write_series()
        refusal = self.refuse(2, ["data.split_time = \"84,102\""], "run", *self.config(**{"data.path": "series.h5"}), "-o", "run")
        self.assertNotIn("data.split =", refusal.stderr)
        self.assertIn("data.split_time = \"84,102\"", self.msde("info", "series.h5").stdout)
        self.assertIn("sizes for model.n_zeta: 2, 3, 4, 6, 8, 12, 16, 24 along x", self.msde("info", "series.h5").stdout)
        cut = {"data.path": "series.h5", "data.split_time": "80,100", "eval.start_every": 4, "eval.n_steps": 9}
        result = self.msde("run", *self.config(**cut), "-o", "run")
        scores = self.scores()
        self.assertEqual(scores["setup"]["trajectories"], 3)  # from snapshots 100, 104, 108; each of 9
        self.assertEqual(scores["setup"]["frames"], 9)
        self.assertEqual(scores["setup"]["starts_per_block"], 2)  # of eight predicted snapshots, a start every four
        # Persistence by another program: the mean over starts and frames 1 to 8.
        expected = []
        for start in (100, 104, 108):
            for frame in range(1, 9):
                difference = field[start] - field[start + frame]
                expected.append(numpy.linalg.norm(difference) / numpy.linalg.norm(field[start + frame]))
        self.assertAlmostEqual(scores["reference"]["persistence"]["rel_l2"]["mean"], numpy.mean(expected), places=6)
        mean = field[:80].mean(0)
        expected = [numpy.linalg.norm(mean - field[s + k]) / numpy.linalg.norm(field[s + k]) for s in (100, 104, 108)
                    for k in range(1, 9)]
        self.assertAlmostEqual(scores["reference"]["mean"]["rel_l2"]["mean"], numpy.mean(expected), places=6)
        per_channel = [numpy.mean([numpy.linalg.norm((mean - field[s + k])[c]) / numpy.linalg.norm(field[s + k][c])
                                   for s in (100, 104, 108) for k in range(1, 9)]) for c in range(2)]
        numpy.testing.assert_allclose(scores["reference"]["mean"]["rel_l2_per_channel"], per_channel, rtol=1e-6)
        self.assertEqual(len(scores["metrics"]["rel_l2_per_channel"]), 2)
        self.assertEqual(scores["channels"], ["u", "v"])
        self.assertRegex(result.stdout, r"rel_l2_per_channel +u [\d.e-]+, v [\d.e-]+\n")
        self.assertRegex(result.stdout, r"rel_l2 of persistence +[\d.]+  [+-][\d.e-]+\n +rel_l2 of the training mean +[\d.]+  [+-][^\n]+\n"
                                        r"  \(this model's less it; 3 forecasts, blocks of 2 of which overlap: too few [^\n]*\n"
                                        r"(not )?below [^\n]*\n(channel [uv]: [^\n]* is as good or better[^\n]*\n)*results: run\n\Z")
        for row in ("persistence", "mean"):
            difference = scores["reference"][row]["difference"]
            self.assertAlmostEqual(difference["mean"], scores["metrics"]["rel_l2"]["mean"] - scores["reference"][row]["rel_l2"]["mean"], 6)
            self.assertIsNone(difference["low"])
        self.assertRegex(result.stdout, r"coverage 90 % per channel +u [\d.e-]+, v [\d.e-]+\n")
        for key in ("crps_fair_per_channel", "ssr_adjusted_per_channel"):
            self.assertEqual(len(scores["metrics"][key]), 2)
        self.assertAlmostEqual(numpy.mean(scores["metrics"]["crps_fair_per_channel"]), scores["metrics"]["crps_fair"], places=6)
        # A model of four steps loses against something in some channel; a channel in which it does is named.
        for c, name in enumerate("uv"):
            loses = any(scores["reference"][row]["rel_l2_per_channel"][c] <= scores["metrics"]["rel_l2_per_channel"][c]
                        for row in ("persistence", "mean"))
            self.assertEqual(f"channel {name}: " in result.stdout, loses)

        self.msde("predict", "run", "-o", "forecast")
        with h5py.File(self.path("forecast/forecast.h5")) as forecast:
            numpy.testing.assert_allclose(forecast["start"][()], 5 + .25 * numpy.array([100, 104, 108]))
        # The same cut by times; and imported, as a file with splits.
        by_time = {**cut, "data.split_time": "t=25,30"}
        self.msde("run", *self.config(**by_time), "-o", "run2", "-q")
        self.assertEqual(self.scores("run2")["metrics"], scores["metrics"])
        self.msde("import", "series.h5", "-o", "cut.h5", "--split-time", "80,100")
        with h5py.File(self.path("cut.h5")) as file:
            numpy.testing.assert_array_equal(file["test_x"][0], field[100:])  # float64 as the series
            numpy.testing.assert_allclose(file["val_t"][0], 5 + .25 * numpy.arange(80, 100))
        self.refuse(2, ["splits of its own"], "import", "cut.h5", "-o", "again.h5", "--split-time", "80,100")
        self.refuse(2, ["eval.start_every", "eval.n_steps"], "run", *self.config(**{**cut, "eval.n_steps": 0}), "-o", "bad")
        self.refuse(2, ["data.split_time", "600,700"], "run", *self.config(**{**cut, "data.split_time": "now"}), "-o", "bad")

    def test_a_channel_that_is_constant_does_no_harm(self):
        field = series(noise=0)
        for number, constant in enumerate((0., 5., .1, 101325.)):
            for kind in ("f4", "f8"):
                with self.subTest(constant=constant, kind=kind):
                    name = f"constant_{number}_{kind}"
                    values = field.copy()
                    values[:, 1] = constant
                    with h5py.File(self.path(name + ".h5"), "w") as file:
                        file["x"], file["t"] = values.astype(kind), numpy.arange(120.)
                        file.attrs["boundary"] = "periodic"
                    settings = {"data.path": name + ".h5", "data.split_time": "80,100", "train.max_steps": 40, "rollout.max_steps": 40}
                    self.msde("run", *self.config(**settings), "-o", name, "-q")
                    u, v = self.scores(name)["metrics"]["rmse_per_channel"]
                    self.assertLess(u, .7)  # of a wave of rms .7
                    self.assertLessEqual(v, 1e-5 * max(1, constant))
        # One that is constant in training alone.
        values = field.copy()
        values[:80, 1] = 3.
        with h5py.File(self.path("later.h5"), "w") as file:
            file["x"], file["t"] = values, numpy.arange(120.)
        self.msde("run", *self.config(**{"data.path": "later.h5", "data.split_time": "80,100"}), "-o", "later", "-q")
        u, v = self.scores("later")["metrics"]["rmse_per_channel"]
        self.assertAlmostEqual(v, numpy.sqrt(((values[101:, 1] - 3) ** 2).mean()), delta=.01)  # forecast as 3
        # A training that starts from that model learns it.
        with h5py.File(self.path("both.h5"), "w") as file:
            file["x"], file["t"] = field, numpy.arange(120.)
        self.msde("train", *self.config(**{"data.path": "both.h5", "data.split_time": "80,100"}), "-o", "both", "--init-from", "later", "-q")
        self.assertEqual(json.loads(self.read("later/model/model.json"))["units"]["constant"], [False, True])
        self.assertEqual(json.loads(self.read("both/model/model.json"))["units"]["constant"], [False, False])

    def test_the_unit_of_time_is_that_of_fast_waves_too(self):
        for period in (2.5, 3., 10 / 3, 5., 12.):
            with self.subTest(period=period):
                self.write_series(name="fast.h5", period=period, noise=.001)
                told = self.msde("train", *self.config(**{"data.path": "fast.h5", "data.split_time": "80,100"}), "-o", f"fast_{period:.2f}",
                                 "--force").stderr
                found = float(re.search(r"changes by its own size in ([\d.]+) snapshots", told)[1])
                # Of a wave that turns by 2 pi / period a snapshot: as seen over the lag that shows it fastest.
                seen = max(2 * abs(numpy.sin(numpy.pi * lag / period)) / 2**.5 / lag for lag in (1, 2, 3, 5, 10))
                self.assertAlmostEqual(found * seen, 2**-.5, delta=.1)
        # Of three snapshots no lag is long, and one of them counts.
        with h5py.File(self.path("short.h5"), "w") as file:
            for split in ("train", "val", "test"):
                file[split + "_x"] = numpy.stack([series(40, period=3., channels=1)[k:k + 3] for k in range(0, 24, 4)])
                file[split + "_t"] = numpy.tile(numpy.arange(3.), (6, 1))
        told = self.msde("train", *self.config(**{"data.path": "short.h5"}), "-o", "short").stderr
        self.assertLess(float(re.search(r"changes by its own size in ([\d.e+]+) snapshots", told)[1]), 10)

    def test_roll_outs_that_give_up_say_how_to_go_on(self):
        self.write_series()
        cut = {"data.path": "series.h5", "data.split_time": "80,100", "model.local_modes": 64}
        words = self.config(**cut)
        error = self.msde("train", *words, "-o", "run", *sets({"rollout.lr": 1e30, "rollout.lr_vectors": 1e30, "rollout.max_steps": 20}), code=4).stderr
        self.assertIn("--init-from run --set train.max_steps=0", error)
        self.assertIn("stage: trained without a solver", self.msde("info", "run").stdout)
        # Local modes are as many as fit the grid, as they were there.
        self.msde("train", *words, "-o", "other", "--init-from", "run", *sets({"train.max_steps": 0}), "-q")
        self.assertIn("stage: trained", self.msde("info", "other").stdout)

    def test_what_is_there_is_compared_with_the_training_mean_wherever_the_data_are(self):
        self.write_series()
        self.msde("run", *self.config(**{"data.path": "series.h5", "data.split_time": "80,100"}), "-o", "run", "-q")
        os.rename(self.path("series.h5"), self.path("moved.h5"))
        self.refuse(3, ["series.h5", "not there", "--data"], "evaluate", "run")
        self.refuse(3, ["series.h5", "not there", "--data"], "predict", "run", "-o", "forecast")
        self.msde("evaluate", "run", "--data", "moved.h5", "-q", "--json", "moved.json")
        moved = json.loads(self.read("moved.json"))
        self.assertEqual(moved["reference"], self.scores()["reference"])
        self.write("run/model/training_mean.safetensors", b"damaged")
        self.refuse(6, ["training_mean.safetensors"], "evaluate", "run", "--data", "moved.h5")

    def test_a_file_of_the_run_is_predicted_from_as_the_run_sees_it(self):
        field = self.write_series(n_points=49)
        with h5py.File(self.path("series.h5"), "a") as file:
            file["x"][...] += 1e3
        view = {"data.path": "series.h5", "data.split_time": "80,100", "data.subtract": 1000, "data.crop": "x=0:48", "data.boundary": "periodic"}
        self.msde("train", *self.config(**view), "-o", "run", "-q")
        told = self.msde("predict", "run", "--from", "series.h5", "-o", "forecast", "--members", "0").stderr
        self.assertIn("120 snapshots that follow each other, read as one trajectory, 1000 subtracted", told)
        with h5py.File(self.path("forecast/forecast.h5")) as forecast:
            self.assertEqual(forecast["point"].shape, (1, 120, 2, 48))
            # Decoded by a model of few steps: near what it started from, not a thousand away.
            self.assertLess(numpy.abs(forecast["point"][0, 0] - field[0, :, :48]).max(), 50)
        # Whatever is beside the fields: a forcing beyond the snapshots, called otherwise.
        for name, shape in (("f", (200, 1)), ("forcing", (120, 1)), ("f", (200,))):
            with h5py.File(self.path("beside.h5"), "w") as file:
                file["x"], file["t"], file[name] = field + 1e3, 5. + .25 * numpy.arange(len(field)), numpy.zeros(shape)
            told = self.msde("predict", "run", "--from", "beside.h5", "-o", "forecast", "--force", "--members", "0").stderr
            self.assertIn("120 snapshots that follow each other, read as one trajectory, 1000 subtracted", told)
        # With other times: still one trajectory, with steps of its own.
        with h5py.File(self.path("slow.h5"), "w") as file:
            file["x"], file["t"] = field, .3 * numpy.arange(len(field))
        self.msde("predict", "run", "--from", "slow.h5", "-o", "slow", "--members", "0")
        with h5py.File(self.path("slow/forecast.h5")) as forecast:
            self.assertEqual(forecast["point"].shape[:2], (1, 120))

    def test_one_number_may_go_without_its_axis(self):
        field = series()
        season = numpy.cos(numpy.arange(120.))
        for name, f, mu in (("bare", season, .5), ("full", season[:, None], [.5])):
            with h5py.File(self.path(name + ".h5"), "w") as file:
                file["x"], file["t"], file["f"], file["mu"] = field, numpy.arange(120.), f, mu
            self.msde("import", name + ".h5", "-o", name + "_cut.h5", "--split-time", "80,100")
        with h5py.File(self.path("bare_cut.h5")) as bare, h5py.File(self.path("full_cut.h5")) as full:
            for part in ("train_f", "train_mu", "test_f"):
                numpy.testing.assert_array_equal(bare[part][()], full[part][()])
            self.assertEqual(bare["train_f"].shape, (1, 80, 1))

    def test_large_times_and_values_are_shown_with_the_digits_they_need(self):
        with h5py.File(self.path("epoch.h5"), "w") as file:
            file["x"], file["t"] = 1e6 + series(channels=1), 1.7e9 + 600. * numpy.arange(120)
        told = self.msde("info", "epoch.h5").stdout
        self.assertIn("t 1700000000 .. 1700071400, values 999998.9", told)
        self.assertIn(" .. 1000001", told)

    def test_data_with_another_boundary_are_refused(self):
        self.write_series()
        settings = {"data.path": "series.h5", "data.split_time": "80,100"}
        self.msde("train", *self.config(**settings), "-o", "run", "-q")
        self.msde("import", "series.h5", "-o", "other.h5", "--split-time", "80,100")
        shutil.copy(self.path("series.h5"), self.path("whole.h5"))
        for name in ("other.h5", "whole.h5"):
            with h5py.File(self.path(name), "a") as file:
                file.attrs["boundary"] = "open"
        self.refuse(3, ["whole.h5", "the boundary open"], "predict", "run", "--from", "whole.h5", "-o", "forecast")
        words = ["other.h5", "the boundary open", "expected periodic"]
        self.refuse(3, words, "evaluate", "run", "--data", "other.h5")
        self.refuse(3, words, "predict", "run", "--data", "other.h5", "-o", "forecast")
        self.refuse(3, words, "predict", "run", "--from", "other.h5", "-o", "forecast")
        self.assertFalse(os.path.exists(self.path("forecast")))
        with h5py.File(self.path("other.h5"), "a") as file:
            del file.attrs["boundary"]  # a file that does not say has that of the model
        self.assertNotIn("apart", self.msde("evaluate", "run", "--data", "other.h5", "-q").stderr)
        with h5py.File(self.path("other.h5"), "a") as file:
            file.attrs["length"] = 1000.  # metres where the model has kilometres, or another domain: said
        for command in (["evaluate", "run", "--data"], ["predict", "run", "-o", "forecast", "--data"], ["predict", "run", "-o", "again", "--from"]):
            self.assertRegex(self.msde(*command, "other.h5", "-q").stderr, r"other.h5: points along x are 20.8\d* apart, 0.0208\d* in training")

    def test_examples_that_ship_run_from_the_folder_of_the_sources(self):
        sources = os.path.join(CONFIGS, "..")
        for name, starts in (("wake", 4), ("winds", 12)):
            with self.subTest(name):
                self.assertIn("fields x with times t", self.msde("info", os.path.join(sources, f"examples/data/{name}.h5")).stdout)
                scratch, self.folder = self.folder, sources
                try:
                    output = os.path.join(scratch, name)
                    result = self.msde("run", f"examples/data/{name}.toml", "-o", output, "-q", *sets(TINY_TRAINING))
                finally:
                    self.folder = scratch
                self.assertEqual(self.scores(name)["setup"]["trajectories"], starts)
                self.assertEqual(self.scores(name)["channels"], ["u", "v"])
                self.assertIn("rel_l2 of persistence", result.stdout)

    def test_undefined_scores_are_said_to_be(self):
        self.write_series()
        with h5py.File(self.path("series.h5"), "r+") as file:
            file["x"][100:] = 0
        words = self.config(**{"data.path": "series.h5", "data.split_time": "80,100"})
        fresh = self.msde("run", *words, "-o", "run", "-q").stdout
        self.assertRegex(fresh, r"  rel_l2 +undefined \+- undefined\n")
        self.assertIn("no comparison", fresh)
        self.assertNotIn("nan", fresh)
        self.assertEqual(self.msde("evaluate", "run", "-q").stdout + "results: run\n", fresh)  # as read back from the run

    def test_one_trajectory_is_scored_and_predicted_from(self):
        field = self.write_series()
        with h5py.File(self.path("noisy.h5"), "w") as file:
            file["x"], file["t"] = field[None] * 1.1, 5. + .25 * numpy.arange(len(field))[None]
        self.msde("score", "series.h5", "noisy.h5", "--json", "s.json")
        self.assertAlmostEqual(json.loads(self.read("s.json"))["metrics"]["rel_l2"]["mean"], .1, places=5)
        self.assertEqual(len(json.loads(self.read("s.json"))["metrics"]["rmse"]["per_channel"]), 2)
        self.msde("train", *self.config(**{"data.path": "series.h5", "data.split_time": "80,100"}), "-o", "run", "-q")
        said = self.msde("predict", "run", "--from", "series.h5", "-o", "forecast", "--t-end", "8").stderr
        self.assertIn("120 snapshots that follow each other, read as one trajectory", said)
        with h5py.File(self.path("forecast/forecast.h5")) as forecast:
            self.assertEqual(forecast["point"].shape[:2], (1, 13))
            numpy.testing.assert_allclose(forecast["start"][()], [5.])

    def test_steps_come_from_the_data_are_shown_and_kept(self):
        self.write_series()
        cut = {"data.path": "series.h5", "data.split_time": "80,100"}
        shown = self.msde("train", *self.config(**cut), "-o", "run").stderr
        self.assertRegex(shown, r"changes by its own size in [\d.]+ snapshots: train.window = \d+, rollout.stride = 1, "
                                r"rollout.stride_min = 1, rollout.horizon_start = 8, rollout.horizon_end = 40")
        steps = json.loads(self.read("run/manifest.json"))["train"]["steps"]
        self.assertEqual((steps["rollout.stride"], steps["rollout.horizon_end"]), (1, 40))
        given = self.msde("train", *self.config(**cut, **{"rollout.stride": 2, "rollout.horizon_end": 12}), "-o", "run3").stderr
        self.assertIn("rollout.stride_min = 1, rollout.horizon_start = 2\n", given)
        self.refuse(2, ["train.window", "at least 4"], "train", *self.config(**cut, **{"train.window": 3}), "-o", "bad")

    def test_a_grid_of_the_macroscale_that_does_not_fit_gets_one_that_does(self):
        write_dataset(self.path("odd.h5"), n_points=45)
        for asked, proposal in ((20, 15), (8, 9)):
            words = self.refuse(2, ["fits"], "train", *self.config(**{"data.path": "odd.h5", "model.n_zeta": asked}), "-o", "r").stderr
            self.assertIn(f"model.n_zeta = {proposal} fits", words)
        write_dataset(self.path("prime.h5"), n_points=47)
        words = self.refuse(2, ["data.crop"], "train", *self.config(**{"data.path": "prime.h5", "model.n_zeta": 8}), "-o", "r").stderr
        crop, size = re.search(r'data.crop = "(.*?)" and model.n_zeta = (\d+) fit', words).groups()
        self.msde("train", *self.config(**{"data.path": "prime.h5", "data.crop": crop, "model.n_zeta": size}), "-o", "r", "-q")

    def test_channels_weigh_as_asked(self):
        self.write_series()
        cut = {"data.path": "series.h5", "data.split_time": "80,100"}
        self.msde("train", *self.config(**cut), "-o", "alike", "-q")
        self.msde("train", *self.config(**cut, **{"data.channel_weights": "[1, 1]"}), "-o", "ones", "-q")
        self.msde("train", *self.config(**cut, **{"data.channel_weights": "[4, 1]"}), "-o", "first", "-q")
        units = [json.loads(self.read(run, "model/model.json"))["units"]["scale"] for run in ("alike", "ones", "first")]
        self.assertEqual(units[0], units[1])
        self.assertAlmostEqual(units[2][0], units[0][0] / 2)
        self.assertAlmostEqual(units[0][1] / units[0][0], 10, delta=.1)  # deviations: alike whatever the units
        self.refuse(2, ["data.channel_weights", "got 3 numbers", "2 channels"], "train",
                    *self.config(**cut, **{"data.channel_weights": "[1, 1, 1]"}), "-o", "bad")
        self.refuse(2, ["data.channel_weights", "0.001 to 1000"], "train",
                    *self.config(**cut, **{"data.channel_weights": "[0, 1]"}), "-o", "bad")

    def test_a_run_goes_on_from_any_folder_and_with_data_that_moved(self):
        os.makedirs(self.path("project/data"))
        write_dataset(self.path("project/data/mine.h5"))
        shutil.copy(self.write("own.toml", "[data]\npath = \"data/mine.h5\"\n"), self.path("project/own.toml"))
        here, words = self.folder, ["own.toml", *sets(PLAIN)]
        self.folder = self.path("project")
        self.msde("train", *words, "-o", "run", "-q", "--max-time", "0.000001", code=75)
        self.folder = here
        resumed = self.msde("train", "project/own.toml", *words[1:], "-o", "project/run", "--resume")
        self.assertIn("going on with " + self.path("project/data/mine.h5"), resumed.stderr)
        self.msde("evaluate", "project/run", "-q")
        shutil.move(self.path("project/data/mine.h5"), self.path("moved.h5"))
        moved = sets({"data.path": "moved.h5"})
        self.assertIn("finished already", self.msde("train", "project/own.toml", *words[1:], *moved, "-o", "project/run",
                                                    "--resume").stderr)
        self.msde("evaluate", "project/run", "-q")
        write_dataset(self.path("other.h5"), seed=4)
        self.refuse(2, ["data.path", "--force"], "train", "project/own.toml", *words[1:], *sets({"data.path": "other.h5"}),
                    "-o", "project/run", "--resume")

    def test_evaluation_and_prediction_warn_of_data_that_changed(self):
        write_dataset(self.path("mine.h5"))
        self.msde("train", *self.config(**{"data.path": "mine.h5"}), "-o", "run", "-q")
        for command in (["evaluate", "run"], ["predict", "run", "-o", "f", "--force"]):
            self.assertNotIn("changed", self.msde(*command).stderr)
        os.utime(self.path("mine.h5"))  # touched, with the same contents
        self.assertNotIn("changed", self.msde("predict", "run", "-o", "f", "--force").stderr)
        write_dataset(self.path("mine.h5"), seed=1)
        for command in (["evaluate", "run"], ["predict", "run", "-o", "f", "--force"], ["evaluate", "run", "--split", "val"]):
            self.assertIn("mine.h5: has changed since run was trained on it", self.msde(*command).stderr)

    def test_calibration_stops_when_asked_and_goes_on(self):
        write_dataset(self.path("mine.h5"), n_snapshots=101)
        words = self.config(**{"data.path": "mine.h5", "calibrate.members": 4000})
        whole = self.msde("train", *self.config(**{"data.path": "mine.h5", "calibrate.members": 50}), "-o", "whole", "-q",
                          "--deterministic")
        self.assertEqual(whole.returncode, 0)
        limited = self.msde("train", *words, "-o", "slow", "--max-time", "3", code=75)
        self.assertRegex(limited.stderr, r"saved calibrate step [1-9]\d*; continue with --resume")
        process = self.start("train", *words, "-o", "slow", "--resume")
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143, errors)
        self.assertLess(time.monotonic() - began, 30)
        self.assertIn("continue with --resume", errors)
        # Stopped at the beginning of calibration and resumed: the model that one session gives.
        short = self.config(**{"data.path": "mine.h5", "calibrate.members": 50})
        stopped = self.start("train", *short, "-o", "halves", "--deterministic")
        for _ in range(600):
            if os.path.exists(self.path("halves/checkpoints/last.safetensors")):
                break
            time.sleep(.01)
        stopped.send_signal(signal.SIGTERM)
        stopped.communicate(timeout=60)
        self.assertEqual(stopped.returncode, 143)
        self.msde("train", *short, "-o", "halves", "--deterministic", "--resume", "-q")
        self.assertEqual(self.read("halves/model/model.safetensors"), self.read("whole/model/model.safetensors"))

    def test_chaos_ends_with_a_finite_and_sensible_spread(self):
        truth = kuramoto_sivashinsky(trajectories=10, snapshots=81)
        with h5py.File(self.path("ks.h5"), "w") as file:
            first = 0
            for split, n in (("train", 6), ("val", 2), ("test", 2)):
                file[split + "_x"] = truth[first:first + n, :, None].astype("f4")
                file[split + "_t"] = numpy.tile(numpy.arange(81.), (n, 1))
                first += n
            file.attrs["length"] = 22.
            file.attrs["boundary"] = "periodic"
        self.write("ks.toml", "")
        trained = self.msde("run", "ks.toml", "-o", "ks", *sets({"data.path": "ks.h5", "model.n_zeta": 16, "model.n_eta": 3,
                                                                 "train.max_steps": 60, "rollout.max_steps": 60}))
        crps, point = map(float, re.search(r"fair CRPS ([\d.e+-]+),.*point prediction ([\d.e+-]+)", trained.stderr).groups())
        self.assertLessEqual(crps, point)
        self.msde("predict", "ks", "-o", "forecast", "--members", "20", "--t-end", "400")  # five times as long as training
        with h5py.File(self.path("forecast/forecast.h5")) as forecast:
            self.assertEqual(forecast["members_left"].shape, (2,))
            self.assertTrue(numpy.isfinite(forecast["members"][()]).all())
            self.assertTrue(numpy.isfinite(forecast["point"][()]).all())
            spread = forecast["std"][:, :81]
        climate = truth.std()
        self.assertLess(numpy.sqrt((spread ** 2).mean()), 1.2 * climate)
        scores = json.loads(self.read("ks/eval/metrics.json"))
        self.assertLess(scores["metrics"]["crps_fair"], climate)

    def test_members_that_leave_are_held_counted_and_named(self):
        """A model whose spread is made absurd: its point forecast is what it was, its members stay finite."""
        write_dataset(self.path("mine.h5"))
        self.msde("train", *self.config(**{"data.path": "mine.h5"}), "-o", "run", "-q")
        self.msde("predict", "run", "-o", "before", "-q")
        path = self.path("run/model/model.safetensors")
        content = bytearray(self.read(path))
        header = json.loads(content[8:8 + int.from_bytes(content[:8], "little")])
        begin, end = header["dispersion.scale"]["data_offsets"]
        base = 8 + int.from_bytes(content[:8], "little")
        n = (end - begin) // 4
        content[base + begin:base + end] = numpy.full(n, 1e5, "<f4").tobytes()
        with open(path, "wb") as file:
            file.write(content)
        result = self.msde("predict", "run", "-o", "after")
        self.assertRegex(result.stderr, r"\d+ of 78 members, of 2 trajectories, left the region of training")
        with h5py.File(self.path("before/forecast.h5")) as before, h5py.File(self.path("after/forecast.h5")) as after:
            numpy.testing.assert_array_equal(before["point"][()], after["point"][()])
            self.assertTrue((after["members_left"][()] > 0).all())
            self.assertTrue((before["members_left"][()] == 0).all())
            self.assertTrue(numpy.isfinite(after["std"][()]).all())
        self.assertIn("members left the region", self.msde("evaluate", "run").stderr)
        self.assertGreater(self.scores()["setup"]["members_left"], 0)


if __name__ == "__main__":
    program.main()
