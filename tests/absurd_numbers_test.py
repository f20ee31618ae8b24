"""Absurd numbers are refused where they enter, by name, with what was expected: data (exit 3), configurations (2), models (6).

Run as: python3 absurd_numbers_test.py build/release/msde
"""

import json
import os
import struct
import subprocess

import h5py
import numpy

import program
from program import CONFIGS, sets, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
SMALL = {**program.TINY_TRAINING, "model.n_zeta": 8}
NAN, INF = float("nan"), float("inf")
# ./test tries some of the combinations; all of them take half an hour: MSDE_THOROUGH=1 in the environment.
THOROUGH = "MSDE_THOROUGH" in os.environ


def some(every, table):
    return list(table) if THOROUGH else list(table)[::every]



class Numbers(program.ProgramTest):
    def ends_as_said(self, codes, *arguments):
        """One of these exit codes, and unless it is 0 one line of an error that no one can call unexpected."""
        result = subprocess.run(self.command(*arguments, "-q"), capture_output=True, text=True, timeout=300, cwd=self.folder,
                                env=program.environment())
        self.assertIn(result.returncode, codes, f"{arguments}: {result.stdout}{result.stderr}")
        if result.returncode:
            self.assertRegex(result.stderr, r"msde: error: [^\n]*\n\Z")
            for trace in ("unexpected", "terminate called", "Exception raised from"):
                self.assertNotIn(trace, result.stderr)
        return result


