"""Points that are no fluid: found in files of every kind, of no weight in anything, NaN in whatever is written.

Run as: python3 mask_test.py build/release/msde
"""

import json
import os
import unittest

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets
from vtk_files import read_vti

try:
    import netCDF4
except ImportError:
    netCDF4 = None

BURGERS = os.path.join(CONFIGS, "burgers_2d.toml")
SMALL = {**TINY_TRAINING, "model.n_zeta": [3, 4], "data.generate.n_train": 1}
NY, NX = 12, 16


def body():
    """1 where there is fluid: all but a body off the middle, not square."""
    mask = numpy.ones((NY, NX), "u1")
    mask[3:8, 5:9] = 0
    return mask


def waves(n, seed, nx=NX, snapshots=21, noise=.01):
    """Two channels of waves [n, T, 2, y, x] on points spaced alike whatever nx, far from 0."""
    generator = numpy.random.default_rng(seed)
    y, x = numpy.meshgrid(numpy.arange(NY) / NY, numpy.arange(nx) / NX, indexing="ij")
    t = numpy.linspace(0, 1, snapshots)[:, None, None]
    phase = generator.uniform(0, 1, n)
    u = numpy.stack([numpy.sin(2 * numpy.pi * (x + .5 * y - t - p)) for p in phase])
    v = numpy.stack([numpy.cos(2 * numpy.pi * (x - y + t + p)) for p in phase])
    noise = noise * generator.standard_normal((n, snapshots, 2, NY, 24))[..., :nx]
    return (numpy.stack([5 + u, 30 * v - 100], 2) + noise).astype("f4"), t.ravel()


def splits(nx=NX, noise=.01):
    for number, (name, n) in enumerate({"train": 3, "val": 2, "test": 2}.items()):
        x, t = waves(n, number, nx, noise=noise)
        yield name, x, numpy.tile(t, (n, 1))


class MaskTest(program.ProgramTest):
    def dataset(self, name, solid=numpy.nan, mask=None, boundary="wall,open", fluid=None, noise=.01):
        """Native layout; `solid` stands where there is no fluid, `mask` is the dataset of that name."""
        fluid = body() if fluid is None else fluid
        with h5py.File(self.path(name), "w") as file:
            for split, x, t in splits(fluid.shape[1], noise):
                file[split + "_x"] = numpy.where(fluid, x, numpy.float32(solid))
                file[split + "_t"] = t
            file.attrs["boundary"], file.attrs["axes"] = boundary, "y,x"
            file.attrs["length"] = [1., fluid.shape[1] / NX]
            if mask is not None:
                file["mask"] = mask
        return name

    def train(self, run, data, **settings):
        self.msde("train", BURGERS, "-o", run, "-q", *sets(SMALL, {"data.path": data}, **settings))

    def scores(self, run):
        self.msde("evaluate", run, "-q", "--json", run + ".json")
        return json.loads(self.read(run + ".json"))["metrics"]


