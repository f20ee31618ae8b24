"""The program as scripts meet it: exit codes, one line on stderr, nothing half-written, results on stdout.

Run as: python3 command_line_test.py build/release/msde
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy

MSDE = os.path.abspath(sys.argv.pop(1))


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="msde_cli_")
        self.folder = self.scratch.name

    def tearDown(self):
        self.scratch.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def msde(self, *arguments, code=0, **options):
        result = subprocess.run([MSDE, *arguments], capture_output=True, text=True, timeout=300, cwd=self.folder, **options)
        self.assertEqual(result.returncode, code, f"{arguments}: {result.stdout}{result.stderr}")
        return result

    def refuse(self, code, words, *arguments):
        """Exit code `code`, nothing on stdout, one line on stderr that holds every one of `words`."""
        result = self.msde(*arguments, code=code)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def small(self, name="small.h5", *arguments):
        path = self.path(name)
        self.msde("generate", "wave_1d", "-o", path, "--set", "n_train=2", "--set", "data.generate.n_val=1", "--set",
                  "n_test=1", "--set", "n_steps=11", *arguments)
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, content=b""):
        with open(self.path(name), "wb") as file:
            file.write(content)

    def files(self):
        return sorted(os.path.join(base, name)[len(self.folder) + 1:] for base, _, names in os.walk(self.folder) for name in names)

    # --- help and flags

    def test_every_help_ends_with_examples(self):
        for command in ([], ["run"], ["generate"], ["import"], ["train"], ["evaluate"], ["predict"], ["score"], ["info"], ["doctor"],
                        ["config"], ["config", "explain"]):
            text = self.msde(*command, "--help").stdout
            self.assertIn("Examples:\n  msde", text)
            self.assertTrue(text.rstrip().splitlines()[-1].startswith("  msde"), text)

    def test_version(self):
        self.assertRegex(self.msde("--version").stdout, r"^\d+\.\d+\.\d+\n$")

    def test_wrong_command_lines(self):
        self.refuse(2, ["expected a command", "--help"])
        self.refuse(2, ["'generat'", "did you mean 'generate'?"], "generat")
        self.refuse(2, ["'--sed'", "did you mean '--seed'?", "msde generate --help"], "generate", "wave_1d", "-o", "x.h5", "--sed", "1")
        self.refuse(2, ["--output"], "generate", "wave_1d")
        self.refuse(2, ["--seed"], "generate", "wave_1d", "-o", "x.h5", "--seed", "many")
        self.refuse(2, ["unexpected argument"], "doctor", "again")
        self.refuse(2, ["expected a command", "config --help"], "config")
        self.assertEqual(self.files(), [])

    # --- doctor and config

    def test_nobody_reads(self):
        """A full disk behind stdout is an error, not silence."""
        with open("/dev/full", "w") as full:
            result = subprocess.run([MSDE, "config", "explain"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=300)
        self.assertEqual(result.returncode, 1, result.stderr)

    def test_doctor(self):
        text = self.msde("doctor", "--threads", "1").stdout
        for fact in ("msde: ", "LibTorch: ", "HDF5: ", "BLAS: ", "threads: 1\n", "OPENBLAS_CORETYPE: ", "OMP_WAIT_POLICY: ", "GLIBC_TUNABLES: ", "CUDA: "):
            self.assertIn(fact, text)

    def test_the_users_kernels_are_kept(self):
        environment = dict(os.environ, OPENBLAS_CORETYPE="Haswell")
        self.assertIn("OPENBLAS_CORETYPE: Haswell", self.msde("doctor", env=environment).stdout)
        environment = dict(os.environ, GLIBC_TUNABLES="glibc.malloc.check=0")
        self.assertIn("GLIBC_TUNABLES: glibc.malloc.check=0", self.msde("doctor", env=environment).stdout)
        # No endless loop where only the mark of the first start is left.
        environment = dict(os.environ, MSDE_CHOSE_ENVIRONMENT="1")
        environment.pop("OPENBLAS_CORETYPE", None)
        self.assertIn("OPENBLAS_CORETYPE: unset", self.msde("doctor", env=environment).stdout)

    def test_explain(self):
        every = self.msde("config", "explain").stdout
        for key in ("case.name", "data.path", "data.generate.seed", "model.n_zeta", "train.lr", "rollout.max_steps", "checkpoint.every"):
            self.assertIn(f"\n{key} = " if key != "case.name" else f"{key} = ", every)
        self.assertEqual(self.msde("config", "explain", "train.lr").stdout.count("\n"), 2)
        self.refuse(2, ["'train.lrr'", "did you mean 'train.lr'?"], "config", "explain", "train.lrr")

    # --- generate

    def test_generate_writes_the_layout_and_says_where(self):
        path = self.path("deep/er/wave.h5")
        result = self.msde("generate", "wave_1d", "-o", path, "--set", "n_train=2", "--set", "n_val=1", "--set", "n_test=1",
                           "--set", "n_steps=11", "--seed", "5")
        self.assertEqual(result.stdout, path + "\n")
        with h5py.File(path) as file:
            self.assertEqual(file["train_x"].shape[:3], (2, 11, 1))
            self.assertEqual(file["train_x"].dtype, numpy.float32)
            self.assertEqual(file.attrs["case"], "wave_1d")
            self.assertEqual(file.attrs["seed"], 5)

    def test_generate_is_repeatable_and_replaces_when_asked(self):
        self.small("a.h5", "--threads", "1")
        first = self.read("a.h5")
        self.write("a.h5", b"old")
        self.refuse(2, ["a.h5: exists already", "--force"], "generate", "wave_1d", "-o", "a.h5")
        self.assertEqual(self.read("a.h5"), b"old")
        self.small("a.h5", "--threads", "2", "--force")
        self.assertEqual(self.read("a.h5"), first)
        self.small("a.h5", "--seed", "9", "-f")
        self.assertNotEqual(self.read("a.h5"), first)
        self.assertEqual(self.files(), ["a.h5"])

    def test_generate_refuses(self):
        self.refuse(2, ["kdv1d", "kdv_1d"], "generate", "kdv1d", "-o", "x.h5")
        self.refuse(2, ["n_trian", "n_train"], "generate", "wave_1d", "-o", "x.h5", "--set", "n_trian=1")
        self.refuse(2, ["n_train", "got 0"], "generate", "wave_1d", "-o", "x.h5", "--set", "n_train=0")
        self.refuse(2, ["is a folder"], "generate", "wave_1d", "-o", ".")
        self.write("file")
        self.refuse(2, ["file"], "generate", "wave_1d", "-o", "file/x.h5")
        self.assertEqual(self.files(), ["file"])

    def test_a_signal_stops_and_leaves_nothing(self):
        process = subprocess.Popen([MSDE, "generate", "kdv_1d", "-o", "x.h5", "--set", "n_train=2000"], cwd=self.folder,
                                   stderr=subprocess.PIPE, text=True)
        while not self.files() and process.poll() is None:  # until generation has begun
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=120), 143)
        self.assertIn("SIGTERM", process.stderr.read())
        process.stderr.close()
        self.assertEqual(self.files(), [])

    def test_full_disk(self):
        """Played by a limit on the size of files: exit 3, one line, no file."""
        import resource

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))

        result = subprocess.run([MSDE, "generate", "wave_1d", "-q", "-o", "x.h5", "--set", "n_steps=11"], cwd=self.folder,
                                capture_output=True, text=True, preexec_fn=limit, timeout=300)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertEqual(self.files(), [])

    # --- info

    def test_info_of_a_dataset(self):
        text = self.msde("info", self.small()).stdout
        for part in ("case: wave_1d", "1000 points", "dt: 0.1", "train: 2 trajectories x 11 snapshots", "noise_std: 0.001"):
            self.assertIn(part, text)

    def test_info_refuses(self):
        self.refuse(3, ["absent.h5"], "info", "absent.h5")
        self.refuse(3, ["not the folder of a run"], "info", self.folder)
        for name, content in (("empty.h5", b""), ("text.h5", b"hello world\n")):
            self.write(name, content)
            self.refuse(3, [name], "info", name)
        self.small()
        whole = self.read("small.h5")
        self.write("cut.h5", whole[:len(whole) // 2])
        self.refuse(3, ["cut.h5"], "info", "cut.h5")
        with h5py.File(self.path("small.h5"), "r+") as file:
            file["val_x"][0, 3, 0, 7] = numpy.inf
        self.refuse(3, ["small.h5", "val"], "info", "small.h5")


if __name__ == "__main__":
    unittest.main()