class Data(Numbers):
    def dataset(self, name, scale=1., offset=0., time=1., attributes=None, kind="f8", **changes):
        parts = write_dataset(self.path(name))
        for key, values in parts.items():
            if key.endswith("_x"):
                parts[key] = (values.astype("f8") * scale + offset).astype(kind)
            if key.endswith("_t"):
                parts[key] = values.astype("f8") * time
        parts.update(changes)
        write_dataset(self.path(name), changes=parts)
        with h5py.File(self.path(name), "a") as file:
            file.attrs.update(attributes or {})
        return name

    def test_fields_of_any_size(self):
        """Large and small ones train to a model, or are refused with their size."""
        for number, settings in enumerate(({"scale": 1e20}, {"scale": 1e25}, {"scale": 1e30}, {"scale": 1e37}, {"scale": 1e-20}, {"scale": 1e-30},
                                           {"scale": 1e-38}, {"scale": 1e100}, {"scale": 1e300}, {"scale": 1e-100}, {"scale": 1e-300}, {"scale": 5e-324},
                                           {"scale": 1e-30, "offset": 1.}, {"scale": 1e30, "offset": 1e33}, {"scale": 1e20, "kind": "f4"},
                                           {"scale": 3e38, "kind": "f4"}, {"scale": 1e-30, "kind": "f4"}, {"scale": 1e-42, "kind": "f4"})):
            with self.subTest(**settings):
                name = self.dataset(f"size_{number}.h5", **settings)
                told = self.ends_as_said((0, 3), "info", name)
                if number % 3 and not THOROUGH:
                    continue
                ran = self.ends_as_said((0, 3), "run", WAVE, "-o", f"run_{number}", *sets(SMALL, data__path=name))
                if ran.returncode:
                    self.assertIn(name, ran.stderr)
                scored = self.ends_as_said((0, 3), "score", name, name)
                if told.returncode == 0 and ran.returncode == 0:
                    self.assertEqual(scored.returncode, 0, scored.stderr)

    def test_times_of_any_size(self):
        for number, time in enumerate((1e30, 1e37, 1e38, 1e60, 1e300, 1e-30, 1e-37, 1e-60, 1e-300, 5e-324)):
            with self.subTest(time=time):
                name = self.dataset(f"time_{number}.h5", time=time)
                self.ends_as_said((0, 3), "info", name)
                if number % 3 and not THOROUGH:
                    continue
                ran = self.ends_as_said((0, 3), "run", WAVE, "-o", f"run_{number}", *sets(SMALL, data__path=name))
                if ran.returncode:
                    self.assertIn(name, ran.stderr)

    def test_parameters_and_forcings_of_any_size(self):
        parts = write_dataset(self.path("plain.h5"))
        for number, (part, value) in enumerate((part, value) for part in ("mu", "f") for value in (1e20, 1e38, 1e300, -1e30, 1e-30, 5e-324)):
            with self.subTest(part=part, value=value):
                changes = {f"{split}_{part}": parts[f"{split}_{part}"] + numpy.linspace(0, 1, parts[f"{split}_{part}"].size).reshape(
                    parts[f"{split}_{part}"].shape) * value for split in ("train", "val", "test")}
                name = self.dataset(f"input_{number}.h5", **changes)
                self.ends_as_said((0, 3), "info", name)
                if number % 4 and not THOROUGH:
                    continue
                ran = self.ends_as_said((0, 3), "run", WAVE, "-o", f"run_{number}", *sets(SMALL, data__path=name))
                if ran.returncode:
                    self.assertIn(name, ran.stderr)

    def test_attributes(self):
        refused = [("length", value) for value in (0., -1., NAN, INF, -INF, 5e-324, 1e300, 1e-300, "one", [1., 2.])]
        refused += [("spacing", value) for value in (0., -1., NAN, INF, 5e-324, 1e300, "one")]
        refused += [("origin", value) for value in (NAN, INF, 1e300, "one")]
        refused += [("noise_std", value) for value in (-1., NAN, INF, 1e30, 1e300, "one", [1., 2.])]
        refused += [("seed", value) for value in (.5, NAN, INF, 1e300, "one")]
        for number, (name, value) in enumerate(refused):
            with self.subTest(name, value=value):
                self.dataset("bad.h5", attributes={name: value})
                for command in (["info", "bad.h5"], ["run", WAVE, "-o", "run", *sets(SMALL, data__path="bad.h5")]):
                    if command[0] == "info" or THOROUGH or number % 6 == 0:
                        self.refuse(3, ["bad.h5", name], *command)
        self.assertFalse(os.path.exists(self.path("run")))
        for name in ("scale_factor", "add_offset"):
            for value in (NAN, INF, -INF, 1e300, 5e-324) + ((0.,) if name == "scale_factor" else ()):
                if name == "add_offset" and value == 5e-324:
                    continue
                with self.subTest(name, value=value):
                    self.dataset("bad.h5")
                    with h5py.File(self.path("bad.h5"), "a") as file:
                        file["train_x"].attrs[name] = value
                    self.ends_as_said((3,), "info", "bad.h5")
                    if THOROUGH:
                        self.ends_as_said((3,), "run", WAVE, "-o", "run", *sets(SMALL, data__path="bad.h5"))

    def test_numbers_of_pdebench(self):
        values = write_dataset(self.path("plain.h5"))["train_x"][:, :, 0]
        for number, (x, t, nu) in enumerate(((1e37, 1., .1), (5e-324, 1., .1), (1e300, 1., .1), (1., 1e37, .1), (1., 1e300, .1), (1., 1., 1e300),
                                             (1., 1., NAN), (1., 1., -INF), (1., 1., 1e39))):
            with self.subTest(x=x, t=t, nu=nu):
                with h5py.File(self.path("flat.h5"), "w") as file:
                    file["tensor"], file["x-coordinate"], file["t-coordinate"] = values, numpy.arange(40.) * x, numpy.arange(21.) * t
                    file.attrs["Nu"] = nu
                self.ends_as_said((3,) if number not in (0, 3) else (0, 3), "info", "flat.h5")
                self.ends_as_said((0, 3), "run", WAVE, "-o", f"run{number}", *sets(SMALL, data__path="flat.h5", data__split="[1,1,1]"))