class Found(MaskTest):
    def test_in_every_way_to_say_it(self):
        """The same model to the last bit, whatever stands at points that are no fluid."""
        numpy.save(self.path("sea.npy"), body())
        numpy.save(self.path("land.npy"), 1 - body())
        ways = {"nan": ({}, {}), "own": ({"solid": 7., "mask": body()}, {}),
                "float": ({"solid": -1e9, "mask": body().astype("f8")}, {}),
                "other": ({"solid": 3.}, {"data.mask": "sea.npy"}), "not": ({"solid": 3.}, {"data.mask": "!land.npy"})}
        models = {}
        for name, (file, settings) in ways.items():
            self.dataset(name + ".h5", **file)
            self.train(name, name + ".h5", **settings)
            models[name] = self.read(name, "model", "model.safetensors")
        for name, model in models.items():
            self.assertEqual(model, models["nan"], name)

    def test_by_info_and_in_many_formats(self):
        text = self.msde("info", self.dataset("nan.h5")).stdout
        self.assertIn("mask: 172 of 192 points are fluid", text)
        self.assertRegex(text, r"train: .* values -130(\.\d+)? \.\. 6\.\d+")
        self.dataset("zero.h5", solid=0., mask=body())
        self.assertIn("mask: 172 of 192", self.msde("info", "zero.h5").stdout)
        for form, name in {"native": "a.h5", "pdebench": "b.h5", "netcdf": "c.nc"}.items():
            with self.subTest(form=form):
                axes = [] if form != "pdebench" else ["--crop", "y=0:12"]
                if form == "pdebench":  # its axes are x, y, z
                    with h5py.File(self.path("zero.h5"), "a") as file:
                        file.attrs["axes"] = "x,y"
                    axes = []
                self.msde("import", "zero.h5", "-o", name, "--format", form, "-q", *axes)
                again = self.msde("info", name).stdout
                self.assertIn("mask: 172 of 192", again)
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["mask"][:], body())
            numpy.testing.assert_array_equal(numpy.isnan(file["train_x"][1, 7, 0]), body() == 0)

    @unittest.skipUnless(netCDF4, "python3-netcdf4 is not installed")
    def test_in_netcdf(self):
        x, t = waves(1, 5)
        with netCDF4.Dataset(self.path("sea.nc"), "w", format="NETCDF3_CLASSIC") as file:
            for name, n in {"time": None, "lat": NY, "lon": NX}.items():
                file.createDimension(name, n)
            file.createVariable("time", "f8", ("time",)).units = "days since 2000-01-01"
            file["time"][:] = t * 20
            for name, n in {"lat": NY, "lon": NX}.items():
                file.createVariable(name, "f8", (name,))[:] = numpy.arange(n)
            for i, name in enumerate("uv"):
                file.createVariable(name, "f4", ("time", "lat", "lon"), fill_value=-999.)[:] = numpy.where(body(), x[0, :, i], -999)
            file.createVariable("lsm", "i2", ("lat", "lon"))[:] = 1 - body()
        # The usual order of latitudes, and the mask with its axes the other way round: it is turned as the fields are.
        with netCDF4.Dataset(self.path("sea.nc")) as whole, netCDF4.Dataset(self.path("north.nc"), "w") as file:
            for name, n in {"time": None, "lat": NY, "lon": NX}.items():
                file.createDimension(name, n)
            file.createVariable("time", "f8", ("time",)).units = "days since 2000-01-01"
            file["time"][:] = whole["time"][:]
            for name in ("lat", "lon"):
                file.createVariable(name, "f8", (name,))[:] = whole[name][::-1] if name == "lat" else whole[name][:]
            for name in "uv":
                file.createVariable(name, "f4", ("time", "lat", "lon"))[:] = whole[name][:].filled(3.)[:, ::-1]
            file.createVariable("mask", "i1", ("lon", "lat"))[:] = body()[::-1].T
        self.msde("import", "north.nc", "-o", "c.h5", "--split-time", "12,16", "-q")
        with h5py.File(self.path("c.h5")) as file:
            numpy.testing.assert_array_equal(file["mask"][:], body())
        self.assertIn("mask: 172 of 192", self.msde("info", "sea.nc").stdout)
        self.msde("import", "sea.nc", "-o", "a.h5", "--split-time", "12,16", "-q")
        self.msde("import", "sea.nc", "-o", "b.h5", "--split-time", "12,16", "--mask", "!lsm", "-q")
        with h5py.File(self.path("a.h5")) as a, h5py.File(self.path("b.h5")) as b:
            numpy.testing.assert_array_equal(a["mask"][:], body())
            numpy.testing.assert_array_equal(b["mask"][:], body())

    def test_of_several_files(self):
        for i in range(3):
            x, t = waves(1, i)
            with h5py.File(self.path(f"run{i}.h5"), "w") as file:
                file["x"], file["t"], file["mask"] = numpy.where(body(), x[0], numpy.float32(0)), t, body()
        self.assertIn("mask: 172 of 192", self.msde("info", "run*.h5").stdout)
        for i in range(3):
            with h5py.File(self.path(f"run{i}.h5"), "a") as file:
                del file["mask"]
                file["x"][...] = numpy.where(body(), file["x"][:], numpy.nan)
        self.assertIn("mask: 172 of 192", self.msde("info", "run*.h5").stdout)

    def test_a_mask_that_a_snapshot_contradicts_is_refused(self):
        """Of 41 snapshots 32 are looked at; the point that one of the others has is no land."""
        fluid = body()
        with h5py.File(self.path("ice.h5"), "w") as file:
            x, t = waves(1, 0, snapshots=401)
            x = numpy.where(fluid, x, numpy.float32("nan"))
            x[0, 7, :, 4, 6] = 1.  # the looks are at 0, 247, 94, 342, 189, 36, ..
            file["x"], file["t"] = x, numpy.tile(t, (1, 1))
        self.refuse(3, ["snapshot 7", "data.mask"], "train", BURGERS, "-o", "run",
                    *sets(SMALL, {"data.path": "ice.h5", "data.split_time": "300,350", "data.boundary": "wall"}))

    def test_seen_through_a_crop(self):
        self.dataset("a.h5")
        self.msde("import", "a.h5", "-o", "b.h5", "--crop", "y=2:8,x=6:16", "-q")
        with h5py.File(self.path("b.h5")) as file:
            numpy.testing.assert_array_equal(file["mask"][:], body()[2:8, 6:16])
        self.msde("import", "a.h5", "-o", "c.h5", "--crop", "x=9:16", "-q")
        with h5py.File(self.path("c.h5")) as file:
            self.assertNotIn("mask", file)
        self.refuse(2, ["crop", "fluid"], "import", "a.h5", "-o", "d.h5", "--crop", "y=4:6,x=6:8")

    def test_refusals(self):
        self.dataset("a.h5", solid=1.)
        numpy.save(self.path("small.npy"), body()[1:])
        numpy.save(self.path("none.npy"), 0 * body())
        for mask, words in {"nowhere": ["data.mask", "nowhere"], "small.npy": ["[11, 16]", "[12, 16]"],
                            "none.npy": ["192", "fluid"], "!": ["data.mask"]}.items():
            with self.subTest(mask=mask):
                code = 2 if mask == "!" else 3
                self.refuse(code, words, "import", "a.h5", "-o", "b.h5", "--mask", mask)
                self.refuse(code, words, "train", BURGERS, "-o", "run", *sets(SMALL, {"data.path": "a.h5", "data.mask": mask}))
        self.assertNotIn("run", os.listdir(self.folder))
        # less than a tenth of every cell
        tiny = numpy.zeros((NY, NX), "u1")
        tiny[5, 6] = 1
        self.dataset("tiny.h5", fluid=tiny)
        self.refuse(2, ["model.n_zeta", "fluid"], "train", BURGERS, "-o", "run", *sets(SMALL, {"data.path": "tiny.h5"}))

    def test_what_is_missing_now_and_then_is_no_mask(self):
        self.dataset("a.h5")
        with h5py.File(self.path("a.h5"), "a") as file:
            file["val_x"][1, 5, 1, 0, 2] = numpy.nan
        told = self.msde("info", "a.h5").stdout
        self.assertRegex(told, "val: .*, 1 of [0-9]+ missing")
        self.assertNotRegex(told, "train: .* missing")


