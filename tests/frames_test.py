"""Fields that are moved to begin alike, along periodic axes, and fields that are symmetric one by one: what the program finds out of
training data, what its models then cannot break, and what it says where a start does.

Run as: python3 frames_test.py build/release/msde
"""

import json

import h5py
import numpy

import program
from program import TINY_TRAINING, sets

NX, T, DT = 48, 41, .02
PLAIN = {**TINY_TRAINING, "model.n_zeta": 8, "model.n_eta": 2, "case.name": "mine"}
SQUARE = {**TINY_TRAINING, "model.n_zeta": "[8, 8]", "model.n_eta": 2, "case.name": "mine"}


def pulse(start, width, n=NX, closed=False):
    """A pulse that travels once round in two units of time, [T, 1, n]; `closed`: the last point is the first again."""
    points = n - 1 if closed else n
    x = numpy.arange(n) % points / points
    at = start + .5 * DT * numpy.arange(T)[:, None]
    apart = (x - at + .5) % 1 - .5
    return numpy.exp(-(apart / width) ** 2)[:, None]


def rings(centre, width, n=32, skew=0.):
    """Rings about the middle of a square that widen in time, the same under its eight symmetries but for `skew`: [T, 1, n, n]."""
    x = (numpy.arange(n) + .5) / n - .5
    r = numpy.sqrt(x[:, None] ** 2 + x ** 2)
    radius = centre + .3 * DT * numpy.arange(T)[:, None, None]
    return (numpy.exp(-((r - radius) / width) ** 2) * (1 + skew * x[:, None]))[:, None]


