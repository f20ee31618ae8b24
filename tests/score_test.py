"""`msde score` against another implementation: every number, from files of every kind, with NumPy's own formulas.

Run as: python3 score_test.py build/release/msde
"""

import json
import math
import os

import h5py
import numpy

import program

erf = numpy.vectorize(math.erf)
LEVELS = (50, 80, 90, 95)


def shells(shape, length):
    """Number of the radial shell of every mode, and the spacing of the shells."""
    spacing = 2 * numpy.pi / max(length)
    axes = [2 * numpy.pi * numpy.fft.fftfreq(n) * n / l for n, l in zip(shape, length)]
    k = numpy.sqrt(sum(a ** 2 for a in numpy.meshgrid(*axes, indexing="ij")))
    return numpy.floor(k / spacing + 0.5 + 1e-9).astype(int), spacing


def log_bins(shape):
    k = numpy.sqrt(sum(a ** 2 for a in numpy.meshgrid(*[2 * numpy.pi * numpy.fft.fftfreq(n) for n in shape], indexing="ij")))
    edges = numpy.logspace(numpy.log10(2 * numpy.pi / max(shape)), numpy.log10(numpy.pi * numpy.sqrt(len(shape))), 4)
    edges = edges * (1 - 1e-9)
    return [k < edges[1], (k >= edges[1]) & (k < edges[2]), k >= edges[2]]


