"""Whatever is wrong with the input: one clear line, the right exit code, nothing half-written.

Run as: python3 bad_input_test.py build/release/msde
"""

import json
import os
import resource
import signal
import unittest

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
# For the files of write_dataset, which have 40 points.
SMALL = {**TINY_TRAINING, "case.name": "mine", "model.n_zeta": 10, "model.n_sigma": 2}


class BadData(program.ProgramTest):
    def refuse_data(self, words, changes=None, **options):
        write_dataset(self.path("bad.h5"), changes=changes, **options)
        self.refuse_file("bad.h5", words)

    def refuse_file(self, name, words):
        before = self.files()
        self.refuse(3, [name, *words], "train", WAVE, "-o", "out", *sets(SMALL, data__path=name))
        self.assertEqual(self.files(), before)

    def test_files_that_are_no_dataset(self):
        self.write("empty.h5", b"")
        self.write("text.h5", b"hello\n")
        write_dataset(self.path("whole.h5"))
        whole = self.read("whole.h5")
        for share in (0.1, 0.5, 0.9):
            self.write("cut.h5", whole[:int(len(whole) * share)])
            self.refuse_file("cut.h5", [])
        self.refuse_file("empty.h5", [])
        self.refuse_file("text.h5", [])
        os.mkdir(self.path("folder.h5"))
        self.refuse_file("folder.h5", [])
        with h5py.File(self.path("nothing.h5"), "w"):
            pass
        self.refuse_file("nothing.h5", ["train"])
        numpy.save(self.path("array.npy"), numpy.zeros((3, 21, 1, 40), "f4"))
        self.refuse_file("array.npy", ["NumPy", "does not say when", "--from", "train_x"])

    def test_a_missing_file_is_never_created(self):
        self.refuse_file("absent.h5", [])
        self.assertEqual(os.listdir(self.folder), [])

    def test_missing_datasets(self):
        self.refuse_data(["train_x"], {"train_x": None})
        self.refuse_data(["train_t"], {"train_t": None})
        self.refuse_data(["val"], {"val_x": None, "val_t": None, "val_mu": None, "val_f": None})

    def test_run_asks_for_a_test_split_before_it_trains(self):
        write_dataset(self.path("bad.h5"), changes={f"test_{part}": None for part in ("x", "t", "mu", "f")})
        self.refuse(3, ["bad.h5", "test"], "run", WAVE, "-o", "out", *sets(SMALL, data__path="bad.h5"))
        self.assertEqual(self.files(), ["bad.h5"])
        self.msde("train", WAVE, "-o", "out", "-q", *sets(SMALL, data__path="bad.h5"))

    def test_fields_at_rest(self):
        parts = write_dataset(self.path("bad.h5"))
        zero = {name: 0 * values for name, values in parts.items() if name.endswith("_x")}
        write_dataset(self.path("bad.h5"), changes=zero)
        self.refuse(3, ["bad.h5", "same everywhere"], "run", WAVE, "-o", "out", *sets(SMALL, data__path="bad.h5"))
        for name in zero:
            parts[name][:, :5] = 0  # at rest at first: no relative error there, and no reason to stop
        write_dataset(self.path("calm.h5"), changes=parts)
        self.msde("run", WAVE, "-o", "calm", "-q", *sets(SMALL, data__path="calm.h5"))
        scores = json.loads(self.read("calm/eval/metrics.json"))["metrics"]
        self.assertIsNone(scores["rel_l2_per_time"][4])
        self.assertGreater(scores["rel_l2_per_time"][5], 0)
        self.assertGreater(scores["rel_l2"]["mean"], 0)

    def test_values_that_are_not_finite(self):
        for i, name in enumerate(("train_x", "train_t", "train_mu", "train_f", "val_x", "test_x", "test_mu")):
            parts = write_dataset(self.path("bad.h5"))
            parts[name].flat[-1] = numpy.inf if name.endswith("x") else (numpy.nan, numpy.inf, -numpy.inf)[i % 3]
            with self.subTest(name):
                self.refuse_data([name], {name: parts[name]})

    def test_shapes(self):
        good = write_dataset(self.path("good.h5"))
        changes = [("train_x", good["train_x"][:, :, 0]), ("train_x", good["train_x"][0, 0, 0]), ("train_t", good["train_t"][0][:-1]),
                   ("train_t", good["train_t"][:, :-1]), ("train_t", good["train_t"][:-1]), ("train_mu", good["train_mu"][:-1]),
                   ("train_mu", good["train_mu"][:-1, 0]), ("train_f", good["train_f"][:, :-1]), ("train_f", good["train_f"][:-1]),
                   ("val_x", good["val_x"][:, :, :, :20]), ("train_x", good["train_x"][:0]), ("train_x", "hello"),
                   ("train_t", "hello"), ("train_x", numpy.array([b"a", b"b"]))]
        for name, values in changes:
            with self.subTest(name, shape=numpy.shape(values)):
                self.refuse_data([name], {name: values})
        self.refuse_data(["val_mu"], {"val_mu": numpy.zeros((2, 3), "f4")})
        self.refuse_data(["train_x"], {f"{s}_{p}": good[f"{s}_{p}"][:, :1] for s in ("train", "val", "test") for p in "xtf"})

    def test_times(self):
        t = numpy.linspace(0, 1, 21)
        twice, back = t.copy(), t ** 2
        twice[7] = twice[6]
        back[9] = back[7]
        for row in (t[::-1], twice, back, numpy.zeros(21)):
            self.refuse_data(["train_t", "increasing"], {"train_t": numpy.tile(row, (3, 1)).astype("f4")})
        rows = numpy.tile(t, (3, 1))
        rows[1] *= -1
        self.refuse_data(["train_t", "trajectory 1"], {"train_t": rows.astype("f4")})
        self.refuse_data(["val_t"], {"val_t": numpy.tile(2 * t, (2, 1)).astype("f4")})

    def test_valid_files_of_other_codes(self):
        """Compressed, of other types, without mu and f, with long offset times: all of these are datasets."""
        write_dataset(self.path("compressed.h5"), chunks=True, compression="gzip", shuffle=True)
        parts = write_dataset(self.path("plain.h5"))
        wide = {name: values.astype("f8") for name, values in parts.items()}
        write_dataset(self.path("wide.h5"), changes=wide)
        bare = {f"{split}_{part}": None for split in ("train", "val", "test") for part in ("mu", "f")}
        write_dataset(self.path("bare.h5"), changes=bare)
        late = {f"{split}_t": parts[f"{split}_t"] + numpy.float32(1000) for split in ("train", "val", "test")}
        write_dataset(self.path("late.h5"), changes=late)
        for name in ("compressed.h5", "plain.h5", "wide.h5", "bare.h5", "late.h5"):
            with self.subTest(name):
                self.msde("run", WAVE, "-o", "out_" + name, "-q", *sets(SMALL, data__path=name))
        model = self.read("out_plain.h5/model/model.safetensors")
        self.assertEqual(self.read("out_compressed.h5/model/model.safetensors"), model)

    def test_a_first_snapshot(self):
        write_dataset(self.path("data.h5"))
        self.msde("train", WAVE, "-o", "out", "-q", *sets(SMALL, data__path="data.h5"))
        arrays = {"short.npy": numpy.zeros(39), "nan.npy": numpy.full(40, numpy.nan), "wide.npy": numpy.zeros((2, 2, 40)),
                  "text.npy": numpy.array(["a"] * 40), "none.npy": numpy.zeros((0, 1, 40))}
        for name, values in arrays.items():
            numpy.save(self.path(name), values)
        numpy.save(self.path("pickled.npy"), numpy.array([{}], dtype=object), allow_pickle=True)
        self.write("empty.npy", b"")
        self.write("noise.npy", b"hello there")
        self.write("empty.h5", b"")
        with h5py.File(self.path("two.h5"), "w") as file:
            file["a"], file["b"] = numpy.zeros(40), numpy.zeros(40)
        before = self.files()
        for name in [*arrays, "pickled.npy", "empty.npy", "noise.npy", "empty.h5", "two.h5", "absent.npy", "absent.h5"]:
            with self.subTest(name):
                self.refuse(3, [name], "predict", "out", "--from", name, "-o", "forecast")
        good = numpy.zeros(40, "f4")
        numpy.save(self.path("good.npy"), good)
        for words in (["--t-end", "-1"], ["--t-end", "0"], ["--t-end", "nan"], ["--t-end", "inf"], ["--t-end", "1e30"], ["--members", "-1"],
                      ["--mu", "1", "2", "3"], ["--split", "test"]):
            with self.subTest(words):
                self.refuse(2, [words[0]], "predict", "out", "--from", "good.npy", "-o", "forecast", *words)
        # Terabytes are refused, not tried.
        self.refuse(2, ["GiB", "available"], "predict", "out", "--from", "good.npy", "-o", "forecast", "--members", "1000000",
                    "--t-end", "1000")
        self.assertEqual(sorted(set(self.files()) - set(before)), ["good.npy"])
        self.refuse(3, ["middle"], "predict", "out", "--split", "middle", "-o", "forecast")
        self.refuse(3, ["middle"], "evaluate", "out", "--split", "middle")
        write_dataset(self.path("finer.h5"), n_points=80)
        self.refuse(3, ["finer.h5"], "predict", "out", "--data", "finer.h5", "-o", "forecast")
        self.refuse(3, ["finer.h5"], "evaluate", "out", "--data", "finer.h5")
        self.refuse(3, ["absent.h5"], "evaluate", "out", "--data", "absent.h5")
        self.assertFalse(os.path.exists(self.path("forecast")))


