"""What files say about their values is honoured, and files whose values are not all there are refused with the cure.

Run as: python3 strange_files_test.py build/release/msde
"""

import importlib.util
import os
import subprocess
import sys
import unittest

import h5py
import numpy

import program
from program import CONFIGS, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")


class StrangeFiles(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.parts = write_dataset(self.path("plain.h5"))

    def rewrite(self, name, store):
        """plain.h5 with its fields x stored by store(file, dataset name, values)."""
        with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path(name), "w") as file:
            file.attrs["boundary"] = "periodic"
            for dataset, values in plain.items():
                store(file, dataset, values[()]) if dataset.endswith("_x") else file.create_dataset(dataset, data=values[()])
        return name

    def imported(self, name, *arguments):
        """Fields as msde reads them, all splits."""
        self.msde("import", name, "-o", "read.h5", "--force", "-q", *arguments)
        with h5py.File(self.path("read.h5")) as file:
            return {split: file[split + "_x"][()] for split in ("train", "val", "test") if split + "_x" in file}


class Meaning(StrangeFiles):
    def test_packed_values(self):
        def pack(scale, offset, kind, **more):
            def store(file, name, values):
                stored = numpy.round((values - offset) / scale).astype(kind)
                file[name] = stored
                file[name].attrs.update({"scale_factor": scale, "add_offset": offset, **more})
            return store

        for number, (scale, offset, kind) in enumerate([(1e-3, 0., "i2"), (1e-3, 100., "i4"), (numpy.float32(-.01), 0., "i1"),
                                                        (1e-3, 2.5, "f8")]):
            with self.subTest(kind=kind):
                shifted = write_dataset(self.path("plain.h5"))
                read = self.imported(self.rewrite(f"packed_{number}.h5", pack(scale, offset, kind)))
                for split, values in read.items():
                    error = abs(values - shifted[split + "_x"]).max()
                    self.assertLessEqual(error, .51 * abs(scale) + 1e-6)
        # valid_range is of the stored numbers; all of these are inside.
        self.imported(self.rewrite("range.h5", pack(1e-3, 0., "i2", valid_range=numpy.array([-2000, 2000], "i2"))))
        # NetCDF-3 has no bytes without a sign.
        def unsigned(file, name, values):
            file[name] = numpy.round((values + 1.2) * 100).astype("u1").view("i1")
            file[name].attrs.update({"scale_factor": .01, "add_offset": -1.2, "_Unsigned": "true"})
        read = self.imported(self.rewrite("unsigned.h5", unsigned))
        self.assertLess(abs(read["train"] - self.parts["train_x"]).max(), .006)
        # Words that are no numbers mark nothing.
        words = self.rewrite("words.h5", lambda file, name, values: (file.create_dataset(name, data=values).attrs.update({"missing_value": "NaN"})))
        numpy.testing.assert_array_equal(self.imported(words)["train"], self.parts["train_x"])
        self.refuse(3, ["train_x", "scale_factor", "got 0"], "info", self.rewrite("zero.h5", pack(1., 0., "i2", scale_factor=0.)))
        self.refuse(3, ["train_x@add_offset", "expected numbers"], "info", self.rewrite("text.h5", pack(1., 0., "i2", add_offset="1")))

    def test_missing_values_are_counted(self):
        def gaps(mark, attribute, kind="f4", **more):
            def store(file, name, values):
                values = values.astype(kind)
                if name == "train_x":
                    values[1, 3, 0, 7], values[2, 20, 0, 39] = mark, mark
                file[name] = values
                file[name].attrs.update({attribute: numpy.array(mark, kind), **more})
            return store

        cases = {"fill.h5": gaps(-9999, "_FillValue"), "huge.h5": gaps(9.969209968386869e36, "_FillValue"),
                 "missing.h5": gaps(1e20, "missing_value", "f8"), "both.h5": gaps(-99, "_FillValue", missing_value=-99.),
                 "range.h5": gaps(50, "what_it_was", valid_max=numpy.float32(2))}
        for name, store in cases.items():
            with self.subTest(name):
                self.rewrite(name, store)
                self.assertRegex(self.msde("info", name).stdout, "train: .*, 2 of [0-9]+ missing \(")
                read = self.imported(name)["train"]
                self.assertEqual(numpy.argwhere(numpy.isnan(read))[:, :2].tolist(), [[1, 3], [2, 20]])
        # Nothing is missing: read as any other.
        def whole(file, name, values):
            file[name] = values
            file[name].attrs["_FillValue"] = -9999.

        numpy.testing.assert_array_equal(self.imported(self.rewrite("none.h5", whole))["train"], self.parts["train_x"])
        self.rewrite("fill.h5", cases["fill.h5"])
        self.refuse(3, ["_FillValue = -9999"], "score", "plain.h5", "fill.h5", "--split", "train")

    def test_matlab_has_its_axes_the_other_way_round(self):
        rectangle = numpy.random.default_rng(1).standard_normal((5, 7, 2, 6, 4)).astype("f4")
        square = numpy.random.default_rng(2).standard_normal((5, 7, 1, 6, 6))

        def write(name, **arrays):
            with h5py.File(self.path(name), "w", userblock_size=512) as file:
                for key, values in arrays.items():
                    values = numpy.atleast_2d(values)
                    file[key] = numpy.ascontiguousarray(values.T)
                    file[key].attrs["MATLAB_class"] = numpy.bytes_("single" if values.dtype == "f4" else "double")
                file.create_group("#refs#")
            with open(self.path(name), "r+b") as file:
                file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512))

        for name, field in (("rectangle.mat", rectangle), ("square.mat", square)):
            write(name, x=field, t=numpy.arange(7.), mu=numpy.arange(5.)[:, None])
            read = self.imported(name, "--split", "3,1,1")
            numpy.testing.assert_array_equal(numpy.concatenate([read[s] for s in ("train", "val", "test")]), field)
            with h5py.File(self.path("read.h5")) as file:
                numpy.testing.assert_array_equal(file["train_mu"][:, 0], [0, 1, 2])
        write("series.mat", x=rectangle[0], t=numpy.arange(7.))
        self.assertIn("6 points", self.msde("info", "series.mat").stdout)
        numpy.testing.assert_array_equal(self.imported("series.mat", "--split-time", "3,5")["train"][0], rectangle[0, :3])
        write("point.mat", x=rectangle)
        numpy.save(self.path("point.npy"), rectangle)
        self.msde("score", "point.npy", "point.mat", "--fail-if", "mse>0", "-q")

    def test_axes_stand_where_their_names_say(self):
        truth = numpy.random.default_rng(3).standard_normal((2, 21, 1, 40))
        members = truth + .1 * numpy.random.default_rng(4).standard_normal((2, 2, 21, 1, 40))
        numpy.save(self.path("truth.npy"), truth)
        names = ["realization", "sample", "time", "channel", "x"]
        scores = []
        for number, order in enumerate(([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [4, 2, 0, 1, 3])):
            name = f"members_{number}.h5"
            with h5py.File(self.path(name), "w") as file:
                file["x"] = members.transpose(order)
                for axis, from_axis in enumerate(order):
                    file["x"].dims[axis].label = names[from_axis]
            self.msde("score", "truth.npy", name, "--json", "s.json", "--force", "-q")
            scores.append(self.read("s.json").replace(name.encode(), b""))
        self.assertEqual(scores[0], scores[1])
        self.assertEqual(scores[0], scores[2])
        with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path("turned.h5"), "w") as file:
            for dataset, values in plain.items():
                if dataset.endswith("_x"):  # written as (time, x, channel, trajectory), axes named by dimension scales
                    file[dataset] = values[()].transpose(1, 3, 2, 0)
                    for axis, label in enumerate(("time", "x", "channel", "trajectory")):
                        file[dataset].dims[axis].label = label
                else:
                    file[dataset] = values[()]
                if dataset == "train_mu":  # and its parameters as (parameter, sample)
                    del file[dataset]
                    file[dataset] = values[()].T
                    file[dataset].dims[0].label, file[dataset].dims[1].label = "parameter", "sample"
        numpy.testing.assert_array_equal(self.imported("turned.h5")["val"], self.parts["val_x"])
        with h5py.File(self.path("read.h5")) as file:
            numpy.testing.assert_array_equal(file["train_mu"][()], self.parts["train_mu"])

    def test_groups_are_counted_as_people_do(self):
        fields = numpy.random.default_rng(5).standard_normal((12, 21, 40, 1)).astype("f4")
        for form in ("traj_{}", "run{}_a", "{:04d}"):
            with h5py.File(self.path("groups.h5"), "w") as file:
                for number, values in enumerate(fields):
                    group = file.create_group(form.format(number + 1))
                    group["data"], group["grid/t"], group["grid/x"] = values, numpy.arange(21.), numpy.arange(40.)
            read = self.imported("groups.h5", "--split", "10,1,1")
            numpy.testing.assert_array_equal(read["train"][:, :, 0], fields[:10, :, :, 0])
            numpy.testing.assert_array_equal(read["test"][0, :, 0], fields[11, :, :, 0])

    def flat(self, name, values, x, **attributes):
        with h5py.File(self.path(name), "w") as file:
            file["tensor"], file["x-coordinate"], file["t-coordinate"] = values, x, numpy.arange(values.shape[1], dtype="f4")
            file.attrs.update(attributes)

    def test_only_known_attributes_are_parameters(self):
        values = self.parts["train_x"][:, :, 0]
        self.flat("made.h5", values, numpy.arange(40.), Nu=.01, created=1.7e9, version=3, Reynolds=100.)
        told = self.msde("info", "made.h5").stdout
        self.assertIn("parameters mu: 1 (Nu)", told)
        for left_out in ("created = 1.7e+09", "version = 3", "Reynolds = 100"):
            self.assertRegex(told, left_out.replace("+", r"\+") + ".* is left out")
        self.msde("import", "made.h5", "-o", "a.h5", "--split", "1,1,1", "-q")
        with h5py.File(self.path("a.h5")) as file:
            numpy.testing.assert_array_equal(file["train_mu"], numpy.float32([[.01]]))

    def test_a_periodic_axis_has_each_point_once(self):
        values = self.parts["train_x"][:, :, 0]
        twice = numpy.concatenate([values, values[..., :1]], -1)
        self.flat("twice.h5", twice, numpy.arange(41.))
        words = ["along x the last of 41 points repeats the first", "x=0:40"]
        self.refuse(3, words, "import", "twice.h5", "-o", "a.h5", "--split", "1,1,1")
        self.refuse(3, words, "run", WAVE, "-o", "run", "--set", "data.path=twice.h5", "--set", "data.split=[1,1,1]")
        self.imported("twice.h5", "--split", "1,1,1", "--boundary", "open")
        read = self.imported("twice.h5", "--split", "1,1,1", "--crop", "x=0:40", "--boundary", "periodic", "--noise", "0.01")
        self.assertEqual(read["train"].shape[-1], 40)
        square = numpy.random.default_rng(6).standard_normal((3, 21, 1, 9, 8)).astype("f4")
        square[..., -1, :] = square[..., 0, :]
        with h5py.File(self.path("square.h5"), "w") as file:
            file["x"], file["t"] = square, numpy.arange(21.)
            file.attrs["boundary"] = "periodic"
        self.refuse(3, ["along y the last of 9 points"], "import", "square.h5", "-o", "a.h5", "--split", "1,1,1")
        # Symmetric about the middle, or at rest at both ends: no point twice.
        x = (numpy.arange(40) + .5) / 40
        rows = numpy.linspace(1, 2, 21)[None, :, None]
        self.flat("symmetric.h5", (rows * numpy.cos(2 * numpy.pi * x)).repeat(3, 0).astype("f4"), x)
        self.imported("symmetric.h5", "--split", "1,1,1")
        self.flat("at_rest.h5", (rows * numpy.exp(-((x - .4) * 30) ** 2)).repeat(3, 0).astype("f4"), x)
        self.imported("at_rest.h5", "--split", "1,1,1")

    def test_times_far_outside_training_are_said(self):
        later = {"test_t": self.parts["test_t"] + 100}
        write_dataset(self.path("later.h5"), changes=later)
        self.assertIn("note: test is at times 100 to 101, far outside those of train\n", self.msde("info", "later.h5").stdout)
        self.assertNotIn("far outside", self.msde("info", "plain.h5").stdout)
        config = [WAVE, *sets(program.TINY_TRAINING, {"data.path": "later.h5", "model.n_zeta": 8})]
        said = self.msde("train", *config, "-o", "run", "-q").stderr
        self.assertRegex(said, "test is at times 100 to 101, far outside those of training, 0 to 1")
        for command in (["evaluate", "run"], ["predict", "run", "-o", "forecast"]):
            self.assertRegex(self.msde(*command, "-q").stderr, "times 100 to 101, far outside")
        self.assertNotIn("far outside", self.msde("evaluate", "run", "--data", "plain.h5", "-q").stderr)


