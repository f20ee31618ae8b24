"""Values that are missing, NaN: learnt from, filled in first snapshots, and of no weight in scores.

Run as: python3 gaps_test.py build/release/msde
"""

import json

import h5py
import numpy

import program
from program import TINY_TRAINING, sets

NX, T, C = 32, 61, 2
SETTINGS = {**TINY_TRAINING, "model.n_zeta": 8, "model.n_eta": 2, "case.name": "mine", "train.max_steps": 120, "rollout.max_steps": 150,
            "rollout.validate_every": 25, "train.window": 16, "rollout.stride": 2, "rollout.stride_min": 1, "rollout.horizon_start": 8,
            "rollout.horizon_end": 24, "eval.members": 8}


def waves(n, first):
    """Two channels of a wave that travels, [n, T, C, NX], of amplitudes 1 and 30."""
    x, t = numpy.arange(NX) / NX, .025 * numpy.arange(T)
    phase = .37 * (first + numpy.arange(n))[:, None, None]
    angle = 2 * numpy.pi * (x - t[:, None] - phase)
    return numpy.stack([numpy.cos(angle) + .2, 30 * numpy.sin(angle)], 2)


def half(generator, x):
    return generator.random(x.shape) < .5


def block(generator, x):
    """A quarter of the axis, another in every trajectory."""
    hidden = numpy.zeros(x.shape, bool)
    for i, start in enumerate(generator.integers(0, NX, len(x))):
        hidden[i, ..., (start + numpy.arange(NX // 4)) % NX] = True
    return hidden


def channel(generator, x):
    """The second channel in every third snapshot, but for the first."""
    hidden = numpy.zeros(x.shape, bool)
    hidden[:, 1::3, 1] = True
    return hidden


class Gaps(program.ProgramTest):
    def dataset(self, name, hide=None, noise=.01, change=None):
        generator, first = numpy.random.default_rng(1), 0
        with h5py.File(self.path(name), "w") as file:
            for split, n in (("train", 6), ("val", 2), ("test", 2)):
                clean = waves(n, first)
                x = clean + noise * numpy.array([1., 30.])[:, None] * generator.standard_normal(clean.shape)
                if hide:
                    x[hide(numpy.random.default_rng(first + 2), x)] = numpy.nan
                if change:
                    change(split, x)
                file[split + "_x"], file[split + "_x_clean"] = x.astype("f4"), clean.astype("f4")
                file[split + "_t"] = numpy.tile(.025 * numpy.arange(T), (n, 1))
                first += n
            file.attrs["boundary"] = "periodic"
        return name

    def run_on(self, data, run, **more):
        self.write("own.toml", "")
        told = self.msde("run", "own.toml", "-o", run, *sets(SETTINGS, {"data.path": data}, **more))
        return json.loads(self.read(run, "eval", "metrics.json"))["metrics"], told.stderr


class Learning(Gaps):
    def test_costs_little_accuracy(self):
        whole = self.run_on(self.dataset("whole.h5"), "whole")[0]
        for hide, factor in ((half, 2), (block, 2), (channel, 1.5)):
            with self.subTest(hide.__name__):
                metrics, told = self.run_on(self.dataset(hide.__name__ + ".h5", hide), hide.__name__)
                self.assertRegex(told, r"[0-9]+ of [0-9]+ values \([0-9.]+ %\) are missing")
                self.assertLess(metrics["rel_l2_clean"]["mean"], factor * whole["rel_l2_clean"]["mean"])
                self.assertLess(metrics["rel_l2_clean_t0"]["mean"], .05)
                self.assertLess(metrics["rel_l2_encode_decode_clean"]["mean"], .05)
                self.assertGreater(metrics["coverage"]["90"], .6)
        self.assertNotIn("missing", self.run_on("whole.h5", "again")[1])

    def test_is_repeatable(self):
        data = self.dataset("half.h5", half)
        self.write("own.toml", "")
        for run in ("a", "b"):
            self.msde("train", "own.toml", "-o", run, "-q", "--deterministic",
                      *sets(SETTINGS, {"data.path": data, "train.max_steps": 20, "rollout.max_steps": 10}))
        self.assertEqual(*(self.read(run, "model", "model.safetensors") for run in ("a", "b")))

    def test_a_comparison_fills_for_all(self):
        data = self.dataset("half.h5", half)
        self.write("own.toml", "")
        self.msde("compare", "own.toml", "-o", "table", "-q", "--seeds", "1", "--models", "dmd,persistence",
                  *sets(SETTINGS, {"data.path": data}))
        rows = json.loads(self.read("table", "comparison.json"))["rows"]
        self.assertEqual({row["status"] for row in rows}, {"ok"})
        errors = {(row["name"], row["variant"]): row["metrics"]["rel_l2_clean"]["mean"] for row in rows}
        self.assertLess(errors["dmd", "strong"], .2 * errors["persistence", ""])


class OfARun(Gaps):
    def setUp(self):
        super().setUp()
        self.run_on(self.dataset("whole.h5"), "run")

    def test_first_snapshots_are_filled(self):
        with h5py.File(self.path("whole.h5")) as file:
            first = file["test_x"][0, 0]
        numpy.save(self.path("whole.npy"), first)
        points = {}
        for name, hidden in (("whole", []), ("half", numpy.arange(0, NX, 2)), ("quarter", numpy.arange(5, 5 + NX // 4))):
            start = first.copy()
            start[:, hidden] = numpy.nan
            numpy.save(self.path(name + ".npy"), start)
            self.msde("predict", "run", "--from", name + ".npy", "--t-end", "1", "-o", name, "-q")
            with h5py.File(self.path(name, "forecast.h5")) as file:
                points[name] = file["point"][:]
        size = numpy.array([1., 30.])[:, None]
        for name in ("half", "quarter"):
            self.assertTrue(numpy.isfinite(points[name]).all())
            self.assertLess(abs(points[name] - points["whole"]).__truediv__(size).max(), .1, name)
        for name, value, words in (("none", numpy.nan, "no value is there"), ("infinite", numpy.inf, "inf")):
            start = first.copy()
            start[:] = value
            numpy.save(self.path(name + ".npy"), start)
            self.refuse(3, [name + ".npy", words], "predict", "run", "--from", name + ".npy", "--t-end", "1", "-o", "x")

    def test_what_is_missing_is_in_no_score(self):
        self.dataset("half.h5", half)
        self.msde("evaluate", "run", "--data", "half.h5", "-q", "--json", "half.json")
        with h5py.File(self.path("half.h5")) as file:
            truth = file["test_x"][:]
        errors = []
        for i, x in enumerate(truth):
            numpy.save(self.path("start.npy"), x[0])
            self.msde("predict", "run", "--from", "start.npy", "--t-end", "1.5", "-o", f"f{i}", "-q", "--members", "0")
            with h5py.File(self.path(f"f{i}", "forecast.h5")) as file:
                p = file["point"][0, :T]
            square = lambda a: numpy.nansum(a.astype(float) ** 2, (1, 2))
            errors += list(numpy.sqrt(square(p - x) / square(x))[1:])
        scores = json.loads(self.read("half.json"))["metrics"]
        self.assertAlmostEqual(scores["rel_l2"]["mean"], numpy.mean(errors), delta=1e-4 * numpy.mean(errors))


class Refusals(Gaps):
    def test_a_snapshot_without_values(self):
        def empty(split, x):
            if split == "val":
                x[1, 7] = numpy.nan

        def infinite(split, x):
            if split == "test":
                x[0, 3, 1, 2] = -numpy.inf

        self.write("own.toml", "")
        for name, change, words in (("empty.h5", empty, ["val_x", "trajectory 1, snapshot 7", "every value is missing"]),
                                    ("infinite.h5", infinite, ["test_x", "trajectory 0, snapshot 3", "-inf"])):
            self.dataset(name, half, change=change)
            for command in (["info", name], ["train", "own.toml", "-o", "run", *sets(SETTINGS, {"data.path": name})]):
                self.refuse(3, [name, *words], *command)


if __name__ == "__main__":
    program.main()
