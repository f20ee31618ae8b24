"""Files of other codes: recognised by content, imported, read in place, written back, refused in one line.

The files are made by h5py alone, on grids whose axes differ in length and values, so that a swapped axis fails.
Run as: python3 import_test.py build/release/msde
"""

import json
import os
import random
import resource
import signal
import subprocess
import time
import unittest

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, environment, sets

KDV = os.path.join(CONFIGS, "kdv_1d.toml")
TINY_2D = {**TINY_TRAINING, "case.name": "mine", "model.n_zeta": "[8,6]", "model.n_sigma": 2, "model.n_eta": 2,
           "train.window": 4, "train.windows_per_step": 2}


def centres(low, high, n):
    return (low + (high - low) * (numpy.arange(n) + 0.5) / n).astype("f4")


def hump(n_trajectories, n_snapshots, shape=(64, 48), channels=1, seed=0):
    """[N, T, C, *grid]: no axis is like another, no two values are like each other."""
    generator = numpy.random.default_rng(seed)
    x = numpy.arange(shape[0])[:, None] / shape[0]
    y = numpy.arange(shape[1])[None] / shape[1]
    u = numpy.empty((n_trajectories, n_snapshots, channels, *shape), "f4")
    for n in range(n_trajectories):
        width = generator.uniform(0.1, 0.2)
        for t in range(n_snapshots):
            for c in range(channels):
                centre = 0.3 + 0.4 * t / n_snapshots
                u[n, t, c] = 1 + c + numpy.exp(-((x - centre) ** 2 + 2 * (y - 0.4) ** 2) / width ** 2)
    return u


def write_seed_groups(path, fields, first=0, changes=None, config=None, channels_last=True, points=None, **options):
    """fields [N, T, C, X, Y] as 2D_rdb_NA_NA.h5 has them: a group per trajectory, [t, x, y, c].

    `changes` maps (group number, name in the group) to an array that replaces it, or to None, which leaves it out.
    """
    axes = "xyz"[:fields.ndim - 3]
    points = points or [centres(-2.5, 2.5, fields.shape[3]), centres(0, 2, 48), centres(0, 1, 8)]
    with h5py.File(path, "w") as file:
        for n, u in enumerate(fields):
            group = file.create_group(f"{n + first:04}")
            data = numpy.moveaxis(u, 1, -1)
            parts = {"data": data if channels_last else data[..., 0], "grid/t": numpy.linspace(0, 1, len(u)).astype("f4")}
            for axis, values in zip(axes, points):
                parts["grid/" + axis] = values
            parts.update({name: values for (number, name), values in (changes or {}).items() if number == n})
            for name, values in parts.items():
                if values is not None:
                    group.create_dataset(name, data=values, **(options if name == "data" else {}))
            if config:
                group.attrs["config"] = config


def write_flat(path, arrays, points, times, **attributes):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
        for axis, values in zip("xyz", points):
            file[axis + "-coordinate"] = values
        if times is not None:
            file["t-coordinate"] = times
        for name, value in attributes.items():
            file.attrs[name] = value


