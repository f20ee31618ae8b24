"""Nothing that is there is overwritten without being asked.

Run as: python3 overwrite_test.py build/release/msde
"""

import json
import os
import shutil
import subprocess
import threading

import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
SMALL = sets({"n_steps": 11, "n_train": 2, "n_val": 1, "n_test": 1})


class Overwrite(program.ProgramTest):
    def setUp(self):
        super().setUp()
        program.write_dataset(self.path("data.h5"))
        self.settings = sets(TINY_TRAINING, {"data.path": "data.h5", "data.boundary": "periodic", "model.n_zeta": 10})
        numpy.save(self.path("truth.npy"), numpy.ones((1, 3, 1, 8), "f4"))
        numpy.save(self.path("guess.npy"), numpy.full((1, 3, 1, 8), 1.5, "f4"))

    def commands(self):
        """What is written -> the command that writes it."""
        return {"made.h5": ["generate", "wave_1d", "-o", "made.h5", *SMALL],
                "groups.h5": ["generate", "wave_1d", "-o", "groups.h5", "--format", "pdebench", *SMALL],
                "copy.h5": ["import", "data.h5", "-o", "copy.h5"],
                "deep/copy.h5": ["import", "data.h5", "-o", "deep/copy.h5", "--format", "pdebench"],
                "scores.json": ["score", "truth.npy", "guess.npy", "--json", "scores.json"],
                "forecast/forecast.h5": ["predict", "run", "-o", "forecast", "--members", "0"],
                "evaluated.json": ["evaluate", "run", "--json", "evaluated.json"],
                "validated.json": ["evaluate", "run", "--split", "val", "--json", "validated.json"],
                "compared.json": ["compare", WAVE, "-o", "comparison", "--models", "persistence", "--json", "compared.json", *self.settings]}

    def test_every_command(self):
        os.mkdir(self.path("deep"))
        os.mkdir(self.path("forecast"))
        # Before any work: there is not even a run yet.
        for name, command in self.commands().items():
            with self.subTest(name):
                self.write(name, "mine")
                before = self.files()
                result = self.refuse(2, [f"{name}: exists already", "--force"], *command)
                self.assertEqual(result.stderr.count(name), 1)
                self.assertEqual(self.read(name), b"mine")
                self.assertEqual(self.files(), before)
        self.msde("train", WAVE, "-o", "run", "-q", *self.settings)
        for name, command in self.commands().items():
            with self.subTest(name):
                self.msde(*command, "-q", "--force")
                made = self.read(name)
                self.assertNotEqual(made, b"mine")
                self.refuse(2, [f"{name}: exists already"], *command)
                self.assertEqual(self.read(name), made)
                os.remove(self.path(name))
                shutil.rmtree(self.path("comparison"), ignore_errors=True)
                self.msde(*command, "-q")
                self.write(name, "mine")
                self.msde(*command, "-q", "-f")
                self.assertNotEqual(self.read(name), b"mine")
        # A comparison with other rows.
        before = self.read("comparison/comparison.json")
        other = ["compare", WAVE, "-o", "comparison", "--models", "mean", *self.settings]
        self.refuse(2, ["comparison/comparison.json: exists already", "--force"], *other)
        self.assertEqual(self.read("comparison/comparison.json"), before)
        self.msde(*other, "-q", "--force")
        self.assertIn("mean", [row["name"] for row in json.loads(self.read("comparison/comparison.json"))["rows"]])
        # Its own file belongs to the run.
        self.assertIn("metrics", json.loads(self.read("run/eval/metrics.json")))
        self.msde("evaluate", "run", "-q")
        self.refuse(2, ["run", "--force"], "train", WAVE, "-o", "run", *self.settings)
        self.msde("train", WAVE, "-o", "run", "-q", "-f", *self.settings)

    def test_a_link_to_a_file_is_that_file(self):
        score = ["score", "truth.npy", "guess.npy", "--json", "link.json"]
        self.write("mine.json", "mine")
        os.symlink("mine.json", self.path("link.json"))
        self.refuse(2, ["link.json: exists already", "--force"], *score)
        self.assertEqual(self.read("mine.json"), b"mine")
        self.msde(*score, "-q", "--force")
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertIn("metrics", json.loads(self.read("mine.json")))
        os.remove(self.path("mine.json"))
        self.msde(*score, "-q")  # a link to nothing overwrites nothing
        self.assertIn("metrics", json.loads(self.read("mine.json")))

    def test_force_is_no_leave_for_folders_and_inputs(self):
        for force in ([], ["--force"], ["-f"]):
            self.refuse(2, ["data.h5", "is read by this command"], "import", "data.h5", "-o", "data.h5", *force)
            self.refuse(2, ["truth.npy", "is read by this command"], "score", "truth.npy", "guess.npy", "--json", "truth.npy", *force)
            self.refuse(2, ["data.h5", "is read by this command"], "evaluate", "run", "--data", "data.h5", "--json", "data.h5", *force)
            self.refuse(2, ["data.h5", "is read by this command"], "compare", WAVE, "-o", "comparison", "--json", "data.h5", *self.settings, *force)
        os.mkdir(self.path("folder"))
        self.refuse(2, ["folder", "is a folder"], "score", "truth.npy", "guess.npy", "--json", "folder", "--force")
        self.refuse(2, ["folder: is a folder"], "generate", "wave_1d", "-o", "folder", "--force")
        self.refuse(2, ["/dev/null: is no regular file"], "generate", "wave_1d", "-o", "/dev/null", "--force")

    def test_special_files_are_written_as_they_are(self):
        score = ["score", "truth.npy", "guess.npy", "-q", "--json"]
        table = self.msde(*score[:-1]).stdout
        self.assertEqual(self.msde(*score, "/dev/null").stdout, table)
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            result = self.msde(*score, name).stdout
            self.assertTrue(result.startswith(table), result)
            self.assertIn("metrics", json.loads(result[len(table):]))
            with open(self.path("out.txt"), "w") as out:  # a regular file by that name: appended to, not replaced
                subprocess.run(self.command(*score, name), cwd=self.folder, env=program.environment(), stdout=out, check=True)
            self.assertTrue(self.read("out.txt").decode().startswith(table))
            self.assertIn("metrics", json.loads(self.read("out.txt")[len(table.encode()):]))
        os.mkfifo(self.path("pipe"))
        got = []
        reader = threading.Thread(target=lambda: got.append(self.read("pipe")))
        reader.start()
        self.msde(*score, "pipe")
        reader.join(30)
        self.assertIn("metrics", json.loads(got[0]))
        self.assertEqual(self.msde(*score, "/dev/stderr").stdout, table)
        result = self.msde(*score, "/dev/full", code=3)
        self.assertRegex(result.stderr, r"\Amsde: error: /dev/full: cannot be written: No space left on device\n\Z")
        result = self.msde(*score, "/dev/fd/77", code=3)
        self.assertRegex(result.stderr, r"\Amsde: error: /dev/fd/77: cannot be written: Bad file descriptor\n\Z")


if __name__ == "__main__":
    program.main()