class Storage(StrangeFiles):
    def virtual(self, name, sources, shape=(3, 21, 1, 40), mapped=3):
        """train_x of `name` made of the datasets `sources` = [(file, dataset)], a trajectory each."""
        layout = h5py.VirtualLayout(shape, "f4")
        for i, (file, dataset) in enumerate(sources[:mapped]):
            layout[i] = h5py.VirtualSource(file, dataset, shape=shape[1:])
        with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path(name), "w") as out:
            for key, values in plain.items():
                if key != "train_x":
                    out[key] = values[()]
            out.create_virtual_dataset("train_x", layout, fillvalue=0)
        return name

    def sources(self, folder="."):
        for i, values in enumerate(self.parts["train_x"]):
            with h5py.File(self.path(folder, f"source{i}.h5"), "w") as file:
                file["u"] = values
        return [(f"source{i}.h5", "u") for i in range(3)]

    def test_virtual_datasets_are_whole_or_refused(self):
        sources = self.sources()
        self.virtual("whole.h5", sources)
        numpy.testing.assert_array_equal(self.imported("whole.h5")["train"], self.parts["train_x"])
        # Of virtual datasets, in a folder of its own, and from another folder.
        layout = h5py.VirtualLayout((3, 21, 1, 40), "f4")
        layout[:] = h5py.VirtualSource("whole.h5", "train_x", shape=(3, 21, 1, 40))
        with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path("nested.h5"), "w") as out:
            for key, values in plain.items():
                if key != "train_x":
                    out[key] = values[()]
            out.create_virtual_dataset("train_x", layout)
        numpy.testing.assert_array_equal(self.imported("nested.h5")["train"], self.parts["train_x"])
        os.mkdir(self.path("elsewhere"))
        self.folder, home = self.path("elsewhere"), self.folder
        self.msde("import", os.path.join(home, "nested.h5"), "-o", "read.h5", "-q")
        self.folder = home

        overlapping = h5py.VirtualLayout((3, 21, 1, 40), "f4")
        for _ in range(2):  # two of three trajectories, three times in all
            overlapping[0:2] = h5py.VirtualSource("pair.h5", "u", shape=(2, 21, 1, 40))
        with h5py.File(self.path("pair.h5"), "w") as file:
            file["u"] = self.parts["train_x"][:2]
        with h5py.File(self.path("overlap.h5"), "w") as out:
            out["train_t"] = self.parts["train_t"]
            out.create_virtual_dataset("train_x", overlapping)
        self.refuse(3, ["'train_x'", "1680 of its 2520 values"], "info", "overlap.h5")
        # Found beside what a link leads to, and from the folder where the program runs.
        os.symlink(self.path("whole.h5"), self.path("elsewhere/link.h5"))
        self.msde("info", "elsewhere/link.h5")
        os.mkdir(self.path("deeper"))
        self.virtual("deeper/from_here.h5", sources)
        self.msde("info", "deeper/from_here.h5")
        self.refuse(3, ["'train_x'", "1680 of its 2520 values"], "info", self.virtual("part.h5", sources, mapped=2))
        self.refuse(3, ["'train_x'", "source9.h5", "not there"], "info",
                    self.virtual("lost.h5", [*sources[:2], ("source9.h5", "u")]))
        self.refuse(3, ["'v'", "source1.h5", "no such dataset"], "info",
                    self.virtual("other.h5", [sources[0], ("source1.h5", "v"), sources[2]]))
        os.remove(self.path("source2.h5"))
        self.refuse(3, ["source2.h5", "not there"], "train", WAVE, "-o", "run", "--set", "data.path=nested.h5", "--set", "model.n_zeta=8")
        with h5py.File(self.path("source2.h5"), "w") as file:
            file["u"] = self.parts["train_x"][2][:11]
        self.refuse(3, ["source2.h5", "only [11, 1, 40]"], "info", "whole.h5")
        self.write("source2.h5", b"no HDF5 at all")
        self.refuse(3, ["source2.h5"], "info", "whole.h5")

    def test_virtual_datasets_of_themselves_end(self):
        def made_of(name, source):
            layout = h5py.VirtualLayout((3, 21, 1, 40), "f4")
            layout[:] = h5py.VirtualSource(source, "train_x", shape=(3, 21, 1, 40))
            with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path(name), "w") as out:
                out["train_t"] = plain["train_t"][()]
                out.create_virtual_dataset("train_x", layout)

        made_of("self.h5", ".")
        made_of("a.h5", "b.h5"), made_of("b.h5", "a.h5")
        for i in range(5):
            made_of(f"ring{i}.h5", f"ring{(i + 1) % 5}.h5")
        for name in ("self.h5", "a.h5", "b.h5", "ring3.h5"):
            self.refuse(3, ["train_x", "made of itself"], "info", name)
            self.refuse(3, ["train_x", "made of itself"], "score", name, name, "--split", "train")
        os.mkfifo(self.path("pipe.h5"))
        self.refuse(3, ["pipe.h5", "not there"], "info", self.virtual("pipe_of.h5", [("pipe.h5", "u")] * 3))

    def test_links_to_other_files(self):
        with h5py.File(self.path("plain.h5"), "a") as plain, h5py.File(self.path("values.h5"), "w") as values:
            values["deep/x"] = plain["train_x"][()]
            del plain["train_x"]
            plain["train_x"] = h5py.ExternalLink("values.h5", "deep/x")
        numpy.testing.assert_array_equal(self.imported("plain.h5")["train"], self.parts["train_x"])
        with h5py.File(self.path("plain.h5"), "a") as plain:
            del plain["train_x"]
            plain["train_x"] = h5py.ExternalLink("values.h5", "deep/y")
        self.refuse(3, ["'train_x'", "'deep/y'", "values.h5"], "info", "plain.h5")
        os.remove(self.path("values.h5"))
        self.refuse(3, ["'train_x'", "values.h5", "not there"], "info", "plain.h5")
        with h5py.File(self.path("flat.h5"), "w") as file:  # one that nobody asks for does no harm
            file["tensor"], file["x-coordinate"], file["t-coordinate"] = self.parts["train_x"][:, :, 0], numpy.arange(40.), numpy.arange(21.)
            file["notes"] = h5py.ExternalLink("values.h5", "notes")
        self.msde("info", "flat.h5")
        os.mkfifo(self.path("values.h5"))
        self.refuse(3, ["values.h5", "not there"], "info", "plain.h5")

    def test_filters(self):
        def compressed(**options):
            return lambda file, name, values: file.create_dataset(name, data=values, chunks=(1, *values.shape[1:]), **options)

        for options in ({"compression": "gzip", "shuffle": True}, {"compression": "gzip", "fletcher32": True}):
            read = self.imported(self.rewrite("gzip.h5", compressed(**options)))
            numpy.testing.assert_array_equal(read["train"], self.parts["train_x"])
        self.refuse(3, ["'train_x'", "lzf", "gzip"], "info", self.rewrite("lzf.h5", compressed(compression="lzf")))
        # A constant whose chunks take next to no bytes.
        constant = self.rewrite("constant.h5", lambda file, name, values: file.create_dataset(
            name, data=0 * values + 3, chunks=(1, *values.shape[1:]), compression="gzip", scaleoffset=2))
        self.assertEqual(self.imported(constant)["train"].max(), 3)

    def test_what_was_not_completely_written(self):
        def part(file, name, values):
            data = file.create_dataset(name, values.shape, "f4", chunks=(1, *values.shape[1:]))
            data[:1] = values[:1]

        self.refuse(3, ["'train_x'", "1 of 3 chunks", "never completely written"], "info", self.rewrite("part.h5", part))
        writer = ("import h5py, os, sys; f = h5py.File(sys.argv[1], 'a', libver='latest'); "
                  "f.create_dataset('more', data=1.); f.flush(); os._exit(9)")
        with h5py.File(self.path("plain.h5")) as plain, h5py.File(self.path("killed.h5"), "w", libver="latest") as file:
            for key, values in plain.items():
                file[key] = values[()]
        self.msde("info", "killed.h5")
        subprocess.run([sys.executable, "-c", writer, self.path("killed.h5")], check=False)
        self.refuse(3, ["killed.h5", "a program writes it", "h5clear -s"], "info", "killed.h5")


