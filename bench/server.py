"""A long-lived program that is timed: started, told how often to do its work, asked how long that took."""

import os
import subprocess
from pathlib import Path

PROGRAM = os.environ.get("MSDE_BENCH", str(Path(__file__).resolve().parent.parent / "build/release/bench/msde_bench_steps"))
# Nothing of these from outside.
CHOSEN = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY", "GLIBC_TUNABLES", "OMP_NUM_THREADS", "MSDE_CHOSE_ENVIRONMENT")


def require_program(parser):
    if not os.access(PROGRAM, os.X_OK):
        parser.error(f"{PROGRAM} is not there: build it (cmake --build --preset release --target msde_bench_steps) or name it in MSDE_BENCH")


class Ended(SystemExit):
    """The program gave up; whoever does not expect that ends too, with this line."""


class Server:
    """A long-lived process that waits until it is told to work."""

    def __init__(self, command, environment):
        outside = {key: value for key, value in os.environ.items() if key not in CHOSEN}
        self.process = subprocess.Popen([str(word) for word in command], env={**outside, **environment}, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = None

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Ended(f"bench: {self.process.args[0]} ended with {self.process.wait()}")
        return line.strip()

    def wait(self):
        self.ready = dict(word.split("=", 1) for word in self.answer().split()[1:])
        return self

    def ask(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return float(self.answer())

    def per_iteration(self, count):
        return self.ask(f"run {count}") / count

    def close(self):
        self.process.stdin.close()
        self.process.wait()