class BadConfiguration(program.ProgramTest):
    def refuse_text(self, words, text):
        self.write("bad.toml", text)
        self.refuse(2, words, "train", "bad.toml", "-o", "out")
        self.assertEqual(self.files(), ["bad.toml"])

    def test_files(self):
        self.refuse(2, ["absent.toml"], "train", "absent.toml", "-o", "out")
        self.refuse(2, [self.folder], "train", self.folder, "-o", "out")
        self.refuse_text(["bad.toml:2"], "[train]\nlr = \n")
        self.refuse_text(["bad.toml:1"], "[train\nlr = 1\n")
        self.refuse_text(["bad.toml:3", "train.lrr", "train.lr"], "[train]\n\nlrr = 1\n")
        self.refuse_text(["bad.toml:2", "trian"], "[trian]\nlr = 1\n")
        self.refuse_text(["bad.toml:2", "train.max_steps"], "[train]\nmax_steps = \"many\"\n")
        self.refuse_text(["bad.toml:2", "train.max_steps"], "[train]\nmax_steps = 1.5\n")
        self.refuse_text(["bad.toml:2", "train.lr"], "[train]\nlr = -1\n")
        self.refuse_text(["bad.toml:2", "train.lr"], "[train]\nlr = nan\n")
        self.refuse_text(["bad.toml:2", "model.preset"], "[model]\npreset = \"huge\"\n")
        self.refuse_text(["bad.toml:2", "checkpoint.every"], "[checkpoint]\nevery = \"soon\"\n")
        self.refuse_text(["bad.toml"], "\xff\xfe".encode("latin1"))
        self.refuse_text(["case"], "[case]\nname = \"kdv1d\"\n")

    def test_flags(self):
        config = os.path.join(CONFIGS, "kdv_1d.toml")
        for words, arguments in ((["train.lrr", "train.lr"], ["--set", "train.lrr=1"]), (["train.lr"], ["--set", "train.lr=fast"]),
                                 (["train.lr"], ["--set", "train.lr"]), (["--seed"], ["--seed", "x"]),
                                 (["seed"], ["--seed", "-1"]), (["cuda"], ["--device", "cuda"]), (["gpu"], ["--device", "gpu"]),
                                 (["--max-time"], ["--max-time", "soon"]), (["--max-time"], ["--max-time", "-1s"]),
                                 (["--threads"], ["--threads", "-1"]), (["--resme", "--resume"], ["--resme"]),
                                 (["--force"], ["--resume", "--force"]), (["n_zeta"], ["--set", "model.n_zeta=30"]),
                                 (["n_zeta"], ["--set", "model.n_zeta=[20,20]"]), (["eval.n_steps"], ["--set", "eval.n_steps=1"]),
                                 (["calibrate.n_steps"], ["--set", "calibrate.n_steps=1"])):
            with self.subTest(arguments):
                self.refuse(2, words, "train", config, "-o", "out", *arguments)
                self.assertEqual(self.files(), [])
        self.refuse(3, ["nowhere"], "train", config, "-o", "out", "--init-from", "nowhere")
        self.assertEqual(self.files(), [])

    def test_folders(self):
        config = os.path.join(CONFIGS, "kdv_1d.toml")
        self.write("file", "")
        self.refuse(2, ["file"], "train", config, "-o", "file")
        self.refuse(2, ["file"], "train", config, "-o", "file/run")
        for command in (["evaluate"], ["predict", "-o", "forecast"], ["info"]):
            for name in (".", "absent"):
                self.refuse(3, [name], command[0], name, *command[1:])
        self.assertEqual(self.files(), ["file"])
        if os.geteuid() != 0:  # root may write anywhere
            os.mkdir(self.path("locked"), 0o555)
            self.refuse(2, ["locked"], "train", config, "-o", "locked/run")
            self.refuse(2, ["locked"], "train", config, "-o", "locked")
        else:
            self.refuse(2, ["/proc/run"], "train", config, "-o", "/proc/run")


