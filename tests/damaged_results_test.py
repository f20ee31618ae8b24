"""Damaged files of a run: every command says what is wrong, with the exit code of docs/errors.md, and never "unexpected".

Run as: python3 damaged_results_test.py build/release/msde
"""

import json
import os
import shutil
import struct
import subprocess

import program
from program import CONFIGS, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
SETTINGS = {**program.TINY_TRAINING, "data.path": "data.h5", "model.n_zeta": 8}


# ./test tries some of the shapes; all of them take an hour: MSDE_THOROUGH=1 in the environment.
THOROUGH = "MSDE_THOROUGH" in os.environ


def deep(opening, closing, depth=5000):
    return (opening * depth + "1" + closing * depth).encode()


def json_damages(whole):
    """Twenty shapes of a damaged document."""
    document = json.loads(whole)
    yield from (b"", b"null", b"[]", b"{}", b"3", b"\"x\"", whole[:len(whole) // 2], whole[:-3], b"\x00" * 100, b"\xff\xfe{}", whole + b"}",
                deep("[", "]"), deep('{"a":', "}"), b"[" * 100000,
                json.dumps({**{f"k{i}": i for i in range(100000)}}).encode())
    for change in ("x", None, [], {}, -1, 1e300, True):
        yield json.dumps({key: change for key in document}).encode()
    for key in document:
        yield json.dumps({k: v for k, v in document.items() if k != key}).encode()
        for inner in document[key] if isinstance(document[key], dict) else ():
            for change in (None, "x", {}, [[]], -1):
                yield json.dumps({**document, key: {**document[key], inner: change}}).encode()
            yield json.dumps({**document, key: {k: v for k, v in document[key].items() if k != inner}}).encode()


class Damage(program.ProgramTest):
    def setUp(self):
        super().setUp()
        write_dataset(self.path("data.h5"))
        self.msde("run", WAVE, "-o", "whole", "-q", *sets(SETTINGS))
        self.msde("train", WAVE, "-o", "begun", "-q", *sets(SETTINGS, checkpoint__every="0s"), "--max-time", "0.001s", code=75)

    def told(self, codes, *arguments):
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=120, cwd=self.folder,
                                env=program.environment())
        where = f"{arguments}: {result.stdout[-300:]}{result.stderr[-500:]}"
        self.assertIn(result.returncode, codes, where)
        for trace in ("unexpected", "terminate called", "Exception raised from", "json.exception"):
            self.assertNotIn(trace, result.stderr, where)
        if result.returncode:
            self.assertRegex(result.stderr, r"msde: error: [^\n]*\n\Z")
        return result

    def damaged(self, name, content, source="whole"):
        shutil.rmtree(self.path("run"), ignore_errors=True)
        shutil.copytree(self.path(source), self.path("run"))
        self.write("run/" + name, content)

    def commands(self, codes, *, thorough):
        self.told(codes["info"], "info", "run")
        if not thorough:
            return
        self.told(codes["evaluate"], "evaluate", "run", "-q")
        self.told(codes["predict"], "predict", "run", "-o", "forecast", "--force", "-q")
        self.told(codes["train"], "train", WAVE, "-o", "run", "--resume", "-q", *sets(SETTINGS))
        self.told(codes["run"], "run", WAVE, "-o", "run", "-q", *sets(SETTINGS))

    def sweep(self, name, codes, every):
        for number, content in enumerate(json_damages(self.read("whole", name))):
            if not THOROUGH and number >= 15 and number % every:
                continue
            with self.subTest(name, number=number, content=content[:80]):
                self.damaged(name, content)
                self.commands(codes, thorough=number % every == 0 or number < 15 if THOROUGH else number in (1, 7, 11))

    def test_metrics(self):
        self.sweep("eval/metrics.json", {"info": (0, 3), "evaluate": (0,), "predict": (0,), "train": (0,), "run": (0,)}, every=9)

    def test_manifest(self):
        self.sweep("manifest.json", {part: (0, 3) for part in ("info", "evaluate", "predict", "train", "run")}, every=4)

    def test_description_for_readers(self):
        self.sweep("model/model.json", {"info": (0, 3), "evaluate": (0,), "predict": (0,), "train": (0,), "run": (0,)}, every=30)

    def test_configuration(self):
        whole = self.read("whole/config.resolved.toml")
        damages = [b"", b"null", b"[]", whole[:len(whole) // 2], whole[:-3], b"\x00" * 100, b"\xff\xfe", deep("x = [", "]"), b"x = " + deep("[", "]"),
                   b"x = " + b"{a=" * 5000, b"[" * 100000, b"".join(b"k%d = 1\n" % i for i in range(100000)), whole + whole,
                   whole.replace(b"n_zeta = [8]", b"n_zeta = \"x\""), whole.replace(b"[data]", b"[dada]"), whole.replace(b"seed = 0", b"seed = -1"),
                   whole.replace(b"name = ", b"name = 3 # "), whole.replace(b"lr = ", b"lr = nan # "), whole.replace(b"members = ", b"members = 1e300 # "),
                   b"case = 3\n", b"[case]\nname = [1]\n", b"a.b.c = 1\n"]
        codes = {"info": (0, 2), "evaluate": (0, 2, 3), "predict": (0, 2, 3), "train": (0, 2), "run": (0, 2)}
        for number, content in enumerate(damages):
            with self.subTest(number=number, content=content[:80]):
                self.damaged("config.resolved.toml", content)
                self.commands(codes, thorough=THOROUGH or number % 4 == 0)

    def test_checkpoint(self):
        whole = self.read("begun/checkpoints/last.safetensors")
        length, = struct.unpack("<Q", whole[:8])
        header, body = json.loads(whole[8:8 + length]), whole[8 + length:]

        def with_metadata(**changes):
            changed = {**header, "__metadata__": {**header["__metadata__"], **changes}}
            text = json.dumps({k: v for k, v in changed.items() if v is not None}).encode()
            return struct.pack("<Q", len(text)) + text + body

        progress = json.loads(header["__metadata__"]["progress"])
        damages = [b"", b"null", whole[:7], whole[:length // 2], whole[:-1], whole + b"x", b"\xff" * 8 + whole[8:], b"\x00" * 1000,
                   struct.pack("<Q", 10000) + deep("[", "]", 5000)[:10000], with_metadata(progress="[" * 5000), with_metadata(progress=deep("[", "]").decode()),
                   with_metadata(progress="null"), with_metadata(progress="{}"), with_metadata(spec="{}"), with_metadata(spec=deep("[", "]").decode()),
                   with_metadata(spec="null"), with_metadata(progress=json.dumps({f"k{i}": i for i in range(100000)}))]
        for key in progress:
            damages += [with_metadata(progress=json.dumps({**progress, key: value})) for value in (None, "x", -1, 1e300, [], {}, 2 ** 63)]
        for number, content in enumerate(damages):
            if not THOROUGH and number % 5:
                continue
            with self.subTest(number=number, content=content[-120:] if number > 16 else content[:80]):
                self.damaged("checkpoints/last.safetensors", content, "begun")
                self.told((0,), "info", "run")
                self.told((0, 6), "train", WAVE, "-o", "run", "--resume", "-q", *sets(SETTINGS, checkpoint__every="0s"))

    def test_comparison(self):
        """msde compare goes on from trainings of its own, or says which file it cannot."""
        compare = ["compare", WAVE, "-o", "table", "--force", "--seeds", "1", "--models", "multiscale,persistence", "-q", *sets(SETTINGS)]
        self.told((0,), *compare)
        kept = self.files("table")
        for name in [name for name in kept if name.endswith((".json", ".toml"))][::1 if THOROUGH else 3]:
            whole = self.read("table", name)
            for content in (b"", b"null", b"[]", b"{}", whole[:len(whole) // 2], deep("[", "]"), deep('{"a":', "}"))[::1 if THOROUGH else 3]:
                with self.subTest(name, content=content[:80]):
                    self.write("table/" + name, content)
                    self.told((0, 2, 3), *compare)
            self.write("table/" + name, whole)


if __name__ == "__main__":
    program.main()
