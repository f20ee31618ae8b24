"""What the tests of the whole program share: how it is started and what is asked of every refusal."""

import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "configs")
# Small enough for a second of training, large enough that every stage does something.
TINY_TRAINING = {"train.max_steps": 4, "rollout.max_steps": 4, "rollout.validate_every": 2, "eval.members": 3,
                 "calibrate.members": 3, "model.max_rank": 20, "model.local_modes": 0}
TINY_DATA = {"data.generate.n_steps": 21, "data.generate.n_train": 2, "data.generate.n_val": 1, "data.generate.n_test": 2}


def sets(*tables, **more):
    """The --set flags of configuration tables; keywords spell a dot as two underscores."""
    merged = {}
    for table in tables:
        merged.update(table)
    merged.update({key.replace("__", "."): value for key, value in more.items()})
    return [word for key, value in merged.items() for word in ("--set", f"{key}={value}")]


def environment():
    # Nothing of the caller's choice of kernels or threads, nor msde's own: all machines take the same path.
    kept = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS")}
    return {**kept, "MSDE_CHOSE_ENVIRONMENT": "1"}


class ProgramTest(unittest.TestCase):
    """A folder of its own, in which the program runs."""

    program = ""  # set by main()

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="msde_e2e_")
        self.addCleanup(self.scratch.cleanup)
        self.folder = self.scratch.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def command(self, *arguments):
        threaded = arguments[0] in ("run", "train", "evaluate", "predict", "generate", "score", "compare", "import")
        return [self.program, *arguments, *(["--threads", "1"] if threaded else [])]

    def start(self, *arguments, **options):
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env=environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **options)

    def msde(self, *arguments, code=0, **options):
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=300, cwd=self.folder,
                                env=environment(), **options)
        self.assertEqual(result.returncode, code, f"{arguments}: {result.stdout}{result.stderr}")
        return result

    def refuse(self, code, words, *arguments, **options):
        """Exit code `code`, nothing on stdout, and on stderr one line, of the error, with every one of `words`.

        Lines of progress before it are not counted where the error can only come after work.
        """
        result = self.msde(*arguments, "-q", code=code, **options)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Amsde: error: [^\n]*\n\Z")
        for trace in ("terminate called", "Exception raised from", "HDF5-DIAG", "unexpected"):
            self.assertNotIn(trace, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        return result

    def files(self, folder=""):
        root = self.path(folder)
        return sorted(os.path.relpath(os.path.join(base, name), root) for base, _, names in os.walk(root) for name in names)

    def read(self, *parts):
        with open(self.path(*parts), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def tiny_data(self, name="tiny.h5", case="wave_1d"):
        self.msde("generate", case, "-o", name, "-q", *sets(TINY_DATA))
        return self.path(name)

    def train(self, *arguments, config="wave_1d", data="tiny.h5", code=0, **settings):
        tables = [TINY_TRAINING, {"data.path": data} if data else TINY_DATA]
        return self.msde("train", os.path.join(CONFIGS, config + ".toml"), *arguments, *sets(*tables, **settings), code=code)


def write_dataset(path, seed=0, n_points=40, n_snapshots=21, trajectories=(3, 2, 2), changes=None, **options):
    """A dataset as another code of this method would write it: no attributes; a travelling wave and a little noise.

    `changes` maps dataset names to arrays that replace them, or to None, which leaves the dataset out.
    """
    generator = numpy.random.default_rng(seed)
    x = numpy.arange(n_points) / n_points
    t = numpy.linspace(0, 1, n_snapshots)
    parts = {}
    for split, n in zip(("train", "val", "test"), trajectories):
        phase = generator.uniform(0, 1, n)
        wave = numpy.sin(2 * numpy.pi * (x[None, None] - t[None, :, None] - phase[:, None, None]))
        parts[split + "_x"] = (wave + 0.01 * generator.standard_normal(wave.shape))[:, :, None].astype("f4")
        parts[split + "_t"] = numpy.tile(t, (n, 1)).astype("f4")
        parts[split + "_mu"] = phase[:, None].astype("f4")
        parts[split + "_f"] = numpy.zeros((n, n_snapshots, 1), "f4")
    parts.update(changes or {})
    with h5py.File(path, "w") as file:
        for name, values in parts.items():
            if values is not None:
                text = isinstance(values, str)
                file.create_dataset(name, data=values, **({} if text else options))
    return parts


def main():
    ProgramTest.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
