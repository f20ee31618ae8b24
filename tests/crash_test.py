"""Killed, stopped and started again: the trained model is the same, byte for byte.

Run as: python3 crash_test.py build/release/msde
MSDE_KILLS sets the number of kills (8); more of them with other seeds are for a longer test by hand: MSDE_KILL_SEED.
"""

import os
import random
import signal
import time

import program
from program import CONFIGS, TINY_DATA, TINY_TRAINING, sets

KDV = os.path.join(CONFIGS, "kdv_1d.toml")
SETTINGS = {**TINY_TRAINING, **TINY_DATA, "data.generate.n_train": 4, "checkpoint.every": "0s", "train.max_steps": 12,
            "rollout.max_steps": 12, "rollout.validate_every": 5}


class Crash(program.ProgramTest):
    model = "model/model.safetensors"

    def arguments(self, command, folder, *more, **settings):
        return [command, KDV, "-o", folder, "--deterministic", *more, *sets(SETTINGS, **settings)]

    def undisturbed(self, command="train", folder="whole", **settings):
        """The bytes of the model of a run that nothing disturbs, and how long it takes."""
        start = time.monotonic()
        self.msde(*self.arguments(command, folder, **settings))
        return self.read(folder, self.model), time.monotonic() - start

    def stop(self, process, number, seconds):
        time.sleep(seconds)
        process.send_signal(number)
        out, error = process.communicate(timeout=120)
        return process.returncode, out, error

    def finish(self, folder, expected, command="train", **settings):
        self.msde(*self.arguments(command, folder, *(["--resume"] if command == "train" else []), **settings))
        self.assertTrue(self.read(folder, self.model) == expected, f"{folder}: another model")
        self.assertEqual([name for name in self.files(folder) if ".tmp-" in name], [])

    def test_kill_at_any_moment(self):
        """`run` goes through every stage: data, basis, ELBO, roll-out, calibration, saving, scores."""
        expected, seconds = self.undisturbed("run")
        draw = random.Random(int(os.environ.get("MSDE_KILL_SEED", "0")))
        kills = int(os.environ.get("MSDE_KILLS", "8"))
        for i in range(kills):
            # One kill in each of equal parts of the whole; every other run is killed a second time.
            moments = [seconds * (i + draw.random()) / kills] + ([draw.uniform(0, seconds)] if i % 2 else [])
            folder = f"killed{i}"
            for n, moment in enumerate(moments):
                extra = ["--resume"] if n else []
                self.stop(self.start(*self.arguments("run", folder, *extra)), signal.SIGKILL, moment)
            with self.subTest(moments=moments, left=self.files(folder) if os.path.isdir(self.path(folder)) else None):
                self.msde(*self.arguments("run", folder, "--resume"))
                self.assertTrue(self.read(folder, self.model) == expected, "another model")
                self.assertEqual([name for name in self.files(folder) if ".tmp-" in name], [])
                self.assertTrue(os.path.exists(self.path(folder, "eval/metrics.json")))
                self.assertEqual(self.read(folder, "metrics.csv"), self.read("whole", "metrics.csv"))

    def test_resume(self):
        expected, _ = self.undisturbed()
        os.mkdir(self.path("empty"))
        self.finish("empty", expected)
        self.finish("absent", expected)
        self.finish("absent", expected)  # finished already
        written = os.stat(self.path("absent", self.model)).st_mtime_ns
        self.finish("absent", expected)
        self.assertEqual(os.stat(self.path("absent", self.model)).st_mtime_ns, written)
        # The bytes depend on no path, time or name, and not on how often is saved.
        self.finish("deep/er/run", expected, checkpoint__every="1h")
        self.refuse(2, ["train.lr", "--force"], *self.arguments("train", "absent", "--resume", train__lr=0.5))

    def test_a_folder_is_never_overwritten(self):
        expected, _ = self.undisturbed()
        self.refuse(2, ["--resume", "--force"], *self.arguments("train", "whole"))
        os.mkdir(self.path("other"))
        self.write("other/notes.txt", "mine")
        self.refuse(2, ["other"], *self.arguments("train", "other"))
        self.assertEqual(self.files("other"), ["notes.txt"])
        self.write("whole/notes.txt", "mine")
        self.msde(*self.arguments("train", "whole", "--force", train__seed=1))
        self.assertNotEqual(self.read("whole", self.model), expected)
        self.assertEqual(self.read("whole/notes.txt"), b"mine")
        self.msde(*self.arguments("train", "whole", "--force"))
        self.assertEqual(self.read("whole", self.model), expected)

    def test_signals(self):
        expected, _ = self.undisturbed()
        long = {"train__max_steps": 100000}
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGUSR1, 143), (signal.SIGXCPU, 143)):
            folder = number.name
            process = self.start(*self.arguments("train", folder, checkpoint__every="1h", **long))
            while not os.path.exists(self.path(folder, "metrics.csv")) and process.poll() is None:  # until training has begun
                time.sleep(0.05)
            got, out, error = self.stop(process, number, 0.5)
            self.assertEqual(got, code, error)
            self.assertEqual(out, "")
            self.assertIn(number.name, error.splitlines()[-1])
            self.assertTrue(os.path.exists(self.path(folder, "checkpoints/last.safetensors")))
            if number not in (signal.SIGINT, signal.SIGTERM):
                continue
            # During generation, too: nothing half-written, and --resume starts afresh.
            folder += "_data"
            process = self.start(*self.arguments("train", folder, data__generate__n_train=2000))
            while not any(name.startswith("data/") for name in self.files(folder)) and process.poll() is None:
                time.sleep(0.05)
            got, out, error = self.stop(process, number, 0.5)
            self.assertEqual(got, code, error)
            self.assertEqual([name for name in self.files(folder) if name.startswith("data/")], [])
        # One that is stopped and continued ends as if it had not been.
        process = self.start(*self.arguments("train", "paused", checkpoint__every="1h"))
        while not os.path.exists(self.path("paused", "metrics.csv")) and process.poll() is None:
            time.sleep(0.02)
        self.assertIn(self.stop(process, signal.SIGTERM, 0.2)[0], (143, 0))
        self.finish("paused", expected, checkpoint__every="1h")

    def test_nohup(self):
        """A terminal that is lost ends nothing where nohup asked for that."""
        process = self.start(*self.arguments("train", "kept", train__max_steps=100000),
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        while not os.path.exists(self.path("kept", "metrics.csv")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        self.assertEqual(self.stop(process, signal.SIGTERM, 0)[0], 143)

    def test_time_limit(self):
        expected, _ = self.undisturbed()
        codes = []
        for _ in range(50):
            resumed = ["--resume"] if codes else []
            result = program.subprocess.run(self.command(*self.arguments("train", "run", "--max-time", "0.05s", *resumed)),
                                            capture_output=True, text=True, cwd=self.folder, env=program.environment())
            codes.append(result.returncode)
            if result.returncode != 75:
                break
            self.assertEqual(result.stdout, "")
            self.assertIn("time limit", result.stderr.splitlines()[-1])
        self.assertEqual(codes[-1], 0, result.stderr)
        self.assertGreater(len(codes), 2)
        self.assertEqual(self.read("run", self.model), expected)

    def test_one_process_per_run(self):
        process = self.start(*self.arguments("train", "run", train__max_steps=100000))
        while not os.path.exists(self.path("run", "config.resolved.toml")):
            time.sleep(0.05)
        before = self.read("run/config.resolved.toml")
        for flag in ("--resume", "--force"):
            self.refuse(2, ["run", str(process.pid)], *self.arguments("train", "run", flag))
        self.refuse(2, ["run"], *self.arguments("train", "run"))
        self.assertIsNone(process.poll())
        self.assertEqual(self.read("run/config.resolved.toml"), before)
        self.stop(process, signal.SIGKILL, 0)

    def test_init_from(self):
        self.undisturbed(folder="first")
        more = ["--init-from", "first"]
        self.msde(*self.arguments("train", "second", *more))
        expected = self.read("second", self.model)
        self.assertNotEqual(expected, self.read("first", self.model))
        # A killed one goes on from the same weights, with or without the flag repeated.
        for i, repeated in enumerate((more, [])):
            process = self.start(*self.arguments("train", f"third{i}", *more, train__max_steps=12))
            while not os.path.exists(self.path(f"third{i}", "checkpoints/last.safetensors")):
                time.sleep(0.02)
            self.stop(process, signal.SIGKILL, 0)
            self.msde(*self.arguments("train", f"third{i}", "--resume", *repeated))
            self.assertTrue(self.read(f"third{i}", self.model) == expected)
        self.msde(*self.arguments("train", "second", "--resume"))  # finished
        self.assertEqual(self.read("second", self.model), expected)

        self.refuse(3, ["nowhere"], *self.arguments("train", "fourth", "--init-from", "nowhere"))
        self.refuse(3, ["first/data"], *self.arguments("train", "fourth", "--init-from", "first/data"))
        os.remove(self.path("second", self.model))
        self.refuse(3, ["second"], *self.arguments("train", "fourth", "--init-from", "second"))
        self.assertFalse(os.path.exists(self.path("fourth")))
        for i, settings in enumerate(({"model__n_eta": 3}, {"model__n_zeta": 40}, {"model__preset": "paper"})):
            self.refuse(2, ["first", *[key.replace("__", ".") for key in settings]],
                        *self.arguments("train", f"fifth{i}", *more, **settings))
        self.write("first/model/model.safetensors", b"damaged")
        self.refuse(6, ["first"], *self.arguments("train", "sixth", *more))


if __name__ == "__main__":
    program.main()
