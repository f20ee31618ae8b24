"""Training shared by several processes: the same result as by one, and a clear end when one of them is lost.

Run as: python3 ranks_test.py build/release/msde
"""

import csv
import json
import os
import re
import shutil
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
SECRET = {"MSDE_RANK_SECRET": "the secret of these tests"}
LONG = {"train.max_steps": 100000, "checkpoint.every": "0s"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def addresses(process):
    """Where a process listens: [(address, port)], of TCP and UDP over IPv4 and IPv6, as /proc says."""
    found = []
    inodes = set()
    try:
        for number in os.listdir(f"/proc/{process}/fd"):
            try:
                inodes.add(os.readlink(f"/proc/{process}/fd/{number}"))
            except OSError:
                continue
    except OSError:
        return []  # it has ended
    for table, listens in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/{process}/net/{table}") as file:
            for line in file.readlines()[1:]:
                words = line.split()
                if words[3] == listens and f"socket:[{words[9]}]" in inodes:
                    host, port = words[1].split(":")
                    raw = b"".join(struct.pack("<I", int(host[i:i + 8], 16)) for i in range(0, len(host), 8))
                    found.append((socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw), int(port, 16)))
    return found


def strangers(address, count=200):
    """Connections that say nothing, begin as ranks do and stall, or say what no rank says."""
    all_of_them = []
    for i in range(count):
        s = socket.create_connection(address, timeout=5)
        s.setblocking(False)
        words = [b"", b"msde ranks 1\0\0\0\0", b"msde ranks 1\0\0\0\0" + bytes(32) + struct.pack("<qq", 1, 2), os.urandom(5000),
                 b"GET / HTTP/1.1\r\n\r\n", b"msde ranks 1\0\0\0\0" + bytes(32) + struct.pack("<qq", 1, 2) + bytes(32)][i % 6]
        try:
            s.send(words)
        except OSError:
            pass
        all_of_them.append(s)
    return all_of_them


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
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.update(SECRET)

    def start_with(self, variables, *arguments):
        """Without the secret, unless it is among the variables."""
        kept = {key: value for key, value in program.environment().items() if key not in SECRET}
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env={**kept, **variables}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

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

    def under(self, *variables, folder="run"):
        """Ranks that a launcher starts, one for each table of variables, and all that they end with."""
        return self.ends([self.start_with(v, *self.arguments(folder)) for v in variables])

    def assertDone(self, codes, out, error, folder="run"):
        self.assertEqual(codes, [0] * len(codes), error)
        self.assertEqual(sorted(out), [""] * (len(codes) - 1) + [f"{folder}/model/model.safetensors\n"])

    def test_nothing_listens_where_the_ranks_are_started_here(self):
        process = self.start(*self.arguments("run", "--ranks", "3", settings=LONG))
        seen = []

        def trains():
            seen.extend(place for pid in [process.pid, *children(process.pid).values()] for place in addresses(pid))
            return os.path.exists(self.path("run/checkpoints/last.safetensors"))
        self.wait_for(trains, process)
        time.sleep(0.5)
        self.assertEqual(len(children(process.pid)), 3)
        trains()
        process.send_signal(signal.SIGTERM)
        self.ends([process])
        self.assertEqual(seen, [])

    def test_strangers_change_nothing(self):
        """While the ranks meet, at every port that one of them listens on; afterwards none does."""
        codes, _, error = self.ends(self.ranks(2, "quiet"))
        self.assertEqual(codes, [0, 0], error)
        port = free_port()
        more = ["--ranks", "2", "--rendezvous", f"tcp://127.0.0.1:{port}"]
        first = self.start(*self.arguments("run", *more, "--rank", "0"))
        self.wait_for(lambda: addresses(first.pid), first)
        self.assertEqual(addresses(first.pid), [("127.0.0.1", port)])
        noise = strangers(("127.0.0.1", port))
        start = time.monotonic()
        second = self.start(*self.arguments("run_of_1", *more, "--rank", "1"))
        self.wait_for(lambda: os.path.exists(self.path("run/config.resolved.toml")), first)
        self.assertLess(time.monotonic() - start, 10)
        for process in (first, second):
            self.assertEqual(addresses(process.pid), [])
        with self.assertRaises(OSError):
            strangers(("127.0.0.1", port))
        codes, _, error = self.ends([first, second])
        self.assertEqual(codes, [0, 0], error)
        self.assertEqual(self.read("run", self.model), self.read("quiet", self.model))
        for s in noise:
            s.close()

    def test_another_secret(self):
        more = ["--ranks", "2", "--rendezvous", f"tcp://127.0.0.1:{free_port()}"]
        first = self.start(*self.arguments("run", *more, "--rank", "0"))
        for wrong in ("the secret of these test", "the secret of these tests.", "0" * 5000):
            start = time.monotonic()
            stranger = self.start_with({"MSDE_RANK_SECRET": wrong}, *self.arguments("elsewhere", *more, "--rank", "1"))
            codes, out, error = self.ends([stranger])
            self.assertLess(time.monotonic() - start, 8)
            self.assertEqual((codes, out), ([2], [""]), error)
            self.assertRegex(error[0], r"\Amsde: error: --rendezvous tcp://127.0.0.1:\d+: rank 0 has another secret; give every rank the "
                                       r"same [^\n]*\n\Z")
            self.assertNotIn(wrong, error[0])
        self.write("rank.secret", SECRET["MSDE_RANK_SECRET"] + "\n")
        os.chmod(self.path("rank.secret"), 0o600)
        right = self.start_with({}, *self.arguments("elsewhere", *more, "--rank", "1", "--rank-secret", "rank.secret"))
        codes, _, error = self.ends([first, right])
        self.assertEqual(codes, [0, 0], error)
        self.assertEqual(error[0].count("came with another secret and was turned away"), 1)

    def test_secrets_that_are_none(self):
        where = ["--ranks", "2", "--rank", "1", "--rendezvous", f"tcp://127.0.0.1:{free_port()}"]
        self.write("open.secret", SECRET["MSDE_RANK_SECRET"])
        os.chmod(self.path("open.secret"), 0o640)
        self.write("short.secret", "  fifteen bytes..\n")
        os.chmod(self.path("short.secret"), 0o600)
        for words, variables, flags in ((["the secret of the ranks is missing", "--rank-secret", "MSDE_RANK_SECRET"], {}, []),
                                        (["MSDE_RANK_SECRET: ", "has 5 bytes, expected 16"], {"MSDE_RANK_SECRET": "short"}, []),
                                        (["short.secret: ", "has 15 bytes"], {}, ["--rank-secret", "short.secret"]),
                                        (["open.secret: other users may open it (mode 640); chmod 600"], SECRET,
                                         ["--rank-secret", "open.secret"]),
                                        (["--rank-secret absent: cannot be read"], {}, ["--rank-secret", "absent"]),
                                        (["MSDE_RANK_SECRET_FILE absent: cannot be read"], {"MSDE_RANK_SECRET_FILE": "absent"}, []),
                                        (["--rank-secret .: is no regular file"], {}, ["--rank-secret", "."]),
                                        (["both set"], {**SECRET, "MSDE_RANK_SECRET_FILE": "open.secret"}, [])):
            codes, out, error = self.ends([self.start_with(variables, *self.arguments("r", *where, *flags))])
            self.assertEqual((codes, out), ([2], [""]), error)
            self.assertRegex(error[0], r"\Amsde: error: [^\n]*\n\Z")
            for word in words:
                self.assertIn(word, error[0])

    def test_the_environment_of_other_launchers(self):
        """RANK and so on, as PyTorch calls them, without a flag: on one machine without a secret, else with one."""
        port = free_port()
        one = [{"RANK": str(k), "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": str(port), "LOCAL_RANK": str(k),
                "LOCAL_WORLD_SIZE": "2"} for k in range(2)]
        self.assertDone(*self.under(*one))
        two = [{**v, "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"} for v in one]
        codes, _, error = self.under(*two, folder="two")
        self.assertEqual(codes, [2, 2])
        self.assertIn("secret of the ranks is missing", error[0])
        self.assertDone(*self.under(*({**v, **SECRET} for v in two), folder="two"), folder="two")
        self.assertEqual(self.read("two", self.model), self.read("run", self.model))
        # One process of a launcher may start ranks of its own, whatever else the environment says.
        alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
        codes, _, error = self.ends([self.start_with(alone, *self.arguments("mine", "--ranks", "2"))])
        self.assertEqual(codes, [0], error)
        self.assertEqual(self.read("mine", self.model), self.read("run", self.model))

    def test_torchrun(self):
        torchrun = shutil.which("torchrun")
        if not torchrun:
            self.skipTest("no torchrun (python3-torch)")
        kept = {key: value for key, value in program.environment().items() if key not in SECRET}

        def agent(folder, *flags, **variables):
            # Its defaults, no redirection, are none with Python 3.11: named for a rank that is not there.
            flags = [*flags, "--redirects", "9:1", "--tee", "9:1"]
            return subprocess.Popen([torchrun, *flags, "--no_python", *self.command(*self.arguments(folder))], cwd=self.folder,
                                    env={**kept, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        codes, out, error = self.ends([agent("run", "--standalone", "--nnodes", "1", "--nproc_per_node", "2")])
        self.assertEqual((codes, out), ([0], ["run/model/model.safetensors\n"]), error)
        # Two agents, as on two machines; the first one's agent listens at the port itself.
        port = free_port()
        codes, out, error = self.ends([agent("two" if k == 0 else "elsewhere", "--nnodes", "2", "--node_rank", str(k), "--nproc_per_node", "1",
                                             "--master_addr", "127.0.0.1", "--master_port", str(port), **SECRET) for k in range(2)])
        self.assertEqual((codes, out), ([0, 0], ["two/model/model.safetensors\n", ""]), error)
        self.assertEqual(self.read("two", self.model), self.read("run", self.model))

    def test_slurm(self):
        def step(k, **more):
            return {"SLURM_PROCID": str(k), "SLURM_NTASKS": "2", "SLURM_LOCALID": str(k), "SLURM_STEP_ID": "0", "SLURM_NODEID": "0",
                    "SLURM_JOB_ID": str(os.getpid()), "SLURM_STEP_TASKS_PER_NODE": "2", "SLURM_JOB_NODELIST": "localhost", **more}

        def apart(k, **more):
            return {**step(k), "SLURM_LOCALID": "0", "SLURM_NODEID": str(k), "SLURM_STEP_TASKS_PER_NODE": "1(x2)", **SECRET, **more}
        self.assertDone(*self.under(step(0), step(1)))
        self.assertDone(*self.under(*(apart(k, SLURM_JOB_NODELIST="localhost,other[2-3]") for k in range(2)), folder="first"), "first")
        # From a login node: nobody listens where srun was started.
        self.assertDone(*self.under(*(apart(k, SLURM_LAUNCH_NODE_IPADDR="192.0.2.1") for k in range(2)), folder="login"), "login")
        named = {"SLURM_JOB_NODELIST": "nosuchhost.invalid", "SLURM_LAUNCH_NODE_IPADDR": "127.0.0.1", "SLURM_CPUS_PER_TASK": "1"}
        self.assertDone(*self.under(*(apart(k, **named) for k in range(2)), folder="ip"), "ip")
        # The launch node is the first of the job, under another name.
        same = {"SLURM_JOB_NODELIST": "localhost,other", "SLURM_LAUNCH_NODE_IPADDR": "127.0.0.1"}
        self.assertDone(*self.under(*(apart(k, **same) for k in range(2)), folder="same"), "same")
        for other in ("first", "login", "ip", "same"):
            self.assertEqual(self.read(other, self.model), self.read("run", self.model))
        # A script of sbatch is one process.
        script = {"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_LOCALID": "0", "SLURM_JOB_ID": "7", "ENVIRONMENT": "BATCH"}
        self.assertDone(*self.under(script, folder="batch"), "batch")
        self.assertDone(*self.under({"SLURM_PROCID": "0", "SLURM_LOCALID": "0"}, folder="bare"), "bare")

    def test_variables_that_make_no_sense(self):
        good = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
        slurm = {"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "0", "SLURM_STEP_ID": "0", "SLURM_JOB_NODELIST": "localhost"}
        for words, variables in ((["RANK = x", "whole number"], {**good, "RANK": "x"}),
                                 (["RANK = -1"], {**good, "RANK": "-1"}),
                                 (["WORLD_SIZE = 2.0"], {**good, "WORLD_SIZE": "2.0"}),
                                 (["WORLD_SIZE = 0", "of 1..4096"], {**good, "WORLD_SIZE": "0"}),
                                 (["WORLD_SIZE = 99999999999999999999"], {**good, "WORLD_SIZE": "9" * 20}),
                                 (["RANK = 2 and WORLD_SIZE = 2 contradict"], {**good, "RANK": "2"}),
                                 (["RANK = 1 and WORLD_SIZE = 1 contradict"], {**good, "WORLD_SIZE": "1"}),
                                 (["LOCAL_RANK = 2 and LOCAL_WORLD_SIZE = 2"], {**good, "LOCAL_RANK": "2"}),
                                 (["LOCAL_RANK = 1 and RANK = 0"], {**good, "RANK": "0"}),
                                 (["LOCAL_WORLD_SIZE = 3 and WORLD_SIZE = 2"], {**good, "LOCAL_WORLD_SIZE": "3"}),
                                 (["MASTER_PORT = http"], {**good, "MASTER_PORT": "http"}),
                                 (["MASTER_PORT = 65536"], {**good, "MASTER_PORT": "65536"}),
                                 (["MASTER_ADDR = tcp://localhost"], {**good, "MASTER_ADDR": "tcp://localhost"}),
                                 (["where the ranks meet is missing", "MASTER_ADDR"], {**good, "MASTER_ADDR": ""}),
                                 (["where the ranks meet is missing", "MASTER_PORT"], {**good, "MASTER_PORT": ""}),
                                 (["RANK = 1: WORLD_SIZE is missing", "--ranks 1"], {**good, "WORLD_SIZE": ""}),
                                 (["which of them this is, is missing"], {**good, "RANK": ""}),
                                 (["SLURM_PROCID = two"], {**slurm, "SLURM_PROCID": "two"}),
                                 (["SLURM_NTASKS = 2x"], {**slurm, "SLURM_NTASKS": "2x"}),
                                 (["SLURM_PROCID = 2 and SLURM_NTASKS = 2"], {**slurm, "SLURM_PROCID": "2"}),
                                 (["SLURM_LOCALID = 3 and SLURM_PROCID = 1"], {**slurm, "SLURM_LOCALID": "3"}),
                                 (["SLURM_PROCID = 1: SLURM_NTASKS is missing"], {**slurm, "SLURM_NTASKS": ""}),
                                 (["where the ranks meet is missing"], {**slurm, "SLURM_JOB_NODELIST": ""})):
            codes, out, error = self.under(variables)
            self.assertEqual((codes, out), ([2], [""]), (words, error))
            self.assertRegex(error[0], r"\Amsde: error: [^\n]*\n\Z")
            for word in words:
                self.assertIn(word, error[0])
        codes, _, error = self.ends([self.start_with(good, *self.arguments("run", "--ranks", "4"))])
        self.assertEqual(codes, [2])
        self.assertIn("--ranks 4: the environment variable WORLD_SIZE = 2 contradicts it", error[0])
        codes, _, error = self.ends([self.start_with({**good, "RANK": "x"}, *self.arguments("run", "--ranks", "1"))])
        self.assertEqual(codes, [0], error)


if __name__ == "__main__":
    program.main()