class Damage(StrangeFiles):
    def test_keys_of_very_many_parts(self):
        for number, text in enumerate(("a." * 60000 + "b = 1", "[" + "a." * 60000 + "b]", "'a'." * 60000 + "b = 1",
                                       "x = {" + "a." * 60000 + "b = 1}", "a . " * 60000 + "b = 1")):
            self.write("deep.toml", "# many. dots. are. " + "no. " * 200 + "key\nx = [" + "1.5, " * 200 + "2.5]\n" + text)
            self.refuse(2, ["deep.toml:3", "64 parts"], "train", "deep.toml", "-o", "run")
        self.refuse(2, ["a.a.a"], "train", WAVE, "-o", "run", "--set", "a." * 30000 + "b=1")

    def test_labels_and_scales_of_any_type(self):
        """HDF5's own functions write beyond the end of memory where these attributes are not as they write them."""
        pair = numpy.zeros(4, [("a", "f8"), ("b", "S400")])
        for attribute in ("DIMENSION_LABELS", "DIMENSION_LIST"):
            for value in (numpy.full(4, b"x" * 300), numpy.ones(4), pair, numpy.ones(1000), numpy.bytes_(b"time"), "time", ["a", "b"], numpy.zeros(0)):
                with self.subTest(attribute, value=str(value)[:40]):
                    write_dataset(self.path("labels.h5"))
                    with h5py.File(self.path("labels.h5"), "a") as file:
                        for split in ("train", "val", "test"):
                            file[split + "_x"].attrs[attribute] = value
                    numpy.testing.assert_array_equal(self.imported("labels.h5")["train"], self.parts["train_x"])
        # Labels of a fixed width are labels.
        write_dataset(self.path("labels.h5"))
        with h5py.File(self.path("labels.h5"), "a") as file:
            for split in ("train", "val", "test"):
                values = file[split + "_x"][()]
                del file[split + "_x"]
                file[split + "_x"] = values.transpose(1, 0, 2, 3)
                file[split + "_x"].attrs["DIMENSION_LABELS"] = numpy.array([b"time", b"sample", b"channel", b"x"])
        numpy.testing.assert_array_equal(self.imported("labels.h5")["train"], self.parts["train_x"])

    def test_damaged_results(self):
        self.msde("run", WAVE, "-o", "run", "-q", *sets(program.TINY_TRAINING, {"data.path": "plain.h5", "model.n_zeta": 8}))
        whole = self.read("run/eval/metrics.json")
        for text in (b"null", b"[]", b"3", b"{}", whole[:len(whole) // 2], b"[" * 100000, whole.replace(b'"std": ', b'"std": "x", "y": '),
                     whole.replace(b'"mean": ', b'"mean": {}, "y": ')):
            for name, code in (("eval/metrics.json", 3), ("model/model.json", 3)):
                kept = self.read("run", name)
                self.write("run/" + name, text)
                result = subprocess.run(self.command("info", "run"), cwd=self.folder, env=program.environment(), capture_output=True, text=True)
                self.assertIn(result.returncode, (0, code), result.stderr)
                self.assertNotIn("unexpected", result.stderr)
                self.write("run/" + name, kept)
            self.write("run/eval/metrics.json", text)
            again = self.msde("run", WAVE, "-o", "run", "-q", *sets(program.TINY_TRAINING, {"data.path": "plain.h5", "model.n_zeta": 8}))
            self.assertIn("rel_l2", again.stdout)  # evaluated anew
            self.assertEqual(self.read("run/eval/metrics.json")[:200], whole[:200])


class Words(StrangeFiles):
    def test_texts_are_utf8_or_refused_before_any_work(self):
        with h5py.File(self.path("plain.h5"), "a") as file:
            file.attrs["case"] = numpy.bytes_(b"W\xe4rme")
        for command in (["info", "plain.h5"], ["run", WAVE, "-o", "run", "--set", "data.path=plain.h5", "--set", "model.n_zeta=8"]):
            self.refuse(3, ["@case", "UTF-8"], *command)
        with h5py.File(self.path("plain.h5"), "a") as file:
            file.attrs["case"] = "Wärme"
        self.assertIn("Wärme", self.msde("info", "plain.h5").stdout)
        self.refuse(2, ["argument 2", "UTF-8"], "info", b"W\xe4rme.h5")

    def test_no_name_of_an_axis_takes_that_of_a_result(self):
        square = {f"{split}_x": numpy.random.default_rng(7).standard_normal((n, 6, 1, 8, 6)).astype("f4")
                  for split, n in (("train", 3), ("val", 2), ("test", 2))}
        times = {f"{split}_t": numpy.tile(numpy.arange(6, dtype="f4"), (n, 1)) for split, n in (("train", 3), ("val", 2), ("test", 2))}
        rest = {f"{split}_{part}": None for split in ("train", "val", "test") for part in ("mu", "f")}
        write_dataset(self.path("axes.h5"), n_snapshots=6, changes={**square, **times, **rest})
        for axes in ("xi,eta", "mean,start", "zeta,t"):
            with self.subTest(axes):
                with h5py.File(self.path("axes.h5"), "a") as file:
                    file.attrs["axes"], file.attrs["boundary"] = axes, "periodic"
                self.msde("train", WAVE, "-o", "run", "--force", "-q", *sets(program.TINY_TRAINING, {"data.path": "axes.h5", "model.n_zeta": "[4,3]",
                          "model.n_eta": 2}))
                self.msde("predict", "run", "-o", "forecast", "--force", "-q")
                with h5py.File(self.path("forecast/forecast.h5")) as forecast:
                    self.assertEqual(forecast["eta"].shape, (2, 6, 2))
                    self.assertEqual(forecast["start"].shape, (2,))
                    for axis, n in zip(axes.split(","), (8, 6)):
                        name = axis if axis == "xi" else "axis_" + axis
                        self.assertEqual(forecast[name].shape, (n,))
                self.msde("score", "axes.h5", "forecast/forecast.h5", "-q")
        for axes in ("a/b,c", ",x", "x,x", ".,x", "a\tb,c", 300 * "a" + ",x"):
            with h5py.File(self.path("axes.h5"), "a") as file:
                file.attrs["axes"] = axes
            self.refuse(3, ["attribute 'axes'"], "info", "axes.h5")

    def test_long_names_and_links_of_what_is_written(self):
        name = 252 * "n" + ".h5"
        self.msde("import", "plain.h5", "-o", name, "-q")
        self.msde("import", "plain.h5", "-o", 84 * "ä" + 84 * "n" + ".h5", "-q")
        os.mkdir(self.path("disk"))
        os.symlink("disk/data.h5", self.path("link.h5"))
        self.msde("import", "plain.h5", "-o", "link.h5", "-q")
        self.assertTrue(os.path.islink(self.path("link.h5")))
        self.assertEqual(self.read("disk/data.h5"), self.read(name))
        os.symlink(self.path("disk/scores.json"), self.path("s.json"))
        self.msde("score", "plain.h5", "link.h5", "--json", "s.json", "-q")
        self.assertTrue(os.path.islink(self.path("s.json")))
        self.assertIn(b"rel_l2", self.read("disk/scores.json"))
        self.assertEqual([n for n in os.listdir(self.folder) if ".tmp-" in n], [])

    def test_other_files_are_named_with_what_turns_them_into_one(self):
        numpy.savez_compressed(self.path("a.npz"), x=self.parts["train_x"])
        self.write("old.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(100))
        self.write("classic.nc", b"CDF\x01" + bytes(100))
        self.write("wake.vtr", b"<VTKFile type=\"RectilinearGrid\"></VTKFile>")
        os.mkdir(self.path("store.zarr"))
        self.write("store.zarr/.zgroup", b"{\"zarr_format\": 2}")
        for name, words in (("a.npz", ["numpy.savez_compressed", "python3 -c"]), ("old.mat", ["MATLAB", "-v7.3"]), ("classic.nc", ["looked for dimensions like time"]),
                            ("wake.vtr", ["VTK", "ImageData"]), ("store.zarr", ["Zarr", "python3 -c"])):
            for command in (["info", name], ["import", name, "-o", "a.h5"], ["score", name, "plain.h5"]):
                self.refuse(3, [name, *words], *command)
        for name in ("plain.h5", "a.npz", "classic.nc"):
            self.refuse(2, [name, "is a file of data", "msde info", "data.path"], "train", name, "-o", "run")
            self.refuse(2, [name, "is a file of data"], "run", name, "-o", "run")

    def cure(self, name):
        """Runs the line of Python that the message about a file shows."""
        line = self.msde("info", name, code=3).stderr.split("python3 -c ", 1)[1].strip().strip('"')
        subprocess.run([sys.executable, "-c", line], check=True, cwd=self.folder)

    def test_cures_work_as_they_are_shown(self):
        x, t, words = self.parts["train_x"], numpy.arange(float(self.parts["train_x"].shape[1])), numpy.array(["north", "south"])
        numpy.savez_compressed(self.path("a.npz"), x=x, t=t, where=words)
        self.cure("a.npz")
        self.msde("info", "a.npz.h5")
        with h5py.File(self.path("a.npz.h5")) as file:
            numpy.testing.assert_array_equal(file["x"], x)
            self.assertNotIn("where", file)

    @unittest.skipUnless(importlib.util.find_spec("scipy"), "needs python3-scipy")
    def test_the_cure_for_matlab_works_as_it_is_shown(self):
        import scipy.io
        import scipy.sparse
        x = self.parts["train_x"]
        scipy.io.savemat(self.path("old.mat"), {"x": x, "t": numpy.arange(float(x.shape[1])), "where": "north", "cells": numpy.array(["a", "bc"], object),
                                                "options": {"nu": 1.}, "matrix": scipy.sparse.eye(3, format="csc"), "spectrum": numpy.ones(3) * 1j})
        self.cure("old.mat")
        self.msde("info", "old.mat.h5")
        with h5py.File(self.path("old.mat.h5")) as file:
            self.assertEqual(sorted(file), ["t", "x"])
            numpy.testing.assert_array_equal(file["x"], x)

    @unittest.skipUnless(importlib.util.find_spec("zarr"), "needs python3-zarr")
    def test_the_cures_for_zarr_work_as_they_are_shown(self):
        import xarray
        import zarr
        x = self.parts["train_x"]
        store = zarr.open(self.path("group.zarr"), mode="w")
        store["x"], store["t"], store["where"] = x, numpy.arange(float(x.shape[1])), numpy.array(["north", "south"])
        self.cure("group.zarr/")
        self.msde("info", "group.zarr.h5")
        zarr.save_array(self.path("array.zarr"), x)
        self.cure("array.zarr")
        for name in ("group", "array"):
            with h5py.File(self.path(name + ".zarr.h5")) as file:
                numpy.testing.assert_array_equal(file["x"], x)
        days = numpy.datetime64("2000-01-01") + numpy.arange(x.shape[1])
        xarray.Dataset({"u": (("time", "y", "x"), numpy.random.rand(x.shape[1], 4, 6), {"units": "m"}), "where": ("n", ["north", "south"])},
                       {"time": days, "y": numpy.arange(4.), "x": numpy.arange(6.)}).to_zarr(self.path("named.zarr"))
        self.cure("named.zarr")
        told = self.msde("info", "named.zarr.nc").stdout
        for words in ("u [m]", "axis y: 4 points", "2000-01-01", "no splits: 1 trajectories"):
            self.assertIn(words, told)


if __name__ == "__main__":
    program.main()
