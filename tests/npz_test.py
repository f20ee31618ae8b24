"""NumPy's archives (.npz) as data, as what is scored and as first snapshots.

Run as: python3 npz_test.py build/release/msde
"""

import json
import os
import zipfile

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")


class NpzTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.parts = write_dataset(self.path("plain.h5"))

    def savez(self, name, save=numpy.savez, **arrays):
        save(self.path(name), **arrays)
        return name

    def imported(self, name, *arguments):
        self.msde("import", name, "-o", "read.h5", "--force", "-q", *arguments)
        with h5py.File(self.path("read.h5")) as file:
            return {key: values[()] for key, values in file.items()}

    def same(self, got, expected):
        self.assertEqual(sorted(got), sorted(expected))
        for key, values in expected.items():
            numpy.testing.assert_array_equal(got[key], values, key)

    def test_splits_are_those_of_hdf5(self):
        expected = self.imported("plain.h5")
        self.same(self.imported(self.savez("a.npz", **self.parts)), expected)
        self.assertEqual(self.msde("info", "a.npz").stdout.replace("a.npz", "plain.h5"), self.msde("info", "plain.h5").stdout)
        # Fortran's order of axes, the other order of bytes, and arrays that are no numbers beside them.
        others = {key: numpy.asfortranarray(values.astype(">f4")) for key, values in self.parts.items()}
        self.same(self.imported(self.savez("b.npz", words=numpy.array(["a", "b"]), **others)), expected)
        self.msde("train", WAVE, "-o", "run", *sets(TINY_TRAINING, data__path="a.npz"))
        self.msde("train", WAVE, "-o", "plain", *sets(TINY_TRAINING, data__path="plain.h5"))
        self.assertEqual(self.read("run/model/model.safetensors"), self.read("plain/model/model.safetensors"))

    def test_one_series_in_either_precision(self):
        x = numpy.random.default_rng(0).standard_normal((12, 2, 5, 7))
        t = 3 + .5 * numpy.arange(12)
        for kind in ("f4", "f8"):
            read = self.imported(self.savez("a.npz", x=x.astype(kind), t=t), "--split-time", "6,9")
            got = numpy.concatenate([read[split + "_x"][0] for split in ("train", "val", "test")])
            self.assertEqual(got.dtype, numpy.dtype(kind))
            numpy.testing.assert_array_equal(got, x.astype(kind))

    def test_scores_and_first_snapshots(self):
        self.savez("a.npz", **self.parts)
        self.savez("only.npz", anything=self.parts["test_x"] + .1)
        for truth, prediction in (("plain.h5", "only.npz"), ("a.npz", "only.npz")):
            self.msde("score", truth, prediction, "--json", truth + ".json", "-q")
        scores = [json.loads(self.read(name + ".json"))["metrics"] for name in ("plain.h5", "a.npz")]
        self.assertEqual(*scores)
        self.msde("train", WAVE, "-o", "run", *sets(TINY_TRAINING, data__path="plain.h5"))
        first = self.parts["test_x"][:, 0]
        with h5py.File(self.path("first.h5"), "w") as file:
            file["x"], file["mu"], file["t"] = first, self.parts["test_mu"], 0.
        self.savez("first.npz", x=first, mu=self.parts["test_mu"], t=0.)
        for name in ("first.h5", "first.npz"):
            self.msde("predict", "run", "--from", name, "-o", name + ".out", "-q")
        with h5py.File(self.path("first.h5.out/forecast.h5")) as a, h5py.File(self.path("first.npz.out/forecast.h5")) as b:
            numpy.testing.assert_array_equal(a["mean"], b["mean"])
        self.msde("predict", "run", "--from", self.savez("whole.npz", x=self.parts["test_x"], t=self.parts["test_t"]), "--mu", ".5",
                  "-o", "whole", "-q")

    def test_what_is_not_read_is_refused_with_the_cure(self):
        self.savez("small.npz", numpy.savez_compressed, **self.parts)
        words = ["small.npz", "compressed", "savez_compressed", "python3 -c"]
        self.refuse(3, words, "info", "small.npz")
        self.refuse(3, words, "score", "plain.h5", "small.npz")
        cure = self.msde("info", "small.npz", code=3).stderr.split("python3 -c ", 1)[1].strip().strip('"')
        exec(cure.replace("small.npz", self.path("small.npz")), {})
        self.same(self.imported("small.npz.h5"), self.imported("plain.h5"))
        self.savez("half.npz", **{key: values.astype("f2") if key == "train_x" else values for key, values in self.parts.items()})
        self.refuse(3, ["half.npz", "'train_x'", "not numbers"], "info", "half.npz")
        self.savez("x.npz", x=self.parts["train_x"])
        self.refuse(3, ["x.npz", "when its fields are"], "info", "x.npz")
        with zipfile.ZipFile(self.path("words.zip"), "w") as file:
            file.writestr("a.txt", "words")
        self.refuse(3, ["words.zip", "without arrays of NumPy"], "info", "words.zip")
        whole = self.read(self.savez("a.npz", **self.parts))
        for what, content in (("end", whole[:-30]), ("half", whole[:len(whole) // 2]), ("begin", whole[100:])):
            with self.subTest(what):
                self.refuse(3, ["damaged.npz"], "info", self.write("damaged.npz", content))
        at = whole.index(b"(3, 21")
        self.refuse(3, ["damaged.npz", "'train_x'", "bytes of values"], "info",
                    self.write("damaged.npz", whole[:at] + b"(9" + whole[at + 2:]))


if __name__ == "__main__":
    program.main()