class EndsThatDiffer(program.ProgramTest):
    """An axis with a wall at its low end and none at the other, from the file to the forecast."""

    def boundary(self, name):
        with h5py.File(self.path(name)) as file:
            return file.attrs["boundary"]

    def write(self, words):
        program.write_dataset(self.path("data.h5"), n_points=64)
        with h5py.File(self.path("data.h5"), "a") as file:
            file.attrs["boundary"] = words

    def test_written_and_read(self):
        self.write("wall:open")
        self.assertIn("length 1, wall:open\n", self.msde("info", "data.h5").stdout)
        for words, expected in (([], "wall:open"), (["--crop", "x=0:32"], "wall:open"), (["--crop", "x=32:64"], "open"),
                                (["--boundary", "open:wall"], "open:wall"), (["--boundary", "open:open"], "open")):
            self.msde("import", "data.h5", "-o", "copy.h5", "--force", "-q", *words)
            self.assertEqual(self.boundary("copy.h5"), expected)
        self.msde("import", "data.h5", "-o", "groups.h5", "-q", "--format", "pdebench")
        self.msde("import", "groups.h5", "-o", "back.h5", "-q", "--split", "3,2,2")
        self.assertEqual(self.boundary("back.h5"), "wall:open")
        self.refuse(2, ["periodic"], "import", "data.h5", "-o", "no.h5", "--boundary", "periodic:open")
        self.write("wall:periodic")
        self.refuse(3, ["data.h5", "boundary", "wall and periodic"], "info", "data.h5")

    def test_trained(self):
        self.write("wall:open")
        small = {**TINY_TRAINING, "case.name": "mine", "model.n_zeta": 8, "model.n_sigma": 2, "data.path": "data.h5"}
        for preset in ("reduced", "paper"):
            models = []
            for boundary in ("", "wall", "open", "wall:open"):
                run = f"{preset}-{boundary.replace(':', '-')}"
                self.msde("run", KDV, "-o", run, "-q", *sets(small, model__preset=preset, data__boundary=boundary))
                with open(self.path(run, "model", "model.json")) as file:
                    self.assertEqual(json.load(file)["grid"]["boundary"], [boundary or "wall:open"])
                with open(self.path(run, "model", "model.safetensors"), "rb") as file:
                    models.append(file.read())
            self.assertEqual(models[0], models[3])
            self.assertEqual(len(set(models)), 3)
            self.msde("predict", f"{preset}-", "-o", "forecast-" + preset, "-q")
            self.assertEqual(self.boundary(f"forecast-{preset}/forecast.h5"), "wall:open")