class Frames(program.ProgramTest):
    def dataset(self, name, fields, noise=.01, boundary="periodic", counts=(6, 2, 2), forcing=None, with_clean=True):
        generator = numpy.random.default_rng(1)
        number = 0
        with h5py.File(self.path(name), "w") as file:
            for split, count in zip(("train", "val", "test"), counts):
                clean = numpy.stack([fields(number + i) for i in range(count)])
                file[split + "_x"] = (clean + noise * generator.standard_normal(clean.shape)).astype("f4")
                if with_clean:
                    file[split + "_x_clean"] = clean.astype("f4")
                file[split + "_t"] = numpy.tile(DT * numpy.arange(T), (count, 1))
                if forcing is not None:
                    file[split + "_f"] = numpy.tile(forcing[:, None], (count, 1, 1))
                number += count
            file.attrs["boundary"], file.attrs["noise_std"] = boundary, noise

    def run_on(self, data, run, settings, code=0, **more):
        self.write("own.toml", "")
        return self.msde("run", "own.toml", "-o", run, *sets(settings, {"data.path": data}, **more), code=code).stderr

    def description(self, run):
        return json.loads(self.read(run, "model/model.json"))

    def metrics(self, run):
        return json.loads(self.read(run, "eval/metrics.json"))["metrics"]

    def forecast(self, run, first, members=3):
        with h5py.File(self.path("first.h5"), "w") as file:
            file["x"] = first
        said = self.msde("predict", run, "--from", "first.h5", "-o", "out", "--force", "--members", str(members), "--t-end", ".4").stderr
        with h5py.File(self.path("out/forecast.h5")) as file:
            return said, file["point"][()], file["members"][()] if members else None

    def first_of(self, data):
        with h5py.File(self.path(data)) as file:
            return file["test_x"][:, 0]

    # -- moved along periodic axes

    def test_a_start_elsewhere_is_the_same_forecast_there(self):
        self.dataset("a.h5", lambda i: pulse(.2 + .004 * i, .08 + .003 * i))
        self.assertIn("fields are moved along x", self.run_on("a.h5", "run", PLAIN))
        self.assertEqual(self.description("run")["frame_period"], [NX])
        first = self.first_of("a.h5")
        _, point, members = self.forecast("run", first)
        for shift in (1, 6, 17, 47):
            _, moved, their = self.forecast("run", numpy.roll(first, shift, -1))
            numpy.testing.assert_array_equal(moved, numpy.roll(point, shift, -1))
            numpy.testing.assert_array_equal(their, numpy.roll(members, shift, -1))
        # Data that lie elsewhere have the same scores, and those of encoding and decoding alone.
        self.msde("evaluate", "run", "--json", "here.json", "-q")
        with h5py.File(self.path("a.h5"), "r+") as file:
            for name in ("test_x", "test_x_clean"):
                file[name][...] = numpy.roll(file[name][()], 20, -1)
        self.msde("evaluate", "run", "--data", "a.h5", "--json", "there.json", "-q")
        here, there = (json.loads(self.read(name))["metrics"] for name in ("here.json", "there.json"))
        for name in ("rel_l2", "rel_l2_clean", "rel_l2_t0", "rel_l2_encode_decode"):
            self.assertAlmostEqual(here[name]["mean"], there[name]["mean"], delta=1e-6)
        # A model of fields where they are knows nothing of a start elsewhere.
        self.assertNotIn("moved along", self.run_on("a.h5", "fixed", PLAIN, model__frame="fixed"))
        self.assertNotIn("frame_period", self.description("fixed"))

    def test_an_axis_that_ends_with_its_first_point_moves_on_the_others(self):
        for start in (.5, .0):
            self.dataset("a.h5", lambda i: pulse(start, .08 + .003 * i, closed=True), with_clean=False)
            self.run_on("a.h5", f"run{start}", PLAIN)
            self.assertEqual(self.description(f"run{start}")["frame_period"], [NX - 1])
        run = "run0.0"
        first = self.first_of("a.h5")
        ring = lambda x, shift: (lambda y: numpy.concatenate([y, y[..., :1]], -1))(numpy.roll(x[..., :-1], shift, -1))
        _, point, _ = self.forecast(run, first)  # whose last point has noise of its own, which nothing sees
        _, moved, _ = self.forecast(run, ring(first, 11))
        numpy.testing.assert_array_equal(moved, ring(point, 11))

    def test_missing_values_are_filled_where_the_start_lies(self):
        self.dataset("a.h5", lambda i: pulse(.2, .08 + .003 * i))
        self.run_on("a.h5", "run", PLAIN)
        first = self.first_of("a.h5")
        first[:, :, 5:9] = numpy.nan
        _, point, _ = self.forecast("run", first, 0)
        _, moved, _ = self.forecast("run", numpy.roll(first, 13, -1), 0)
        numpy.testing.assert_array_equal(moved, numpy.roll(point, 13, -1))

    def test_fields_that_know_where_they_are_stay_there(self):
        """A bump that stands still, a forcing, an open axis: nothing is moved unless asked for, and then only what can be."""
        still = numpy.exp(-((numpy.arange(NX) / NX - .7) / .05) ** 2)
        self.dataset("still.h5", lambda i: pulse(.37 * i, .08) + .6 * still, counts=(12, 4, 2))
        self.assertNotIn("moved along", self.run_on("still.h5", "still", PLAIN))
        self.assertIn("moved along x", self.run_on("still.h5", "asked", PLAIN, model__frame="start"))
        self.dataset("forced.h5", lambda i: pulse(.2, .08 + .003 * i), forcing=numpy.sin(numpy.arange(T)))
        self.assertNotIn("moved along", self.run_on("forced.h5", "forced", PLAIN))
        self.dataset("open.h5", lambda i: pulse(.2, .08 + .003 * i), boundary="open")
        self.assertNotIn("moved along", self.run_on("open.h5", "open", PLAIN))
        self.write("own.toml", "")
        for data, why in (("forced.h5", "forcing"), ("open.h5", "no axis is periodic")):
            self.refuse(2, ["model.frame", why], "train", "own.toml", "-o", "no", *sets(PLAIN, {"data.path": data}, model__frame="start"))

    # -- symmetric one by one

    def test_symmetric_fields_have_symmetric_models(self):
        self.dataset("a.h5", lambda i: rings(.1 + .01 * i, .06), boundary="open", noise=.05)
        said = self.run_on("a.h5", "run", SQUARE)
        self.assertRegex(said, r"every training field is symmetric, .*10 of 64 coarse cells")
        self.assertEqual(self.description("run")["grid"]["symmetry"], ["reflect y", "reflect x", "swap y x"])
        self.assertEqual(json.loads(self.read("run", "eval/metrics.json"))["n_zeta"], 10)
        self.assertNotIn("not symmetric", said)
        first = self.first_of("a.h5")
        said, point, members = self.forecast("run", first)
        self.assertNotIn("not symmetric", said)
        for field in (point, members):
            scale = numpy.abs(field).max()
            for image in (field[..., ::-1], field[..., ::-1, :], numpy.swapaxes(field, -1, -2)):
                self.assertLess(numpy.abs(field - image).max(), 1e-5 * scale)
        # What breaks the symmetry is lost, and that is said.
        skewed = first + .3 * numpy.abs(first).max() * numpy.linspace(-1, 1, 32)
        said, other, _ = self.forecast("run", skewed.astype("f4"))
        self.assertRegex(said, r"2 of 2 are not symmetric .*data.symmetry")
        self.assertLess(numpy.abs(other - other[..., ::-1]).max(), 1e-5 * numpy.abs(other).max())
        with h5py.File(self.path("a.h5"), "r+") as file:
            file["test_x"][...] *= 1 + .5 * numpy.linspace(-1, 1, 32)
        self.assertRegex(self.msde("evaluate", "run", "--data", "a.h5").stderr, "2 of 2 are not symmetric")

    def test_symmetry_is_found_or_not_or_asked_for(self):
        self.dataset("a.h5", lambda i: rings(.1 + .01 * i, .06, skew=.5), boundary="open", noise=.02)
        self.run_on("a.h5", "found", SQUARE)
        self.assertEqual(self.description("found")["grid"]["symmetry"], ["reflect x"])
        self.assertNotIn("symmetric", self.run_on("a.h5", "none", SQUARE, data__symmetry="none"))
        self.assertNotIn("symmetry", self.description("none")["grid"])
        said = self.run_on("a.h5", "asked", SQUARE, data__symmetry='["reflect x", "reflect y"]')
        self.assertRegex(said, r"taken as asked.*16 of 64 coarse cells.*not symmetric: 0\.\d+ of them is lost")
        self.write("own.toml", "")
        for words, why in (("reflect z", "got axis 'z'"), ("turn x", "got 'turn'"), ("swap y x at 0", "where it should end")):
            self.refuse(2, ["data.symmetry", why], "train", "own.toml", "-o", "no",
                        *sets(SQUARE, {"data.path": "a.h5"}, data__symmetry=f'["{words}"]'))
        self.refuse(2, ["data.symmetry", "as many coarse cells"], "train", "own.toml", "-o", "no",
                    *sets({**SQUARE, "model.n_zeta": "[8, 4]"}, {"data.path": "a.h5"}, data__symmetry='["swap y x"]'))

    def test_training_goes_on_from_a_symmetric_model(self):
        self.dataset("a.h5", lambda i: rings(.1 + .01 * i, .06), boundary="open", noise=.05)
        self.run_on("a.h5", "run", SQUARE)
        self.msde("train", "own.toml", "-o", "more", "--init-from", "run", "-q", *sets(SQUARE, {"data.path": "a.h5"}))
        self.assertEqual(self.description("more")["grid"], self.description("run")["grid"])
        self.refuse(2, ["data.symmetry", "use the same"], "train", "own.toml", "-o", "no", "--init-from", "run",
                    *sets(SQUARE, {"data.path": "a.h5"}, data__symmetry="none"))
        self.dataset("skew.h5", lambda i: rings(.1 + .01 * i, .06, skew=.5), boundary="open", noise=.05)
        said = self.msde("train", "own.toml", "-o", "skewed", "--init-from", "run", *sets(SQUARE, {"data.path": "skew.h5"})).stderr
        self.assertIn("training fields are not symmetric", said)


if __name__ == "__main__":
    program.main()