class OfARun(MaskTest):
    def test_a_file_of_it_is_part_of_the_data(self):
        numpy.save(self.path("sea.npy"), body())
        self.dataset("a.h5", solid=3.)
        arguments = ["run", BURGERS, "-o", "run", *sets(SMALL, {"data.path": "a.h5", "data.mask": "sea.npy"})]
        self.msde(*arguments, "-q")
        first = self.read("run", "model", "model.safetensors")
        os.makedirs(self.path("elsewhere"))
        here, self.folder = self.folder, self.path("elsewhere")
        self.msde("evaluate", "../run", "-q")  # a relative name is of where it was trained
        self.folder = here
        more = body()
        more[0, 0] = 0
        numpy.save(self.path("sea.npy"), more)
        result = self.msde(*arguments, "--force", "-q")
        self.assertNotEqual(self.read("run", "model", "model.safetensors"), first, result.stderr)

    def test_other_data_are_seen_through_the_models_mask(self):
        """Under a crop, and where the array that the run was trained with is not there."""
        with h5py.File(self.path(self.dataset("a.h5", solid=3.)), "a") as file:
            file["sea"] = body()
        self.train("run", "a.h5", data__mask="sea", data__crop="x=0:12", model__n_zeta=[3, 3])
        with h5py.File(self.path(self.dataset("b.h5", solid=9.))) as file:
            self.assertNotIn("sea", file)
        for name in ("a.h5", "b.h5"):
            self.msde("evaluate", "run", "--data", name, "-q", "--json", name + ".json")
        a, b = (json.loads(self.read(name + ".json"))["metrics"] for name in ("a.h5", "b.h5"))
        self.assertEqual(a["rel_l2"], b["rel_l2"])

    def test_more_unknowns_than_fluid_are_refused(self):
        stripes = numpy.ones((NY, NX), "u1")
        stripes[1::2], stripes[:, 1::2] = 0, 0
        self.dataset("a.h5", fluid=stripes)
        self.refuse(2, ["model.n_zeta", "fluid"], "train", BURGERS, "-o", "run",
                    *sets(SMALL, {"data.path": "a.h5", "model.n_zeta": [6, 8]}))


