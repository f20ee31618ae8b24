"""Training shared by several processes: the same result as by one, and a clear end when one of them is lost.

Run as: python3 ranks_test.py build/release/msde
"""

import csv
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

import numpy
import program
from program import CONFIGS, TINY_TRAINING, sets

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
SETTINGS = {**TINY_TRAINING, "train.max_steps": 12, "rollout.max_steps": 8, "data.path": "data.h5", "data.boundary": "periodic", "train.window": 16,
            "rollout.stride": 2, "rollout.stride_min": 2, "rollout.horizon_start": 4, "rollout.horizon_end": 12}
LONG = {"train.max_steps": 100000, "checkpoint.every": "0s"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tensors(data):
    """Of a safetensors file: name -> array."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    return {name: numpy.frombuffer(data[8 + size + e["data_offsets"][0]:8 + size + e["data_offsets"][1]], kinds[e["dtype"]])
            for name, e in header.items() if name != "__metadata__"}


def children(parent):
    """Rank -> process of the ranks that a launcher started."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) != parent:
                    continue
            with open(f"/proc/{pid}/environ", "rb") as file:
                variables = dict(word.split(b"=", 1) for word in file.read().split(b"\0") if b"=" in word)
            found[int(variables[b"RANK"])] = int(pid)
        except (OSError, KeyError):
            continue
    return found


class Ranks(program.ProgramTest):
    model = "model/model.safetensors"

    def setUp(self):
        super().setUp()
        program.write_dataset(self.path("data.h5"), n_snapshots=61, trajectories=(3, 3, 2))

    def arguments(self, folder, *more, settings=(), **other):
        return ["train", WAVE, "-o", folder, *more, *sets(SETTINGS, dict(settings), **other)]

    def ranks(self, n, folder, *more, address=None, **other):
        """A process for each rank, as on machines of their own: each has its own folder, and rank 0's is the run."""
        address = address or f"tcp://127.0.0.1:{free_port()}"
        return [self.start(*self.arguments(folder if k == 0 else f"{folder}_of_{k}", "--ranks", str(n), "--rank", str(k),
                                           "--rendezvous", address, *more, **other)) for k in range(n)]

    def ends(self, processes, seconds=60):
        results = [p.communicate(timeout=seconds) for p in processes]
        return [p.returncode for p in processes], [r[0] for r in results], [r[1] for r in results]

    def wait_for(self, what, process, seconds=60):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertIsNone(process.poll(), process.communicate()[1] if process.poll() is not None else "")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def wait_for_checkpoint(self, folder, process):
        self.wait_for(lambda: os.path.exists(self.path(folder, "checkpoints/last.safetensors")), process)

    def assertSame(self, folder, other, tolerance=1e-4):
        mine, theirs = tensors(self.read(folder, self.model)), tensors(self.read(other, self.model))
        self.assertEqual(mine.keys(), theirs.keys())
        for name, values in mine.items():
            self.assertLessEqual(numpy.linalg.norm(values - theirs[name]), tolerance * numpy.linalg.norm(theirs[name]) + 1e-7,
                                 name)
        rows = [list(csv.reader(self.read(f, "metrics.csv").decode().splitlines())) for f in (folder, other)]
        self.assertEqual(len(rows[0]), len(rows[1]))
        for mine, theirs in zip(*rows):
            for a, b in zip(mine, theirs):
                if a != b:
                    numpy.testing.assert_allclose(float(a), float(b), rtol=1e-3)

    def test_the_result_is_that_of_one(self):
        told = self.msde(*self.arguments("one")).stderr
        self.assertIn("smoothed in time", told)  # so encoder inputs carry noise, a share of which each rank draws
        for n in (2, 3):  # 3 ranks: 8 windows and 16 trajectories in uneven shares, one validation trajectory each
            codes, out, error = self.ends(self.ranks(n, f"by{n}"))
            self.assertEqual(codes, [0] * n, error)
            self.assertEqual(out, [f"by{n}/model/model.safetensors\n"] + [""] * (n - 1))
            self.assertEqual(error[1:], [""] * (n - 1))
            self.assertFalse(os.path.exists(self.path(f"by{n}_of_1")))
            self.assertSame(f"by{n}", "one")
        self.assertGreater(len(self.read("one/metrics.csv").splitlines()), 4)
        # Finished already, with any number of ranks.
        codes, _, error = self.ends(self.ranks(2, "by3", "--resume"))
        self.assertEqual(codes, [0, 0])
        self.assertIn("finished already", error[0])

    def test_ranks_go_back_together_from_roll_outs_that_diverge_or_forget(self):
        """Which steps are lost is a matter of rounding: that all ranks go on from the same weights is not."""
        rates = {"rollout.max_steps": 24, "rollout.validate_every": 1, "rollout.lr": 3, "rollout.lr_vectors": 3}
        for n in ("1", "2", "3"):
            told = self.msde(*self.arguments(f"by{n}", "--ranks", n, settings=rates)).stderr
            self.assertIn("going on from", told)
            reached, alone = re.search(r"trained .* validation rel_l2 ([\d.e+-]+) \(solver-free stage alone ([\d.e+-]+)\)", told).groups()
            self.assertLessEqual(float(reached), float(alone))
            self.assertTrue(all(numpy.isfinite(values).all() for values in tensors(self.read(f"by{n}", self.model)).values()))

    def test_a_launcher_starts_them_all(self):
        # One validation trajectory for two ranks; data that rank 0 generates.
        generated = {"data.path": "", "data.boundary": "", **program.TINY_DATA, "data.generate.n_steps": 41}
        self.msde(*self.arguments("one", settings=generated))
        result = self.msde(*self.arguments("two", "--ranks", "2", settings=generated))
        self.assertEqual(result.stdout, "two/model/model.safetensors\n")
        self.assertEqual(result.stderr.count("parameters; 2 trajectories"), 1)  # one display
        self.assertSame("two", "one")

    def test_a_lost_rank(self):
        self.msde(*self.arguments("whole", train__max_steps=60))
        processes = self.ranks(2, "run", settings={**LONG, "train.max_steps": 60})
        self.wait_for_checkpoint("run", processes[0])
        processes[1].kill()
        codes, _, error = self.ends(processes)
        if codes != [0, -9]:  # else it had finished its part
            self.assertEqual(codes, [75, -9], error)
            last = error[0].splitlines()[-1]
            self.assertRegex(last, r"^msde: error: rank 1 of 2 is lost: the connection broke; the checkpoint of (elbo|rollout) "
                                   r"step \d+ is kept; continue with --resume, on any number of ranks$")
            # On one rank, from there, to where an undisturbed run comes.
            told = self.msde(*self.arguments("run", "--resume", settings={"train.max_steps": 60})).stderr
            self.assertIn("trained 60 + 8", told)
        self.assertSame("run", "whole", tolerance=1e-2)

    def test_a_lost_rank_0(self):
        processes = self.ranks(3, "run", settings=LONG)
        self.wait_for_checkpoint("run", processes[0])
        processes[0].kill()
        codes, _, error = self.ends(processes)
        self.assertEqual(codes, [-9, 75, 75], error)
        for text in error[1:]:
            self.assertRegex(text, r"\Amsde: error: rank 0 of 3 is lost: [^\n]*--resume\n\Z")

    def test_a_silent_rank(self):
        processes = self.ranks(2, "run", "--rank-timeout", "3s", settings=LONG)
        self.wait_for_checkpoint("run", processes[0])
        processes[1].send_signal(signal.SIGSTOP)
        start = time.monotonic()
        _, error = processes[0].communicate(timeout=30)
        took = time.monotonic() - start
        processes[1].kill()
        self.ends(processes[1:])
        self.assertEqual(processes[0].returncode, 75, error)
        self.assertIn("rank 1 of 2 is lost: no answer within 3 s; the checkpoint of elbo step", error)
        self.assertLess(took, 10)

    def test_signals_and_time_reach_every_rank(self):
        # To any one of them; and each saved state is continued by another number of ranks.
        processes = self.ranks(2, "run", settings=LONG)
        self.wait_for_checkpoint("run", processes[0])
        processes[1].send_signal(signal.SIGTERM)
        codes, _, error = self.ends(processes)
        self.assertEqual(codes, [143, 143], error)
        self.assertRegex(error[0].splitlines()[-1], r"stopped by SIGTERM; saved elbo step \d+; continue with --resume")

        result = self.msde(*self.arguments("run", "--resume", "--ranks", "3", "--max-time", "2s", settings=LONG), code=75)
        self.assertIn("time limit reached; saved elbo step", result.stderr.splitlines()[-1])

        process = self.start(*self.arguments("run", "--resume", "--ranks", "2", settings=LONG))
        self.wait_for(lambda: len(children(process.pid)) == 2, process)
        before = os.stat(self.path("run/checkpoints/last.safetensors")).st_mtime_ns
        self.wait_for(lambda: os.stat(self.path("run/checkpoints/last.safetensors")).st_mtime_ns > before, process)
        process.send_signal(signal.SIGINT)
        codes, _, error = self.ends([process])
        self.assertEqual(codes, [130], error)
        self.assertRegex(error[0].splitlines()[-1], r"stopped by SIGINT; saved elbo step \d+")

    def test_a_rank_of_the_launcher_dies(self):
        process = self.start(*self.arguments("run", "--ranks", "3", settings=LONG))
        self.wait_for_checkpoint("run", process)
        ranks = children(process.pid)
        os.kill(ranks[2], signal.SIGKILL)
        codes, _, error = self.ends([process])
        self.assertEqual(codes, [137], error)
        self.assertIn("rank 2 of 3 is lost", error[0])
        self.assertIn("rank 2 was ended by signal 9", error[0].splitlines()[-1])
        for pid in ranks.values():
            self.assertFalse(os.path.exists(f"/proc/{pid}"), pid)
        self.assertTrue(os.path.exists(self.path("run/checkpoints/last.safetensors")))

    def test_command_lines_that_make_no_sense(self):
        where = ["--rendezvous", "tcp://127.0.0.1:29500"]
        self.refuse(2, ["--rank 2", "expected a rank of 0..1"], *self.arguments("r", "--ranks", "2", "--rank", "2", *where))
        self.refuse(2, ["--rank 1", "--ranks 1"], *self.arguments("r", "--ranks", "1", "--rank", "1", *where))
        self.refuse(2, ["--ranks", "missing"], *self.arguments("r", "--rank", "1", *where))
        self.refuse(2, ["--rendezvous tcp://HOST:PORT"], *self.arguments("r", "--ranks", "2", "--rank", "1"))
        self.refuse(2, ["--rank 0..1"], *self.arguments("r", "--ranks", "2", *where))
        self.refuse(2, ["tcp://HOST:PORT", "nowhere"], *self.arguments("r", "--ranks", "2", "--rank", "1", "--rendezvous", "nowhere"))
        self.refuse(2, ["--rank-timeout"], *self.arguments("r", "--ranks", "2", "--rank-timeout", "soon"))
        self.refuse(2, ["train.windows_per_step = 8", "at most 8"], *self.arguments("r", "--ranks", "9"))
        self.assertEqual(self.files(), ["data.h5"])

    def test_ranks_that_do_not_meet(self):
        port = free_port()
        alone = ["--ranks", "2", "--rendezvous", f"tcp://127.0.0.1:{port}", "--rank-timeout", "2s"]
        self.refuse(2, ["no rank 0 answers there within 2s", str(port)], *self.arguments("r", *alone, "--rank", "1"))
        self.refuse(2, ["rank 1 of 2 did not come within 2s"], *self.arguments("r", *alone, "--rank", "0"))
        with socket.socket() as s:
            s.bind(("", port))
            s.listen()
            self.refuse(2, [f"port {port} of this machine is in use"], *self.arguments("r", *alone, "--rank", "0"))
            self.refuse(2, ["no rank 0 answers"], *self.arguments("r", *alone, "--rank", "1"))  # somebody else listens
        self.assertEqual(self.files(), ["data.h5"])

    def test_ranks_that_differ(self):
        program.write_dataset(self.path("other.h5"), seed=1, n_snapshots=61, trajectories=(3, 3, 2))
        for words, code, settings in ((["rank 1: train.lr = 0.5, but rank 0 has"], 2, {"train__lr": 0.5}),
                                      (["rank 1: ", "other.h5: has other contents"], 3, {"data__path": "other.h5"}),
                                      (["rank 1: absent.h5"], 3, {"data__path": "absent.h5"})):
            more = ["--ranks", "2", "--rendezvous", f"tcp://127.0.0.1:{free_port()}", "--rank-timeout", "3s"]
            processes = [self.start(*self.arguments("run", *more, "--rank", "0")),
                         self.start(*self.arguments("elsewhere", *more, "--rank", "1", **settings))]
            codes, out, error = self.ends(processes)
            if "absent.h5" in str(settings):  # found before they meet
                self.assertEqual(codes, [2, 3], error)
                self.assertIn("absent.h5", error[1])
                self.assertIn("rank 1 of 2 did not come", error[0])
                continue
            self.assertEqual(codes, [code, code], error)
            self.assertEqual(out, ["", ""])
            for word in words:
                self.assertIn(word, error[0].splitlines()[-1])
            self.assertRegex(error[1], r"\Amsde: error: [^\n]*\n\Z")

    def test_generated_data_that_another_machine_does_not_see(self):
        generated = {"data.path": "", "data.boundary": "", **program.TINY_DATA}
        codes, _, error = self.ends(self.ranks(2, "run", settings=generated))
        self.assertEqual(codes, [3, 3], error)
        self.assertRegex(error[0].splitlines()[-1], r"rank 1: .*run_of_1/data/wave_1d.h5: is not there; share the folder")

    def test_the_launcher_reports_one_line(self):
        self.refuse(3, ["absent.h5"], *self.arguments("run", "--ranks", "2", data__path="absent.h5"))
        self.refuse(2, ["train.learning_rate"], *self.arguments("run", "--ranks", "2", train__learning_rate=1))
        os.mkdir(self.path("full"))
        self.write("full/notes.txt", "mine")
        self.refuse(2, ["full", "not empty"], *self.arguments("full", "--ranks", "2"))

    def test_the_environment_of_other_launchers(self):
        """RANK and so on, as PyTorch calls them, without a flag."""
        port, processes = free_port(), []
        for k in range(2):
            variables = {**program.environment(), "RANK": str(k), "WORLD_SIZE": "2", "MASTER_ADDR": "localhost",
                         "MASTER_PORT": str(port), "LOCAL_RANK": str(k), "LOCAL_WORLD_SIZE": "2"}
            processes.append(subprocess.Popen(self.command(*self.arguments("run")), cwd=self.folder, env=variables,
                                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        codes, out, error = self.ends(processes)
        self.assertEqual(codes, [0, 0], error)
        self.assertEqual(out, ["run/model/model.safetensors\n", ""])


if __name__ == "__main__":
    program.main()