class Damage(program.ProgramTest):
    def limit(self, size):
        def apply():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return apply

    def test_divergence_keeps_the_last_good_checkpoint(self):
        self.tiny_data()
        for key in ("train.lr", "rollout.lr"):
            settings = {**TINY_TRAINING, "data.path": "tiny.h5", "checkpoint.every": "0s", "train.max_steps": 20,
                        "rollout.max_steps": 20, key: 1e6, key + "_vectors": 1e6}
            result = self.msde("train", WAVE, "-o", key, "-q", *sets(settings), code=4)
            rollout = key == "rollout.lr"
            what = "roll-outs" if rollout else "the solver-free stage"
            self.assertRegex(result.stderr, r"\A(msde: warning: %s diverged[^\n]*\n){4}msde: error: [^\n]*diverged[^\n]*\n\Z" % what)
            self.assertIn(key, result.stderr)
            model = ["model/model.json", "model/model.safetensors"] if rollout else []  # of the first stage
            self.assertEqual(self.files(key), [".lock", "checkpoints/last.safetensors", "config.resolved.toml", "metrics.csv", *model])
            self.refuse(4, ["diverged"], "train", WAVE, "-o", key, "--resume", *sets(settings))

    def test_damaged_files(self):
        self.tiny_data()
        self.train("-o", "run", "-q", checkpoint__every="0s")
        model, checkpoint = "run/model/model.safetensors", "run/checkpoints/last.safetensors"
        whole = {name: self.read(name) for name in (model, checkpoint)}
        commands = (["evaluate", "run"], ["predict", "run", "-o", "forecast"])
        for bytes_of in (lambda b: b"", lambda b: b[:7], lambda b: b[:len(b) // 2], lambda b: b[:-1], lambda b: b + b"x",
                         lambda b: b"\xff" * 8 + b[8:], lambda b: b[:9] + b"\xff" + b[10:], lambda b: b"hello world" * 10):
            self.write(model, bytes_of(whole[model]))
            for command in commands:
                self.refuse(6, ["model.safetensors"], *command)
        os.remove(self.path(model))
        for command in commands:
            self.refuse(3, ["run"], *command)
        for bytes_of in (lambda b: b"", lambda b: b[:len(b) // 2], lambda b: b[:-1], lambda b: b"\xff" * 8 + b[8:]):
            self.write(checkpoint, bytes_of(whole[checkpoint]))
            self.refuse(6, ["last.safetensors"], "train", WAVE, "-o", "run", "--resume",
                        *sets(TINY_TRAINING, data__path="tiny.h5"))
        self.write("run/manifest.json", "{}")
        self.refuse(3, ["manifest.json"], "train", WAVE, "-o", "run", "--resume", *sets(TINY_TRAINING, data__path="tiny.h5"))
        self.assertFalse(os.path.exists(self.path("forecast")))

    def test_full_disk(self):
        """Played by a limit on the size of files."""
        self.tiny_data()
        settings = sets(TINY_TRAINING, data__path="tiny.h5", checkpoint__every="0s")
        for size in (1, 50000):
            result = self.msde("train", WAVE, "-o", f"out{size}", "-q", *settings, code=3, preexec_fn=self.limit(size))
            self.assertRegex(result.stderr, r"\Amsde: error: [^\n]*File too large[^\n]*\n\Z")
            self.assertEqual([name for name in self.files(f"out{size}") if ".tmp-" in name], [])
        self.train("-o", "good", "-q", checkpoint__every="0s")
        self.msde("evaluate", "good")
        self.refuse(3, ["forecast"], "predict", "good", "-o", "forecast", preexec_fn=self.limit(10000))
        self.refuse(3, ["scores.json"], "evaluate", "good", "--json", "scores.json", preexec_fn=self.limit(100))
        self.assertNotIn("forecast/forecast.h5", self.files())
        self.assertNotIn("scores.json", self.files())
        # A run whose disk fills up later keeps its last good checkpoint and goes on from it.
        self.msde("train", WAVE, "-o", "run", "-q", *settings, "--max-time", "0.001s", code=75)
        saved = self.read("run/checkpoints/last.safetensors")
        self.msde("train", WAVE, "-o", "run", "-q", *settings, "--resume", code=3, preexec_fn=self.limit(50000))
        self.assertEqual(self.read("run/checkpoints/last.safetensors"), saved)
        self.msde("train", WAVE, "-o", "run", "-q", *settings, "--resume")
        self.assertEqual(self.read("run/model/model.safetensors"), self.read("good/model/model.safetensors"))


if __name__ == "__main__":
    program.main()
