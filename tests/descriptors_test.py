"""Every command that writes, started with descriptors closed: its files are those it makes with /dev/null there.

Run as: python3 descriptors_test.py build/release/msde
"""

import concurrent.futures
import csv
import json
import os
import subprocess

import program

CONFIG = os.path.join(program.CONFIGS, "wave_1d.toml")
TRAINING = program.sets(program.TINY_TRAINING, {"data.path": "../tiny.h5"})
# Descriptors: a caller may close one, or all as some daemons do.
CLOSED = {"err": "2>&-", "all": "0<&- 1>&- 2>&-"}
TO_NULL = "0</dev/null 1>/dev/null 2>/dev/null"


def fields(tree):
    """The names in a JSON document, without its values."""
    if isinstance(tree, dict):
        return {key: fields(value) for key, value in tree.items()}
    return None


def tensors(safetensors):
    """The bytes after the header."""
    return safetensors[8 + int.from_bytes(safetensors[:8], "little"):]


class Descriptors(program.ProgramTest):
    def in_shell(self, folder, redirections, *arguments):
        os.makedirs(self.path(folder), exist_ok=True)
        result = subprocess.run(["sh", "-c", f'exec "$0" "$@" {redirections}', *self.command(*arguments)], cwd=self.path(folder),
                                env=program.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        self.assertEqual(result.returncode, 0, f"{arguments} {redirections}")

    def same_files(self, folder, reference):
        self.assertEqual(self.files(folder), self.files(reference))
        for name in self.files(folder):
            got, expected = self.read(folder, name), self.read(reference, name)
            if name.endswith(".json") and got != expected:  # what it took differs: seconds, memory
                self.assertEqual(fields(json.loads(got)), fields(json.loads(expected)), name)
            elif name.endswith(".csv"):
                rows, wanted = (list(csv.reader(text.decode().splitlines())) for text in (got, expected))
                self.assertEqual([len(row) for row in rows], [len(row) for row in wanted], name)
                self.assertEqual(rows[0], wanted[0])
            elif name.endswith("last.safetensors"):  # its header has the seconds
                self.assertEqual(tensors(got), tensors(expected), name)
            elif not name.endswith((".md", ".log", ".lock")):
                self.assertEqual(got, expected, name)

    def check(self, closed, *arguments):
        """`arguments` in a folder for each row of `closed` and in one for /dev/null; all make the same files."""
        self.assertGreater(len(closed), 0)
        with concurrent.futures.ThreadPoolExecutor(2) as both:
            name = arguments[0]
            list(both.map(lambda row: self.in_shell(name + row[0], row[1], *arguments), [("null", TO_NULL), *closed.items()]))
        self.assertGreater(len(self.files(name + "null")), 0)
        for row in closed:
            self.same_files(name + row, name + "null")

    def test_every_command_that_writes(self):
        self.check({"in": "0<&-", "out": "1>&-", **CLOSED}, "generate", "wave_1d", "-o", "data.h5", "-v", *program.sets(program.TINY_DATA))
        self.tiny_data()
        self.check(CLOSED, "import", "../tiny.h5", "-o", "part.h5", "--crop", "x=0:64", "-v")
        self.check(CLOSED, "train", CONFIG, "-o", "run", "-v", *TRAINING)
        self.check(CLOSED, "run", CONFIG, "-o", "run", "-v", *TRAINING)
        self.check(CLOSED, "evaluate", "../runnull/run", "--json", "scores.json", "--split", "val")
        self.check(CLOSED, "predict", "../runnull/run", "-o", "forecast", "--members", "2", "-v")
        self.check(CLOSED, "score", "../tiny.h5", "../predictnull/forecast/forecast.h5", "--json", "scores.json", "-v")
        self.check(CLOSED, "compare", CONFIG, "-o", "c", "--models", "persistence,mean", "--json", "result.json", *TRAINING)


if __name__ == "__main__":
    program.main()