class Imports(program.ProgramTest):
    def test_seed_groups(self):
        u = hump(6, 5)
        write_seed_groups(self.path("rdb.h5"), u, config="sim:\n  n_time_steps: 100\n")
        self.assertEqual(self.msde("import", "rdb.h5", "-o", "data/rdb.h5", "--split", "3,2,1", "-q").stdout, "data/rdb.h5\n")
        with h5py.File(self.path("data/rdb.h5")) as file:
            for split, rows in (("train", slice(0, 3)), ("val", slice(3, 5)), ("test", slice(5, 6))):
                numpy.testing.assert_array_equal(file[split + "_x"][()], u[rows])
                numpy.testing.assert_array_equal(file[split + "_t"][0], numpy.linspace(0, 1, 5).astype("f4"))
                self.assertNotIn(split + "_x_clean", file)
            self.assertEqual(file.attrs["axes"], "x,y")
            self.assertEqual(file.attrs["boundary"], "open,open")
            numpy.testing.assert_allclose(file.attrs["length"], [5, 2], rtol=1e-6)
            numpy.testing.assert_allclose(file.attrs["origin"], [-2.5 + 5 / 128, 1 / 48], rtol=1e-6)
            numpy.testing.assert_allclose(file.attrs["spacing"], [5 / 64, 2 / 48], rtol=1e-6)
        text = self.msde("info", "rdb.h5").stdout
        for words in ("format: PDEBench, a group per trajectory\n", "grid: 64 x 48 points, 1 channels\n",
                      "axis x: 64 points -2.460938 .. 2.460938, spacing 0.078125, length 5, open (assumed",
                      "axis y: 48 points", "dt: 0.25\n", "6 trajectories x 5 snapshots, t 0 .. 1, values 1 .. ",
                      "config:   n_time_steps: 100\n", "--split 4,1,1", "data.split = [4, 1, 1]", "data.boundary = \"open,open\""):
            self.assertIn(words, text)
        self.assertIn("format: msde dataset\n", self.msde("info", "data/rdb.h5").stdout)

    def test_keys_from_one_and_no_channels(self):
        u = hump(4, 5)
        write_seed_groups(self.path("a.hdf5"), u, first=1, channels_last=False, compression="gzip")
        self.msde("import", "a.hdf5", "-o", "a.h5", "--split", "2,1,1", "-q")
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["val_x"][()], u[2:3])

    def test_groups_are_in_the_order_of_their_numbers(self):
        u = hump(3, 5)
        write_seed_groups(self.path("a.h5"), u, first=9998)
        self.msde("import", "a.h5", "-o", "b.h5", "--split", "1,1,1", "-q")
        with h5py.File(self.path("b.h5")) as file:
            numpy.testing.assert_array_equal(file["val_x"][()], u[1:2])
            numpy.testing.assert_array_equal(file["test_x"][()], u[2:])

    def test_two_channels_and_one_axis(self):
        u = hump(2, 5, channels=2)
        write_seed_groups(self.path("rd.h5"), u, config="boundary: wall,open\ncase: mine\n")
        self.msde("import", "rd.h5", "-o", "a.h5", "--split", "1,1,0", "-q")
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["val_x"][()], u[1:])
            self.assertNotIn("test_x", file)
            self.assertEqual((file.attrs["boundary"], file.attrs["case"]), ("wall,open", "mine"))
        line = hump(2, 5, (64, 1))[..., 0]
        write_seed_groups(self.path("sorp.h5"), line)
        self.msde("import", "sorp.h5", "-o", "b.h5", "--split", "1,1,0", "-q")
        with h5py.File(self.path("b.h5")) as file:
            numpy.testing.assert_array_equal(file["train_x"][()], line[:1])
            self.assertEqual(file.attrs["axes"], "x")

    def test_flat_1d(self):
        u = hump(4, 5, (64, 1))[:, :, 0, :, 0]
        write_flat(self.path("burgers.hdf5"), {"tensor": u}, [centres(0, 1, 64)], numpy.arange(6, dtype="f4") / 4, Nu=0.01)
        self.msde("import", "burgers.hdf5", "-o", "a.h5", "--split", "2,1,1", "-q")
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["train_x"][:, :, 0], u[:2])
            numpy.testing.assert_array_equal(file["train_t"][0], numpy.arange(5, dtype="f4") / 4)
            numpy.testing.assert_array_equal(file["test_mu"][()], numpy.float32([[0.01]]))
            self.assertEqual((file.attrs["boundary"], file.attrs["parameters"]), ("periodic", "Nu"))
        text = self.msde("info", "burgers.hdf5").stdout
        for words in ("PDEBench, flat arrays", "Nu = 0.01", "parameters mu: 1 (Nu)", "periodic (assumed", "one time more"):
            self.assertIn(words, text)
        # [1, N, T, X] of the generator itself.
        write_flat(self.path("own.hdf5"), {"tensor": u[None]}, [centres(0, 1, 64)], numpy.arange(6, dtype="f4") / 4, Nu=0.01)
        result = self.msde("import", "own.hdf5", "-o", "b.h5", "--split", "2,1,1")
        self.assertIn("first axis is left out", result.stderr)
        self.assertEqual(self.read("b.h5"), self.read("a.h5"))

    def test_flat_fluid(self):
        names = ("density", "pressure", "Vx", "Vy")
        u = hump(3, 5, channels=4)
        write_flat(self.path("cfd.hdf5"), {name: u[:, :, c] for c, name in enumerate(names)},
                   [centres(0, 1, 64), centres(0, 2, 48)], numpy.linspace(0, 1, 5).astype("f4"), eta=0.1, zeta=0.2, M=0.5)
        self.msde("import", "cfd.hdf5", "-o", "a.h5", "--split", "1,1,1", "-q", "--boundary", "periodic,wall")
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["test_x"][()], u[2:])
            numpy.testing.assert_array_equal(file["train_mu"][()], numpy.float32([[0.5, 0.1, 0.2]]))
            self.assertEqual(file.attrs["channels"], "density,pressure,Vx,Vy")
            self.assertEqual((file.attrs["axes"], file.attrs["boundary"]), ("x,y", "periodic,wall"))
        self.assertIn("4 channels (density, pressure, Vx, Vy)", self.msde("info", "a.h5").stdout)
        box = numpy.random.default_rng(0).standard_normal((2, 4, 8, 6, 5)).astype("f4")
        write_flat(self.path("box.hdf5"), {"density": box, "Vz": -box}, [centres(0, 1, n) for n in (8, 6, 5)],
                   numpy.linspace(0, 1, 5).astype("f4"))
        self.msde("import", "box.hdf5", "-o", "b.h5", "--split", "1,1,0", "-q", "--crop", "z=1:4,x=2:8")
        with h5py.File(self.path("b.h5")) as file:
            numpy.testing.assert_array_equal(file["val_x"][0, :, 1], -box[1, :, 2:8, :, 1:4])
            self.assertEqual((file.attrs["axes"], file.attrs["boundary"]), ("x,y,z", "open,periodic,open"))
            numpy.testing.assert_allclose(file.attrs["origin"], [2.5 / 8, 0.5 / 6, 1.5 / 5], rtol=1e-6)

    def test_noise_subtract_and_crop(self):
        u = hump(4, 5)
        write_seed_groups(self.path("rdb.h5"), u)
        look = ["--subtract", "1", "--noise", "0.01", "--split", "2,1,1", "-q"]
        self.msde("import", "rdb.h5", "-o", "a.h5", *look)
        self.msde("import", "rdb.h5", "-o", "cut.h5", *look, "--crop", "y=10:30")
        self.msde("import", "rdb.h5", "-o", "other.h5", *look, "--seed", "1")
        with h5py.File(self.path("a.h5")) as a, h5py.File(self.path("cut.h5")) as cut, h5py.File(self.path("other.h5")) as other:
            numpy.testing.assert_array_equal(a["train_x_clean"][()], u[:2] - 1)
            noise = a["train_x"][()] - a["train_x_clean"][()]
            self.assertAlmostEqual(noise.std(), 0.01, delta=2e-4)
            self.assertLess(abs(noise.mean()), 1e-4)
            self.assertFalse((noise[0] == noise[1]).any(axis=(1, 2, 3)).all())
            self.assertEqual((a.attrs["noise_std"], a.attrs["seed"]), (0.01, 0))
            numpy.testing.assert_array_equal(cut["train_x"][()], a["train_x"][..., 10:30])
            self.assertGreater(numpy.abs(other["train_x"][()] - a["train_x"][()]).max(), 0.01)
        self.refuse(2, ["cut.h5", "observations already", "--noise"], "import", "cut.h5", "-o", "b.h5", "--noise", "0.1")
        self.refuse(2, ["cut.h5", "splits of its own", "--split"], "import", "cut.h5", "-o", "b.h5", "--split", "1,1,1")
        self.msde("import", "a.h5", "-o", "again.h5", "-q", "--crop", "y=10:30")
        with h5py.File(self.path("again.h5")) as again, h5py.File(self.path("cut.h5")) as cut:
            for name in cut:
                numpy.testing.assert_array_equal(again[name][()], cut[name][()])
            self.assertEqual(dict(again.attrs).keys(), dict(cut.attrs).keys())

    def test_round_trip_of_generated_data(self):
        """What generate writes in both layouts is the same after import: clean and, drawn again, noisy."""
        small = ["--set", "n_train=2", "--set", "n_val=1", "--set", "n_test=1", "--set", "n_steps=5", "-q", "--seed", "3"]
        self.msde("generate", "shallow_water_2d", "-o", "native.h5", *small)
        self.msde("generate", "shallow_water_2d", "-o", "pdebench.h5", "--format", "pdebench", *small)
        with h5py.File(self.path("native.h5")) as native, h5py.File(self.path("pdebench.h5")) as file:
            self.assertEqual(sorted(file), ["0000", "0001", "0002", "0003"])
            group = file["0003"]
            self.assertEqual((group["data"].shape, group["data"].dtype), ((5, 128, 128, 1), numpy.float32))
            numpy.testing.assert_allclose(group["data"][..., 0], native["test_x_clean"][0, :, 0] + 1, atol=2e-7)
            numpy.testing.assert_allclose(group["grid/x"], centres(-2.5, 2.5, 128), atol=1e-6)
            numpy.testing.assert_allclose(group["grid/t"], numpy.linspace(0, 1, 5), atol=1e-7)
            self.assertIsInstance(group.attrs["config"], str)
        self.msde("import", "pdebench.h5", "-o", "back.h5", "--split", "2,1,1", "--subtract", "1", "--noise", "0.01", "-q",
                  "--seed", "3")
        with h5py.File(self.path("native.h5")) as native, h5py.File(self.path("back.h5")) as back:
            for split in ("train", "val", "test"):
                for part in ("x", "x_clean", "t"):
                    numpy.testing.assert_allclose(back[f"{split}_{part}"][()], native[f"{split}_{part}"][()], atol=3e-7)
            for name in ("case", "axes", "boundary", "noise_std", "seed"):
                self.assertEqual(back.attrs[name], native.attrs[name])
            numpy.testing.assert_allclose(back.attrs["length"], native.attrs["length"])
        self.msde("import", "back.h5", "-o", "there.h5", "--format", "pdebench", "-q")
        with h5py.File(self.path("there.h5")) as there, h5py.File(self.path("pdebench.h5")) as file:
            for key in file:
                numpy.testing.assert_allclose(there[key]["data"][()], file[key]["data"][()], atol=2e-7)
                self.assertEqual(there[key].attrs["config"], file[key].attrs["config"])

    def test_many_groups_open_fast(self):
        u = hump(1, 3, (6, 5))
        write_seed_groups(self.path("many.h5"), numpy.repeat(u, 1000, axis=0), points=[centres(0, 1, 6), centres(0, 1, 5)])
        start = time.time()
        self.assertIn("1000 trajectories", self.msde("info", "many.h5").stdout)
        self.assertLess(time.time() - start, 20)  # under a second on an idle machine
        self.msde("import", "many.h5", "-o", "a.h5", "--split", "900,50,50", "-q")

    def test_a_signal_leaves_nothing(self):
        write_seed_groups(self.path("rdb.h5"), hump(60, 11))
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = self.start("import", "rdb.h5", "-o", "a.h5", "--split", "40,10,10", "--noise", "0.1")
            while process.poll() is None and not any(".tmp-" in name for name in self.files()):
                time.sleep(0.005)
            process.send_signal(number)
            _, error = process.communicate(timeout=120)
            self.assertIn(process.returncode, (code, 0), error)
            if process.returncode == 0:
                os.remove(self.path("a.h5"))
            self.assertEqual(self.files(), ["rdb.h5"])

    def test_full_disk(self):
        write_seed_groups(self.path("rdb.h5"), hump(4, 5))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))

        for form in ("native", "pdebench"):
            result = self.msde("import", "rdb.h5", "-o", "a.h5", "--split", "2,1,1", "--boundary", "open", "--format", form, "-q", code=3, preexec_fn=limit)
            self.assertRegex(result.stderr, r"\Amsde: error: [^\n]*File too large[^\n]*\n\Z")
            self.assertEqual(self.files(), ["rdb.h5"])

    def test_score_reads_them(self):
        u = hump(3, 5)
        write_seed_groups(self.path("rdb.h5"), u)
        numpy.save(self.path("close.npy"), u + numpy.float32(0.01))
        self.msde("score", "rdb.h5", "close.npy", "--json", "scores.json", "-q")
        scores = json.loads(self.read("scores.json"))
        self.assertAlmostEqual(scores["metrics"]["linf"]["value"], 0.01, delta=1e-6)