class OfNoWeight(MaskTest):
    def test_a_wall_of_solid_is_the_end_of_the_grid(self):
        """A model of 12 x 24 points of which a third is solid is that of the 12 x 16 others.

        Of the macroscale alone: networks of microscale states see coordinates, of which each basis has its own.
        """
        wide = numpy.ones((NY, 24), "u1")
        wide[:, 16:] = 0
        self.dataset("wide.h5", fluid=wide, mask=wide, solid=1e6, noise=0)
        self.dataset("cut.h5", fluid=numpy.ones((NY, NX), "u1"), noise=0)
        settings = {"train__max_steps": 40, "rollout__max_steps": 10, "model__rank": 4, "model__n_eta": 0,
                    "model__position": "off"}  # the middle of a cell is another share of another axis
        self.train("wide", "wide.h5", model__n_zeta=[3, 6], **settings)
        self.train("cut", "cut.h5", model__n_zeta=[3, 4], **settings)
        for name in ("centre", "scale", "noise"):
            a, b = (json.loads(self.read(run, "model", "model.json"))["units"][name] for run in ("wide", "cut"))
            numpy.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7, err_msg=name)
        wide, cut = self.scores("wide"), self.scores("cut")
        for name in ("rel_l2", "rmse", "vrmse", "nrmse_well", "crps_fair", "ssr_adjusted", "energy_score"):
            a, b = (x[name]["mean"] if isinstance(x[name], dict) else x[name] for x in (wide, cut))
            of_members = name in ("crps_fair", "ssr_adjusted", "energy_score")  # their noise is numbered by the points
            self.assertAlmostEqual(a, b, delta=(5e-2 if of_members else 2e-3) * abs(b), msg=name)
        for run in ("wide", "cut"):
            self.msde("predict", run, "-o", run + ".out", "-q")
        with h5py.File(self.path("wide.out", "forecast.h5")) as a, h5py.File(self.path("cut.out", "forecast.h5")) as b:
            numpy.testing.assert_allclose(a["point"][..., :16], b["point"][:], rtol=2e-3, atol=2e-2)
            self.assertTrue(numpy.isnan(a["point"][..., 16:]).all())
            self.assertEqual(a["zeta"].shape, b["zeta"].shape)


