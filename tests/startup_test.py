"""The small program: what it answers without LibTorch, and how it becomes msde-engine.

Run as: python3 startup_test.py build/release/msde
"""

import os
import shutil
import subprocess

import program


def libraries(path):
    """All that the loader would map, without running the program."""
    listed = subprocess.run([path], env={"LD_TRACE_LOADED_OBJECTS": "1"}, capture_output=True, text=True, timeout=60)
    return [os.path.basename(line.split()[0]) for line in listed.stdout.splitlines() if line.strip()]


class StartUp(program.ProgramTest):
    def alone(self):
        """The small program in a folder of its own, without the engine."""
        return shutil.copy2(self.program, self.path("msde"))

    def answer(self, *arguments, code=0):
        result = subprocess.run([self.path("msde"), *arguments], capture_output=True, text=True, timeout=60, cwd=self.folder)
        self.assertEqual(result.returncode, code, f"{arguments}: {result.stdout}{result.stderr}")
        return result

    def test_maps_no_libtorch(self):
        heavy = ("libtorch", "libc10", "libopencv", "libQt", "libopenblas", "libblas", "libsundials")
        self.assertEqual([name for name in libraries(self.program) if name.startswith(heavy)], [])
        self.assertTrue(any(name.startswith("libtorch") for name in libraries(self.program + "-engine")))

    def test_answers_alone(self):
        self.alone()
        self.assertRegex(self.answer("--version").stdout, r"^\d+\.\d+\.\d+\n$")
        commands = ("run", "generate", "import", "train", "evaluate", "predict", "compare", "score", "explain", "info", "doctor")
        for command in commands:
            self.assertIn(f"\n  {command} ", self.answer("--help").stdout)
            self.assertIn("Examples:\n  msde " + command, self.answer(command, "--help").stdout)
        self.assertIn("persistence, mean, climatology, coarse_dns, dmd, pod_sindy, pod_galerkin, eddy_viscosity, macro_only, multiscale",
                      " ".join(self.answer("compare", "--help").stdout.split()))
        self.assertIn("train.lr = 0.015", self.answer("config", "explain", "train.lr").stdout)
        self.assertIn("complete -o default -F _msde msde\n", self.answer("completion").stdout)
        self.assertIn("did you mean 'train'", self.answer("trian", code=2).stderr)
        self.assertIn("--output is required", self.answer("generate", "wave_1d", code=2).stderr)

    def completed(self, *words):
        """What bash offers for the last of the words."""
        script = 'source <("$0" completion); COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _msde 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"'
        result = subprocess.run(["bash", "-c", script, self.program, "msde", *words], capture_output=True, text=True, timeout=60)
        return result.stdout.split()

    def test_completes(self):
        self.assertEqual(self.completed("tr"), ["train"])
        self.assertIn("predict", self.completed(""))
        self.assertEqual(self.completed("train", "--init"), ["--init-from"])
        self.assertEqual(self.completed("generate", "wave_1d", "--format", "p"), ["pdebench"])
        self.assertEqual(self.completed("train", "--set", "rollout.lr_"), ["rollout.lr_vectors="])
        self.assertEqual(self.completed("config", "ex"), ["explain"])
        self.assertIn("train.lr", self.completed("config", "explain", "train.l"))
        self.assertEqual(self.completed("info", "some"), [])  # bash goes on with files

    def test_info_alone(self):
        self.alone()
        parts = program.write_dataset(self.path("small.h5"))
        text = self.answer("info", "small.h5").stdout
        self.assertIn("grid: 40 points, 1 channels\n", text)
        low, high = parts["test_x"].min(), parts["test_x"].max()
        self.assertIn(f"test: 2 trajectories x 21 snapshots, t 0 .. 1, values {low:.4g} .. {high:.4g}\n", text)

    def test_engine_is_missing(self):
        self.alone()
        result = self.answer("doctor", code=127)
        self.assertEqual(result.stdout, "")
        engine = os.path.realpath(self.path("msde-engine"))
        self.assertEqual(result.stderr, f"msde: error: {engine}: cannot be started: No such file or directory; it belongs in "
                                        "the folder of msde, build or copy both\n")

    def test_becomes_the_engine(self):
        """By exec: the same process, command line and name, found also through a link from elsewhere."""
        os.symlink(self.program, self.path("linked"))
        self.tiny_data()
        config = os.path.join(program.CONFIGS, "wave_1d.toml")
        process = subprocess.Popen([self.path("linked"), "train", config, "-o", "run", "--set", "data.path=tiny.h5", "--threads", "1"],
                                   cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        process.stderr.readline()  # its first word: the engine is at work
        proc = f"/proc/{process.pid}/"
        self.assertEqual(os.path.basename(os.readlink(proc + "exe")), "msde-engine")
        with open(proc + "comm") as comm, open(proc + "cmdline") as line:
            self.assertEqual(comm.read(), "msde\n")
            self.assertEqual(line.read().split("\0")[:2], [self.path("linked"), "train"])
        process.terminate()
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)


if __name__ == "__main__":
    program.main()