class InPlace(program.ProgramTest):
    def test_training_in_place_is_training_on_the_import(self):
        write_seed_groups(self.path("rdb.h5"), hump(5, 11))
        self.msde("import", "rdb.h5", "-o", "data.h5", "--split", "3,1,1", "--subtract", "1", "--noise", "0.01", "--crop",
                  "x=0:32", "-q")
        look = {"data.path": "rdb.h5", "data.split": "[3,1,1]", "data.subtract": 1, "data.noise": 0.01, "data.crop": "x=0:32"}
        self.msde("run", KDV, "-o", "imported", "-q", *sets(TINY_2D, data__path="data.h5"))
        self.msde("run", KDV, "-o", "inplace", "-q", *sets(TINY_2D, look))
        self.assertEqual(self.read("imported/model/model.safetensors"), self.read("inplace/model/model.safetensors"))
        metrics = [json.loads(self.read(run, "eval/metrics.json"))["metrics"] for run in ("imported", "inplace")]
        self.assertEqual(metrics[0], metrics[1])
        self.assertIn("rel_l2_clean", metrics[1])
        self.msde("predict", "inplace", "-o", "p", "--members", "2", "-q")
        self.msde("predict", "imported", "-o", "q", "--members", "2", "-q")
        with h5py.File(self.path("p/forecast.h5")) as p, h5py.File(self.path("q/forecast.h5")) as q:
            numpy.testing.assert_array_equal(p["members"][()], q["members"][()])
        # Another file: of the same kind through the same view, a dataset as it is.
        self.assertEqual(self.msde("evaluate", "inplace", "--data", "data.h5").stdout.split("peak")[0].split("predict_s")[0],
                         self.msde("evaluate", "inplace", "--data", "rdb.h5").stdout.split("peak")[0].split("predict_s")[0])
        # A run is of one view.
        for key, value in (("data.split", "[2,1,1]"), ("data.noise", 0.02), ("data.seed", 1), ("data.subtract", 0),
                           ("data.crop", "x=32:64"), ("data.boundary", "wall")):
            self.refuse(2, ["inplace", key], "train", KDV, "-o", "inplace", "--resume", *sets(TINY_2D, {**look, key: value}))
        self.msde("compare", KDV, "-o", "table", "--models", "persistence,multiscale", "--seeds", "1", "-q", *sets(TINY_2D, look))
        self.assertEqual(self.read("table/runs/multiscale/seed-0/model/model.safetensors"),
                         self.read("inplace/model/model.safetensors"))

    def test_refusals(self):
        write_seed_groups(self.path("rdb.h5"), hump(5, 5))
        look = {"data.path": "rdb.h5", "data.split": "[3,1,1]"}
        for words, change in ((["rdb.h5", "data.split = [3, 1, 1]", "--split 3,1,1"], {"data.split": "[]"}),
                              (["rdb.h5", "data.split", "5 trajectories"], {"data.split": "[3,2,1]"}),
                              (["rdb.h5", "data.split", "expected 3"], {"data.split": "[3,2]"}),
                              (["data.crop", "x=5"], {"data.crop": "x=5"}), (["crop w=0:5", "x, y"], {"data.crop": "w=0:5"}),
                              (["crop y=0:64", "48 points"], {"data.crop": "y=0:64"}),
                              (["slippery"], {"data.boundary": "slippery"}), (["boundary", "3 words"], {"data.boundary": "open,open,open"}),
                              (["data.path"], {"data.path": ""}), (["data.noise"], {"data.noise": -1})):
            with self.subTest(change):
                self.refuse(2, words, "train", KDV, "-o", "out", *sets(TINY_2D, {**look, **change}))
        self.refuse(3, ["rdb.h5", "val"], "train", KDV, "-o", "out", *sets(TINY_2D, look, data__split="[5,0,0]"))
        for words in (["--split", "1,x,1"], ["--split", "1,1"], ["--crop", "x"], ["--crop", "x=5:6"], ["--crop", "x=0:9,x=0:9"],
                      ["--noise", "-1"], ["--noise", "inf"], ["--format", "zip"], ["--subtract", "nan"], ["--seed", "-1"]):
            self.refuse(2, [words[0]], "import", "rdb.h5", "-o", "a.h5", *(["--split", "1,1,1"] if words[0] != "--split" else []), *words)
        self.refuse(2, ["rdb.h5", "read by this command"], "import", "rdb.h5", "-o", "./rdb.h5", "--split", "1,1,1")
        self.assertEqual(self.files(), ["rdb.h5"])