class Configuration(Numbers):
    def test_every_number(self):
        """-1, nan, inf and more for every key that takes a number, and things of another type for every key."""
        write_dataset(self.path("data.h5"))
        text = self.msde("config", "explain").stdout
        self.msde("train", WAVE, "-o", "run", "-q", *sets(SMALL, data__path="data.h5"))
        keys, section = {}, ""
        for line in self.read("run/config.resolved.toml").decode().splitlines():
            if line.startswith("["):
                section = line.strip("[]") + "."
            elif line and line[0] != "#":
                key, value = line.split(" = ", 1)
                keys[section + key] = value
        self.assertGreater(len(keys), 60)
        for key, value in keys.items():
            self.assertIn(key, text)
            if value[0] in "\"tf":
                bad = ["[1]", "{a=1}"] if value[0] == "\"" and "." in key else ["3", "nan"]
                if value[0] == "\"":
                    bad = []
            elif value[0] == "[":
                bad = ["[nan]", "[inf]", "{a=1}", "[[1]]", "nan", "[1e300]", "[\"a\"]", "true"]
            else:
                bad = ["nan", "inf", "-inf", "[]", "{a=1}", "true", "1979-05-27", "1e999", "\"many words\"", "9223372036854775808"]
                bad += ["-1"] if key != "data.subtract" else []
                bad += ["1e300", "-1e300"] if key not in () else []
            for word in bad if THOROUGH else bad[len(key) % 7:][:1]:
                with self.subTest(key, value=word):
                    self.ends_as_said((2,), "train", WAVE, "-o", "new", *sets(SMALL, {"data.path": "data.h5"}), "--set", f"{key}={word}")
        self.assertFalse(os.path.exists(self.path("new")))


class Models(Numbers):
    def setUp(self):
        super().setUp()
        write_dataset(self.path("data.h5"))
        self.msde("run", WAVE, "-o", "run", "-q", *sets(SMALL, data__path="data.h5"))
        self.whole = self.read("run/model/model.safetensors")

    def header(self):
        length, = struct.unpack("<Q", self.whole[:8])
        return json.loads(self.whole[8:8 + length]), bytearray(self.whole[8 + length:])

    def put(self, header, body):
        text = json.dumps(header).encode()
        self.write("run/model/model.safetensors", struct.pack("<Q", len(text)) + text + bytes(body))

    def test_descriptions(self):
        """Each number of the description as one that training cannot produce."""
        table = [("dt", -1), ("dt", 0), ("dt", 1e300), ("t_end", 1e300), ("t_begin", "x"), ("noise_std", -1), ("noise_std", None), ("n_mu", -1),
                 ("n_mu", 2 ** 62), ("n_f", 1.5), ("n_reduced", -1), ("n_reduced", 1), ("schema", 0), ("grid", []), ("grid.shape", [-1]),
                 ("grid.shape", [2 ** 40]), ("grid.channels", 1666666), ("grid.length", [0]), ("grid.length", [1e300]), ("grid.axes", []),
                 ("options.max_rank", -1), ("options.n_sigma", -1), ("options.local_modes", -1), ("options.local_modes", 1e300), ("options.n_eta", -1),
                 ("options.n_zeta", [0]), ("options.encoder_hidden", [65536, 65536]), ("options.stencil_radius", 16), ("options.preset", 3),
                 ("units.scale", [0]), ("units.scale", [-1]), ("units.time_scale", 0), ("units.noise", [-1]), ("units.centre", [None]), ("seen.mu", [[1, 0]])]
        for path, value in some(3, table):
            with self.subTest(path=path, value=value):
                header, body = self.header()
                changed = json.loads(header["__metadata__"]["spec"])
                *owners, key = path.split(".")
                owner = changed[owners[0]] if owners else changed
                owner[key] = value
                header["__metadata__"]["spec"] = json.dumps(changed)
                self.put(header, body)
                self.refuse(6, ["model.safetensors"], "predict", "run", "-o", "forecast")

    def test_tensors(self):
        names = sorted(name for name in self.header()[0] if name != "__metadata__")
        for number, value in enumerate((NAN, INF, -INF)):
            for name in names[number::9 if THOROUGH else 40]:
                with self.subTest(name, value=value):
                    header, body = self.header()
                    kind, (begin, end) = header[name]["dtype"], header[name]["data_offsets"]
                    if kind not in ("F32", "F64") or end == begin:
                        continue
                    width = 4 if kind == "F32" else 8
                    body[end - width:end] = struct.pack("<f" if width == 4 else "<d", value)
                    self.put(header, body)
                    self.refuse(6, ["model.safetensors", name], "predict", "run", "-o", "forecast")


if __name__ == "__main__":
    program.main()