class Written(MaskTest):
    def setUp(self):
        super().setUp()
        self.dataset("a.h5")
        self.train("run", "a.h5")

    def test_forecasts_are_nan_there_and_are_scored(self):
        self.msde("predict", "run", "-o", "out", "--members", "4", "-q")
        with h5py.File(self.path("out", "forecast.h5")) as file:
            for name in ("point", "mean", "std", "members"):
                values = file[name][:]
                self.assertTrue(numpy.isnan(values[..., body() == 0]).all(), name)
                self.assertTrue(numpy.isfinite(values[..., body() == 1]).all(), name)
        self.msde("score", "a.h5", "out/forecast.h5", "--json", "scores.json", "-q")
        with open(self.path("scores.json")) as file:
            document = json.load(file)
        self.assertEqual(document["points"], {"all": 192, "scored": 172})
        with h5py.File(self.path("a.h5")) as a, h5py.File(self.path("out", "forecast.h5")) as b:
            truth, point = (x[:][:, 1:, :, body() == 1].astype("f8") for x in (a["test_x"], b["point"]))
        error = numpy.sqrt(((truth - point) ** 2).sum((2, 3)) / (truth ** 2).sum((2, 3))).mean()
        self.assertAlmostEqual(document["metrics"]["rel_l2"]["mean"], error, delta=1e-6 * error)
        self.assertAlmostEqual(document["metrics"]["rel_l2"]["mean"], self.scores("run")["rel_l2"]["mean"], delta=1e-5)
        self.assertIsNone(document["spectra"]["truth"][0][0])
        self.assertIsNone(document["metrics"]["brmse"]["value"])

    def test_images(self):
        self.msde("predict", "run", "-o", "images", "--format", "vti", "-q")
        _, arrays = read_vti(self.path("images", "forecast_0000", "0003.vti"))
        fields = {name: values for name, values in arrays.items() if values.size == NY * NX}
        self.assertIn("mean_0", fields)
        for name, values in fields.items():
            numpy.testing.assert_array_equal(numpy.isnan(values.reshape(NY, NX)), body() == 0, name)

    def test_forecasts_from_a_start(self):
        x, _ = waves(1, 9)
        starts = {"nan.npy": numpy.where(body(), x[0, 0], numpy.nan), "zero.npy": numpy.where(body(), x[0, 0], 0)}
        points = []
        for name, start in starts.items():
            numpy.save(self.path(name), start.astype("f4"))
            self.msde("predict", "run", "--from", name, "--t-end", ".25", "-o", name + ".out", "-q")
            with h5py.File(self.path(name + ".out", "forecast.h5")) as file:
                points.append(file["point"][:])
        numpy.testing.assert_array_equal(*points)
        hole = starts["zero.npy"].astype("f4")
        hole[1, 0, 3] = numpy.nan
        numpy.save(self.path("hole.npy"), hole)
        self.msde("predict", "run", "--from", "hole.npy", "--t-end", ".25", "-o", "hole", "-q")
        with h5py.File(self.path("hole", "forecast.h5")) as file:
            here = numpy.isfinite(file["point"][:])
            numpy.testing.assert_array_equal(here, numpy.isfinite(points[0]))
            self.assertLess(abs(file["point"][:] - points[0])[here].max(), .2 * abs(points[0][here]).max())

    def test_other_data_with_more_fluid_are_seen_through_the_models_mask(self):
        self.dataset("all.h5", solid=4.)
        self.msde("evaluate", "run", "--data", "all.h5", "-q", "--json", "all.json")
        self.msde("evaluate", "run", "-q", "--json", "own.json")
        a, b = (json.loads(self.read(name))["metrics"]["rel_l2"] for name in ("all.json", "own.json"))
        self.assertEqual(a, b)
        more = body()
        more[0, 0] = 0
        self.dataset("less.h5", fluid=more)
        self.refuse(3, ["1 points", "fluid"], "evaluate", "run", "--data", "less.h5")


class PublishedLayers(MaskTest):
    def test_learn_around_a_body(self):
        """The paper preset, whose convolutions see the body's points as 0: the same whatever stands there, and it learns."""
        fluid = numpy.ones((16, 24), "u1")
        fluid[5:10, 8:13] = 0
        y, x = numpy.meshgrid(numpy.arange(16) / 16, numpy.arange(24) / 16, indexing="ij")
        t = numpy.linspace(0, 1, 31)[:, None, None]
        for name, solid in (("nan.h5", numpy.nan), ("junk.h5", 1e6)):
            generator = numpy.random.default_rng(1)
            with h5py.File(self.path(name), "w") as file:
                for split, n in (("train", 4), ("val", 1), ("test", 1)):
                    phase = generator.uniform(0, .2, n)
                    u = numpy.stack([numpy.sin(2 * numpy.pi * (x + .5 * y - t - p)) for p in phase])[:, :, None]
                    u = u + .01 * generator.standard_normal(u.shape)
                    file[split + "_x"] = numpy.where(fluid, u, solid).astype("f4")
                    file[split + "_t"] = numpy.tile(t.ravel(), (n, 1))
                file.attrs["boundary"], file.attrs["axes"] = "wall,open", "y,x"
                file["mask"] = fluid
        paper = {"model.preset": "paper", "model.n_zeta": [4, 6], "train.window": 8, "rollout.stride": 5, "rollout.stride_min": 5,
                 "rollout.horizon_start": 5, "rollout.horizon_end": 15}
        for run in ("nan", "junk"):
            self.train(run, run + ".h5", **paper)
        self.assertEqual(self.read("nan/model/model.safetensors"), self.read("junk/model/model.safetensors"))
        self.train("more", "nan.h5", **{**paper, "train.max_steps": 60, "rollout.max_steps": 20, "rollout.validate_every": 10})
        self.assertLess(self.scores("more")["rel_l2"]["mean"], .7 * self.scores("nan")["rel_l2"]["mean"])
        self.msde("predict", "nan", "-o", "out", "-q", "--members", "3")
        with h5py.File(self.path("out/forecast.h5")) as file:
            self.assertTrue(numpy.isnan(file["point"][()][..., fluid == 0]).all())
            self.assertTrue(numpy.isfinite(file["point"][()][..., fluid == 1]).all())


if __name__ == "__main__":
    program.main()