class BadFiles(program.ProgramTest):
    def refuse_file(self, words, name="bad.h5"):
        before = self.files()
        self.refuse(3, [name, *words], "info", name)
        self.refuse(3, [name, *words], "import", name, "-o", "a.h5", "--split", "1,1,1")
        self.refuse(3, [name, *words], "train", KDV, "-o", "out", *sets(TINY_2D, data__path=name, data__split="[1,1,1]"))
        self.assertEqual(self.files(), before)

    def test_seed_groups(self):
        u = hump(3, 5)
        good = numpy.moveaxis(u, 2, -1)
        x, y, t = centres(-2.5, 2.5, 64), centres(0, 2, 48), numpy.linspace(0, 1, 5).astype("f4")
        uneven = x.copy()
        uneven[7] += 0.01
        for words, changes in (
                (["'0002'", "no 'data'"], {(2, "data"): None}),
                (["'0000/data'", "[5, 48, 64, 1]", "'0000/grid/x' has 64 points", "swapped"], {(0, "data"): good[0].swapaxes(1, 2)}),
                (["'0001/data'", "[5, 48, 64, 1]", "'0000/data'"], {(1, "data"): good[1].swapaxes(1, 2)}),
                (["'0001/data'", "[4, 64, 48, 1]"], {(1, "data"): good[1][:4]}),
                (["'0002/grid/x'", "'0000/grid/x'", "one grid"], {(2, "grid/x"): x + numpy.float32(0.1)}),
                (["'0002/grid/y'", "40 points", "48"], {(2, "grid/y"): y[:40]}),
                (["'0000/grid/x'", "point 7", "spacing"], {(0, "grid/x"): uneven}),
                (["'0000/grid/x'", "increasing"], {(0, "grid/x"): x[::-1]}),
                (["'0000/grid/y'", "nan"], {(0, "grid/y"): numpy.full(48, numpy.nan, "f4")}),
                (["'0000/grid/t'", "missing"], {(0, "grid/t"): None}),
                (["'0001/grid/t'", "missing"], {(1, "grid/t"): None}),
                (["'0001/grid/t'", "6 times", "5"], {(1, "grid/t"): numpy.arange(6.)}),
                (["'0001/grid/t'", "increasing"], {(1, "grid/t"): numpy.array([0, 1, 2, 2, 3.])}),
                (["'0000/grid/t'", "increasing"], {(0, "grid/t"): t[::-1]}),
                (["'0000/data'", "5 axes"], {(0, "data"): good[0][None]}),
                (["'0000/data'", "not numbers"], {(0, "data"): "hello"}),
                (["'0000/grid'", "no coordinates"], {(n, "grid/" + axis): None for n in range(3) for axis in "xy"}),
                (["'0000/data'", "expected [t, x, c]"], {(0, "grid/y"): None})):
            with self.subTest(words):
                write_seed_groups(self.path("bad.h5"), u, changes=changes)
                self.refuse_file(words)
        u[2, 3, 0, 5, 6] = numpy.inf
        write_seed_groups(self.path("bad.h5"), u)
        self.refuse(3, ["'0002/data', snapshot 3", "inf"], "info", "bad.h5")
        self.refuse(3, ["'0002/data', snapshot 3", "inf"], "train", KDV, "-o", "out",
                    *sets(TINY_2D, data__path="bad.h5", data__split="[1,1,1]"))

    def test_flat(self):
        u = hump(3, 5)[:, :, 0]
        points, t = [centres(0, 1, 64), centres(0, 2, 48)], numpy.linspace(0, 1, 5).astype("f4")
        for words, arrays, axes, times in (
                (["t-coordinate", "missing"], {"tensor": u}, points, None),
                (["steady", "Darcy"], {"tensor": u[:, :1], "nu": u[:, 0]}, points, None),
                (["'tensor'", "1 snapshots"], {"tensor": u[:, :1]}, points, t[:1]),
                (["t-coordinate", "7 times", "5"], {"tensor": u}, points, numpy.arange(7.)),
                (["t-coordinate", "4 times", "5"], {"tensor": u}, points, t[:4]),
                (["x-coordinate", "swapped"], {"tensor": u.swapaxes(2, 3)}, points, t),
                (["'tensor'", "[3, 5, 64, 48]"], {"tensor": u}, points[:1], t),
                (["'x-coordinate'", "missing"], {"tensor": u}, [], t),
                (["'pressure'", "'density'"], {"density": u, "pressure": u[:2]}, points, t),
                (["'tensor'", "'density'"], {"density": u, "tensor": u}, points, t),
                (["'tensor'", "at least one trajectory"], {"tensor": u[:0]}, points, t)):
            with self.subTest(words):
                write_flat(self.path("bad.h5"), arrays, axes, times)
                self.refuse_file(words)
        write_flat(self.path("bad.h5"), {"tensor": u}, points, t, Nu=numpy.nan)
        self.refuse_file(["@Nu", "finite"])

    def test_files_of_nobody(self):
        with h5py.File(self.path("bad.h5"), "w") as file:
            file["velocity"] = numpy.zeros((4, 10, 8, 8, 2))
            file["particles"] = numpy.zeros((4, 10, 8, 8, 1))
            file["t"] = numpy.zeros((4, 10))
            file["more/inside"] = 1
        self.refuse_file(["looked for", "train_x", "'data'", "'tensor'", "[more/, particles, t, velocity]"])

    def test_huge_claims(self):
        """Headers of a few kilobytes that claim terabytes: refused at once, in little memory."""
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))

        huge = {"tensor": (1 << 24, 1 << 20, 64), "density": (1 << 40, 5, 64)}
        for name, shape in huge.items():
            with h5py.File(self.path("bad.h5"), "w") as file:
                file.create_dataset(name, shape, "f4", chunks=(1, 5, 64))
                file["x-coordinate"] = centres(0, 1, 64)
                file.create_dataset("t-coordinate", shape[1:2], "f4", chunks=(5,))
            self.refuse(3, ["bad.h5", name, "never completely written"], "info", "bad.h5", preexec_fn=limit)
            self.refuse_file([name])
        u = hump(2, 5)
        for where in ("data", "grid/x", "grid/t"):
            write_seed_groups(self.path("bad.h5"), u, changes={(n, where): None for n in range(2)})
            with h5py.File(self.path("bad.h5"), "a") as file:
                for group in file.values():
                    group.create_dataset(where, (1 << 30,) * (4 if where == "data" else 1), "f4", chunks=(4,) * (4 if where == "data" else 1))
            self.refuse_file(["0000/" + where])
        layout = h5py.VirtualLayout((1 << 30, 64, 48, 1), "f4")
        layout[0] = h5py.VirtualSource("absent.h5", "data", (64, 48, 1))
        write_seed_groups(self.path("bad.h5"), u, changes={(0, "data"): None})
        with h5py.File(self.path("bad.h5"), "a") as file:
            file["0000"].create_virtual_dataset("data", layout)
        self.refuse_file(["0000/data", "absent.h5", "not there"])
        with h5py.File(self.path("absent.h5"), "w") as file:
            file["data"] = u[0, :1, 0].reshape(64, 48, 1)
        self.refuse_file(["0000/data", "virtual", "3072 of its"])
        write_seed_groups(self.path("bad.h5"), u, changes={(0, "data"): None})
        with h5py.File(self.path("bad.h5"), "a") as file:
            file["0000"].create_dataset("data", (5, 64, 48, 1), "f4", external=[("absent.raw", 0, 5 * 64 * 48 * 4)])
        self.refuse_file(["0000/data", "other files"])

    def test_damaged_bytes(self):
        """Whatever bytes are flipped: a result or one line, never a crash, never a long wait."""
        write_seed_groups(self.path("good.h5"), hump(2, 3, (8, 6)), points=[centres(0, 1, 8), centres(0, 1, 6)], config="a: 1\n")
        whole = self.read("good.h5")
        generator = random.Random(1)
        for i in range(80):
            content = bytearray(whole)
            for _ in range(generator.choice((1, 1, 3))):
                content[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
            self.write("bad.h5", bytes(content))
            result = subprocess.run([self.program, "info", "bad.h5", "-q"], cwd=self.folder, env=environment(), timeout=60,
                                    capture_output=True, text=True, errors="replace")
            self.assertIn(result.returncode, (0, 3), f"round {i}: {result.stderr}")
            self.assertEqual(result.stderr.count("\n"), result.returncode // 3, result.stderr)
        for length in range(0, len(whole), 3989):
            self.write("bad.h5", whole[:length])
            self.refuse(3, ["bad.h5"], "info", "bad.h5")


if __name__ == "__main__":
    program.main()