def frmse(error, volume):
    """PDEBench's, of errors [N, T, C, *grid]: low, middle, high."""
    shape = error.shape[3:]
    n = numpy.prod(shape)
    if len(shape) == 1:
        square = abs(numpy.fft.rfft(error)) ** 2  # [N, T, C, K]
    else:
        power = abs(numpy.fft.fftn(error, axes=range(3, error.ndim))) ** 2
        half = min(shape) // 2
        square = numpy.zeros(error.shape[:3] + (half,))
        for mode in numpy.ndindex(*[m // 2 for m in shape]):
            shell = int(numpy.floor(numpy.sqrt(sum(m * m for m in mode))))
            if shell < half:
                square[..., shell] += power[(Ellipsis, *mode)]
    root = numpy.sqrt(square.mean(0)) / n * volume
    return [root[..., low:high].mean() if root[..., low:high].size else None for low, high in ((0, 4), (4, 12), (12, None))]


def brmse(error):
    grid = range(3, error.ndim)
    faces = [numpy.take(error, i, axis).reshape(error.shape[:3] + (-1,)) for axis in grid for i in (0, -1)]
    square = numpy.concatenate(faces, -1) ** 2
    return numpy.sqrt(square.mean(-1)).mean()


def point_scores(y, p, first, length, times):
    """Of whole arrays [N, T, C, *grid] with frame 0 in front."""
    grid = tuple(range(3, y.ndim))
    shape = y.shape[3:]
    n = numpy.prod(shape)
    e = p - y
    flat = lambda a: a.reshape(a.shape[:2] + (-1,))
    rel = numpy.sqrt((flat(e) ** 2).sum(-1) / (flat(y) ** 2).sum(-1))
    mse = (e ** 2).mean(grid)
    vrmse = numpy.sqrt(mse / (y.var(grid, ddof=1) + 1e-7))
    yc, pc = (a - a.mean(grid, keepdims=True) for a in (y, p))
    pearson = (yc * pc).sum(grid) / numpy.sqrt((yc ** 2).sum(grid) * (pc ** 2).sum(grid))
    late = slice(first, None)
    scores = {
        "rel_l2": rel[:, late].mean(), "rel_l2.std": rel[:, late].std(), "rel_l2_t0": rel[:, :1].mean(),
        "rmsre": numpy.sqrt((rel[:, late] ** 2).mean(1)).mean(),
        "mse": mse[:, late].mean(), "rmse": numpy.sqrt(mse)[:, late].mean(), "mae": abs(e).mean(grid)[:, late].mean(),
        "linf": abs(e).max(grid)[:, late].mean(),
        "nrmse_well": numpy.sqrt(mse / ((y ** 2).mean(grid) + 1e-7))[:, late].mean(), "vrmse": vrmse[:, late].mean(),
        "pearson_r": pearson[:, late].mean(),
        "mass_drift": abs(p.mean(grid) - p.mean(grid)[:, :1])[:, late].mean(),
        "mass_drift_truth": abs(y.mean(grid) - y.mean(grid)[:, :1])[:, late].mean(),
        "nrmse_pdebench": numpy.sqrt(mse / (y ** 2).mean(grid))[:, late].mean(),
        "crmse": numpy.sqrt(((p.sum(grid) - y.sum(grid)) ** 2)[:, late].mean(0)).mean() / n,
        "brmse": brmse(e[:, late]), "linf_pdebench": abs(e[:, late]).max((0, *grid)).mean(),
    }
    for name, (low, high) in {"vrmse_6_12": (6, 12), "vrmse_13_30": (13, 30)}.items():
        if first + high <= y.shape[1]:
            scores[name] = vrmse[:, first + low:first + high].mean()
    failed = (pearson < 0.8) | (vrmse > 1)
    reached = []
    for b in range(y.shape[0]):
        for c in range(y.shape[2]):
            bad = [t for t in range(first, y.shape[1]) if failed[b, t, c]]
            reached.append((times[bad[0] if bad else -1] - times[0], not bad))
    scores["valid_time"], scores["valid_to_the_end"] = numpy.mean(reached, 0)
    for name, value in zip(("low", "mid", "high"), frmse(e[:, late], numpy.prod(length))):
        scores["pdebench_frmse_" + name] = value
    error, truth = (abs(numpy.fft.fftn(a, axes=grid)) ** 2 / n ** 2 for a in (e, y))
    for name, where in zip(("low", "mid", "high"), log_bins(shape)):
        above, below = error[..., where].sum(-1)[:, late], truth[..., where].sum(-1)[:, late]
        scores["spectral_mse_" + name], scores["spectral_nmse_" + name] = above.mean(), (above / below).mean()
    return scores


def gaussian_scores(y, mean, sigma):
    w = (y - mean) / sigma
    density = numpy.exp(-w ** 2 / 2) / numpy.sqrt(2 * numpy.pi)
    return {"crps_gaussian": (sigma * (w * erf(w / math.sqrt(2)) + 2 * density - 1 / numpy.sqrt(numpy.pi))).mean(),
            "nll_gaussian": (numpy.log(2 * numpy.pi * sigma ** 2) / 2 + w ** 2 / 2).mean()}


def ensemble_scores(y, x):
    """Of members [M, N, T, C, *grid], by double sums."""
    M = len(x)
    pairs = sum(abs(a - b) for a in x for b in x).mean()
    norm = lambda a: numpy.sqrt((a.reshape(a.shape[:2] + (-1,)) ** 2).sum(-1)).mean()
    skill = abs(x - y).mean()
    spread, error = numpy.sqrt(x.var(0, ddof=1).mean()), numpy.sqrt(((x.mean(0) - y) ** 2).mean())
    ranks = numpy.bincount((x < y).sum(0).ravel(), minlength=M + 1)
    scores = {"crps_fair": skill - pairs / (2 * M * (M - 1)), "crps_biased": skill - pairs / (2 * M * M),
              "energy_score": sum(norm(a - y) for a in x) / M - sum(norm(a - b) for a in x for b in x) / (2 * M * (M - 1)),
              "spread": spread, "skill": error, "ssr_adjusted": numpy.sqrt((M + 1) / M) * spread / error,
              "reliability_index": abs(ranks / ranks.sum() - 1 / (M + 1)).sum(), "rank_histogram": ranks.tolist()}
    ordered = numpy.sort(x, 0)
    for level in LEVELS:
        left = max(1, round((100 - level) * (M + 1) / 200))
        low, high = ordered[left - 1], ordered[M - left]
        scores[f"coverage.{level}"] = ((low <= y) & (y <= high)).mean()
        scores[f"sharpness.{level}"] = (high - low).mean()
    return {**scores, **gaussian_scores(y, x.mean(0), x.std(0, ddof=1))}


def fields(shape, seed, correlated=True):
    """Random and smooth in time, with another scale and offset per channel."""
    generator = numpy.random.default_rng(seed)
    x = generator.standard_normal(shape)
    if correlated:
        x = numpy.cumsum(x, 1) / 3
    scale = numpy.array([1, 20][:shape[2]]).reshape((1, 1, -1) + (1,) * (len(shape) - 3))
    return scale * (x + 0.3)


class Fields(program.ProgramTest):
    """Two channels on a grid that is not square: truth, its clean fields, a prediction that gets worse, an ensemble."""

    def setUp(self):
        super().setUp()
        self.N, self.T, self.C, self.grid, self.length = 3, 32, 2, (10, 14), (2.0, 3.5)
        self.make()

    def make(self):
        generator = numpy.random.default_rng(5)
        shape = (self.N, self.T, self.C, *self.grid)
        self.clean = fields(shape, 1).astype("f4").astype("f8")
        scale = abs(self.clean).mean()
        noise = lambda size, of=shape: size * generator.standard_normal(of)
        self.y = (self.clean + 0.1 * noise(1)).astype("f4").astype("f8")
        growing = numpy.linspace(0.02, 1, self.T).reshape((1, -1) + (1,) * (1 + len(self.grid)))
        self.p = (self.clean + scale * growing * noise(1)).astype("f4").astype("f8")
        self.x = (self.p + 0.4 * scale * noise(1, (7, *shape)))  # no ties
        self.times = 0.25 * numpy.arange(self.T)

    def write_truth(self, name="truth.h5", y=None, clean=True, **attributes):
        y = self.y if y is None else y
        with h5py.File(self.path(name), "w") as file:
            file["test_x"] = y.astype("f4")
            if clean:
                file["test_x_clean"] = self.clean.astype("f4")
            file["test_t"] = numpy.tile(self.times[:y.shape[1]], (len(y), 1)).astype("f4")
            file.attrs.update({"length": self.length, **attributes})

    def write_forecast(self, name="forecast.h5", **changes):
        """As `msde predict` writes it; a dataset given as None is left out."""
        parts = {"t": self.times, "point": self.p, "mean": self.x.mean(0), "std": self.x.std(0, ddof=1), "members": self.x,
                 "x": numpy.zeros(14)}
        with h5py.File(self.path(name), "w") as file:
            for key, value in {**parts, **changes}.items():
                if value is not None:
                    file[key] = value


class Scores(Fields):
    def score(self, truth, prediction, *arguments, code=0):
        self.table = self.msde("score", truth, prediction, "--json", "scores.json", "--force", "-q", *arguments, code=code).stdout
        return json.loads(self.read("scores.json"))

    def compare(self, scores, expected, suffix="", rtol=1e-6):
        """Every expected number, and no other metric of the same suffix."""
        metrics = scores["metrics"]
        for name, value in expected.items():
            key, _, part = name.partition(".std")
            if suffix:
                key = key.replace("_t0", suffix + "_t0") if "_t0" in key else key.replace(".", suffix + ".") if "." in key else key + suffix
            if suffix and key not in metrics:
                self.assertIn(name.split(".")[0], ("sharpness", "spread", "mass_drift"))  # do not depend on the truth
                continue
            entry = metrics[key]
            self.assertTrue(entry["formula"] and entry["unit"], key)
            got = entry["std"] if name.endswith(".std") else entry.get("value", entry.get("mean", entry.get("counts")))
            with self.subTest(key):
                if isinstance(value, list) or value is None:
                    self.assertEqual(got, value)
                else:
                    numpy.testing.assert_allclose(got, value, rtol=rtol, atol=1e-12)
        here = {name for name in metrics if bool(suffix) == ("_clean" in name)}
        if not suffix:
            self.assertEqual(here, {name for name in expected if not name.endswith(".std")})

    def expected(self, y, p=None, x=None, first=1, length=None, times=None):
        p = self.p if p is None else p
        scores = point_scores(y, p, first, self.length if length is None else length, (self.times if times is None else times)[:y.shape[1]])
        if x is not None:
            scores.update(ensemble_scores(y[:, first:], x[:, :, first:]))
        return scores

    def test_a_dataset_and_a_forecast_with_members(self):
        self.write_truth()
        self.write_forecast()
        scores = self.score("truth.h5", "forecast.h5")
        self.compare(scores, self.expected(self.y, x=self.x))
        self.compare(scores, self.expected(self.clean, x=self.x), suffix="_clean")
        self.assertEqual((scores["schema"], scores["split"]), (1, "test"))
        for name in ("rel_l2", "coverage.90", "spectral_mse_low", "pdebench_frmse_high", "clean truth"):
            self.assertIn(name, self.table)
        # Frame by frame, frame 0 in front and apart.
        grid = (3, 4)
        numpy.testing.assert_allclose(scores["per_time"]["mse"], ((self.p - self.y) ** 2).mean((0, 2, *grid)), rtol=1e-6)
        numpy.testing.assert_allclose(scores["per_time"]["linf_pdebench"], abs(self.p - self.y).max((0, *grid)).mean(1), rtol=1e-6)
        last = ensemble_scores(self.y[:, -1:], self.x[:, :, -1:])
        for name in ("crps_fair", "ssr_adjusted", "coverage.90", "energy_score", "nll_gaussian"):
            self.assertEqual(len(scores["per_time"][name]), self.T)
            numpy.testing.assert_allclose(scores["per_time"][name][-1], last[name], rtol=1e-6)
        numpy.testing.assert_allclose(scores["per_time"]["t"], self.times, rtol=1e-6)
        for name, value in scores["t0"].items():
            self.assertEqual(value["mean"] if isinstance(value, dict) else value, scores["per_time"][name][0], name)
        self.check_spectra(scores)

    def check_spectra(self, scores):
        spectra = scores["spectra"]
        index, spacing = shells(self.grid, self.length)
        numpy.testing.assert_allclose(spectra["wavenumber"], spacing * numpy.arange(index.max() + 1), rtol=1e-12)
        of = lambda a: numpy.array([numpy.bincount(index.ravel(), (abs(numpy.fft.fft2(a[..., c, :, :])) ** 2).reshape(-1, index.size).mean(0))
                                    for c in range(self.C)]) / index.size ** 2
        late = {"truth": self.y, "prediction": self.p, "error": self.p - self.y, "members": self.x, "truth_clean": self.clean}
        for name, values in late.items():
            values = values[:, :, 1:] if name == "members" else values[:, 1:]
            numpy.testing.assert_allclose(spectra[name], of(values), rtol=1e-6)
            numpy.testing.assert_allclose(numpy.sum(spectra[name], 1), (values ** 2).mean(tuple(i for i in range(values.ndim) if i != values.ndim - 3)),
                                          rtol=1e-6)  # Plancherel
        metrics = scores["metrics"]
        bins = sum(metrics["spectral_mse_" + name]["value"] for name in ("low", "mid", "high"))
        numpy.testing.assert_allclose(bins, metrics["mse"]["value"], rtol=1e-12)

    def test_a_forecast_without_members(self):
        self.write_truth(clean=False)
        self.write_forecast(members=None)
        late = slice(1, None)
        expected = {**self.expected(self.y), **gaussian_scores(*(a[:, late] for a in (self.y, self.x.mean(0), self.x.std(0, ddof=1))))}
        self.compare(self.score("truth.h5", "forecast.h5"), expected)

    def test_arrays(self):
        """.npy and plain HDF5, recognised whatever their names; float64 is kept; the point of an ensemble is its mean."""
        x = self.x + 1e-9
        numpy.save(self.path("truth.npy"), self.y)
        numpy.save(self.path("ensemble.npy"), x)
        os.rename(self.path("ensemble.npy"), self.path("ensemble.dat"))
        numpy.save(self.path("fortran.npy"), numpy.asfortranarray(x))
        for name, dataset in (("x.h5", "x"), ("single.hdf", "fields")):
            with h5py.File(self.path(name), "w") as file:
                file.create_dataset(dataset, data=x, chunks=True, compression="gzip")
        expected = self.expected(self.y, p=x.mean(0), x=x, length=(1, 1), times=numpy.arange(self.T))
        for name in ("ensemble.dat", "fortran.npy", "x.h5", "single.hdf"):
            with self.subTest(name):
                scores = self.score("truth.npy", name)
                self.compare(scores, expected, rtol=1e-8)
                self.assertEqual(scores["metrics"]["valid_time"]["unit"], "frames")
                self.assertIsNone(scores["split"])

    def test_frames(self):
        self.write_truth(clean=False)
        self.write_forecast()
        for first, steps in ((0, 32), (5, 32), (1, 20), (3, 12)):
            with self.subTest(first=first, steps=steps):
                scores = self.score("truth.h5", "forecast.h5", "--first-frame", str(first), "--n-steps", str(steps))
                y, p, x = self.y[:, :steps], self.p[:, :steps], self.x[:, :, :steps]
                expected = self.expected(y, p=p, x=x, first=first)
                if first == 0:
                    del expected["rel_l2_t0"]
                self.compare(scores, expected)
                self.assertEqual(bool(scores["t0"]), first > 0)
        with h5py.File(self.path("short.h5"), "w") as file:
            file["x"] = self.p[:, :20]
        scores = self.score("truth.h5", "short.h5", "--n-steps", "20")
        self.compare(scores, self.expected(self.y[:, :20], p=self.p[:, :20]))
        self.refuse(3, ["[3, 20, 2, 10, 14]", "[3, 32, 2, 10, 14]", "--n-steps"], "score", "truth.h5", "short.h5")
        self.refuse(3, ["[3, 20, 2, 10, 14]"], "score", "truth.h5", "short.h5", "--n-steps", "21")
        self.refuse(2, ["first scored frame"], "score", "truth.h5", "forecast.h5", "--first-frame", "32")

    def test_other_dimensions(self):
        for grid, length in (((37,), (1.7,)), ((16,), (1.0,)), ((6, 5, 8), (1.0, 2.0, 3.0))):
            with self.subTest(grid):
                self.grid, self.length, self.C = grid, length, 2 if len(grid) == 1 else 1
                self.make()
                self.write_truth(clean=False)
                self.write_forecast()
                self.compare(self.score("truth.h5", "forecast.h5"), self.expected(self.y, x=self.x))

    def test_a_file_larger_than_a_block(self):
        """Several blocks of frames a trajectory give what one gives."""
        self.N, self.T, self.C, self.grid, self.length = 2, 34, 1, (150, 160), (1.0, 1.0)
        self.make()
        self.write_truth(clean=False)
        self.write_forecast()
        self.compare(self.score("truth.h5", "forecast.h5"), self.expected(self.y, x=self.x))

    def test_near_constant_fields_are_undefined(self):
        flat = self.y.copy()
        flat[:, :, 1] = 300 + 1e-5 * flat[:, :, 1]
        flat[0, 4, 0] = 0
        numpy.save(self.path("truth.npy"), flat)
        numpy.save(self.path("prediction.npy"), flat + 1)
        scores = self.score("truth.npy", "prediction.npy")["metrics"]
        count = self.N * (self.T - 1) + 1  # channel 1, and one field of channel 0
        self.assertEqual(scores["vrmse"]["undefined"], count)
        self.assertEqual(scores["nrmse_well"]["undefined"], 1)
        kept = [(n, t) for n in range(self.N) for t in range(1, self.T) if (n, t) != (0, 4)]
        expected = numpy.mean([1 / numpy.sqrt(flat[n, t, 0].var(ddof=1) + 1e-7) for n, t in kept])
        numpy.testing.assert_allclose(scores["vrmse"]["value"], expected, rtol=1e-6)
        numpy.save(self.path("truth.npy"), numpy.full_like(flat, 7))
        numpy.save(self.path("prediction.npy"), numpy.full_like(flat, 8))
        scores = self.score("truth.npy", "prediction.npy")["metrics"]
        for name in ("vrmse", "vrmse_6_12", "pearson_r", "spectral_nmse_high"):
            self.assertIsNone(scores[name]["value"], name)
        numpy.testing.assert_allclose(scores["rmse"]["value"], 1, rtol=1e-12)
        numpy.testing.assert_allclose(scores["nrmse_well"]["value"], 1 / 7, rtol=1e-6)
        self.assertIn("undefined", self.table)
        self.msde("score", "truth.npy", "prediction.npy", "-q", "--fail-if", "vrmse>100", code=5)

    def test_gates(self):
        self.write_truth()
        self.write_forecast()
        value = self.score("truth.h5", "forecast.h5")["metrics"]["vrmse"]["value"]
        self.score("truth.h5", "forecast.h5", "--fail-if", f"vrmse>{value * 1.01}", "--fail-if", "coverage_clean.90<0")
        missed = self.msde("score", "truth.h5", "forecast.h5", "-q", "--fail-if", f"vrmse>{value * 0.99}", code=5)
        self.assertIn("vrmse", missed.stdout)
        self.assertRegex(missed.stderr, r"\Amsde: error: quality gate missed: vrmse[^\n]*\n\Z")
        self.msde("score", "truth.h5", "forecast.h5", "-q", "--fail-if", "rel_l2.std>0", code=5)
        os.remove(self.path("scores.json"))
        for wrong in ("magic>1", "rel_l2", "rank_histogram>1", "vrmse_70_80>1"):
            self.refuse(2, [], "score", "truth.h5", "forecast.h5", "--json", "scores.json", "--fail-if", wrong)
        self.write_forecast(members=None)
        self.refuse(2, ["crps_fair", "vrmse"], "score", "truth.h5", "forecast.h5", "--json", "scores.json", "--fail-if", "crps_fair>1")
        self.assertNotIn("scores.json", self.files())


class BadFiles(Fields):
    def setUp(self):
        super().setUp()
        self.T = 4
        self.make()
        self.write_truth(clean=False)

    def test_shapes(self):
        for values in (self.p[:2], self.p[:, :, :1], self.p[..., :13], self.p[0], self.x[:, :2], self.p[None, None]):
            numpy.save(self.path("bad.npy"), values)
            self.refuse(3, ["bad.npy", ", ".join(map(str, values.shape[-5:])) + "]"], "score", "truth.h5", "bad.npy")
        for values in (numpy.zeros(3), numpy.zeros((3, 4, 2)), numpy.zeros((3, 0, 2, 5))):
            numpy.save(self.path("bad.npy"), values)
            self.refuse(3, ["bad.npy", "[N, T, C, *grid]"], "score", "bad.npy", "truth.h5")
        self.write_forecast(members=None, std=self.p[:2])
        self.refuse(3, ["forecast.h5", "'std'", "[2, 4, 2, 10, 14]"], "score", "truth.h5", "forecast.h5")
        self.write_forecast(members=None, t=numpy.arange(3.0))
        self.refuse(3, ["forecast.h5", "'t'"], "score", "truth.h5", "forecast.h5")

    def test_times(self):
        self.write_forecast(t=self.times + 0.25)
        self.refuse(3, ["forecast.h5", "frame 0", "time 0.25", "truth.h5"], "score", "truth.h5", "forecast.h5")
        self.write_forecast(t=2 * self.times)
        self.refuse(3, ["forecast.h5", "frame 1"], "score", "truth.h5", "forecast.h5")

    def test_values_that_are_not_finite(self):
        for part in ("point", "members", "mean", "std"):
            values = {"point": self.p, "members": self.x, "mean": self.x.mean(0), "std": self.x.std(0)}[part].copy()
            values.reshape(-1, 10 * 14)[-1, 3] = numpy.nan
            self.write_forecast(**({"members": None} if part in ("mean", "std") else {}), **{part: values})
            with self.subTest(part):
                self.refuse(3, ["forecast.h5", part, "trajectory 2", "nan"], "score", "truth.h5", "forecast.h5")
        numpy.save(self.path("bad.npy"), numpy.where(self.p > 5, numpy.inf, self.p))
        self.refuse(3, ["bad.npy", "inf"], "score", "truth.h5", "bad.npy")
        self.refuse(3, ["bad.npy", "inf"], "score", "bad.npy", "truth.h5")

    def test_values_that_the_truth_misses_are_in_no_score(self):
        truth = self.y.copy()
        generator = numpy.random.default_rng(2)
        truth[generator.random(truth.shape) < .3] = numpy.nan
        truth[1, 3] = self.y[1, 3]  # one whole frame
        numpy.save(self.path("gaps.npy"), truth)
        numpy.save(self.path("p.npy"), self.p)
        result = self.msde("score", "gaps.npy", "p.npy", "--json", "gaps.json")
        scores = json.loads(self.read("gaps.json"))
        missing = numpy.isnan(truth)
        self.assertIn(f"{missing.sum()} values are missing", result.stderr)
        self.assertEqual(scores["missing_values"], missing.sum())
        squares = lambda x: numpy.where(missing, 0, x ** 2)[:, 1:].reshape(*truth[:, 1:].shape[:2], -1).sum(-1)
        rel_l2 = numpy.sqrt(squares(self.p - self.y) / squares(self.y))
        self.assertAlmostEqual(scores["metrics"]["rel_l2"]["mean"] / rel_l2.mean(), 1, places=6)
        self.assertAlmostEqual(scores["metrics"]["rel_l2"]["std"] / rel_l2.std(), 1, places=5)
        self.assertIsNone(scores["spectra"]["truth"][0][0])
        # Of a prediction they are refused, and so is a snapshot without any value.
        self.refuse(3, ["gaps.npy", "nan"], "score", "p.npy", "gaps.npy")
        truth[2, 1] = numpy.nan
        numpy.save(self.path("none.npy"), truth)
        self.refuse(3, ["none.npy", "no value"], "score", "none.npy", "p.npy")

    def test_files_that_are_none(self):
        numpy.save(self.path("good.npy"), self.p)
        self.write_forecast()
        self.write("empty", b"")
        self.write("text.h5", b"hello\n")
        os.mkdir(self.path("folder"))
        with h5py.File(self.path("nothing.h5"), "w"):
            pass
        with h5py.File(self.path("two.h5"), "w") as file:
            file["a"], file["b"] = self.p, self.p
        with h5py.File(self.path("words.h5"), "w") as file:
            file["x"] = "hello"
        numpy.save(self.path("pickled.npy"), numpy.array([{}], dtype=object), allow_pickle=True)
        bad = ["absent.h5", "empty", "text.h5", "folder", "nothing.h5", "two.h5", "words.h5", "pickled.npy"]
        for name, whole in (("cut.npy", self.read("good.npy")), ("cut.h5", self.read("forecast.h5")), ("cut2.h5", self.read("truth.h5"))):
            for share in (0.01, 0.3, 0.9):
                bad.append(f"{share}{name}")
                self.write(bad[-1], whole[:int(len(whole) * share)])
        before = self.files()
        for name in bad:
            with self.subTest(name):
                self.refuse(3, [name], "score", "truth.h5", name)
                self.refuse(3, [name], "score", name, "good.npy")
        self.assertEqual(self.files(), before)

    def test_splits(self):
        self.write_forecast()
        self.refuse(3, ["truth.h5", "'val'", "test"], "score", "truth.h5", "forecast.h5", "--split", "val")

    def test_command_line(self):
        self.write_forecast()
        for words in (["--first-frame", "-1"], ["--n-steps", "x"], ["--frist-frame", "1"], ["--threads", "-1"]):
            self.refuse(2, [words[0]], "score", "truth.h5", "forecast.h5", *words)
        self.refuse(2, [], "score", "truth.h5")


if __name__ == "__main__":
    program.main()
