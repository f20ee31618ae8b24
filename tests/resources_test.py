"""Small files that claim or decompress to much: answered in seconds, within a GiB beyond what the data need.

Run as: python3 resources_test.py build/release/msde
"""

import os
import subprocess
import sys

import h5py
import netCDF4
import numpy

import program
from program import CONFIGS, write_dataset

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
# Runs a command and says on stderr how much memory it took at most, in MiB, and how many seconds of processor.
MEASURE = ("import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; use = resource.getrusage(resource.RUSAGE_CHILDREN); "
           "print('peak', use.ru_maxrss // 1024, use.ru_utime + use.ru_stime, file=sys.stderr); sys.exit(code)")


class Resources(program.ProgramTest):
    def ends(self, code, *arguments, seconds=10, mib=1024, words=()):
        result = subprocess.run([sys.executable, "-c", MEASURE, *self.command(*arguments)], capture_output=True, text=True, cwd=self.folder,
                                timeout=240, env=program.environment())
        peak, took = (float(word) for word in result.stderr.rsplit("peak ", 1)[1].split())
        where = f"{arguments}: {took:.1f} s, {peak:.0f} MiB: {result.stderr[-500:]}"
        self.assertEqual(result.returncode, code, where)
        self.assertNotIn("unexpected", result.stderr)
        self.assertLess(took, seconds, where)
        self.assertLess(peak, mib, where)
        for word in words:
            self.assertIn(word, result.stderr)
        return result

    def write_splits(self, name, x, **options):
        with h5py.File(self.path(name), "w") as file:
            for split in ("train", "val", "test"):
                data = file.create_dataset(split + "_x", x, "f4", compression="gzip", compression_opts=9, **options)
                for i in range(x[0]):
                    data[i] = numpy.float32(1.5)
                file[split + "_t"] = numpy.tile(numpy.arange(x[1], dtype="f4"), (x[0], 1))

    def test_fields_that_decompress_to_hundreds_of_mib(self):
        """80 MB a trajectory in chunks of a trajectory, of a frame, and of all frames of some points; 400 MB in one chunk."""
        for points in (1000000, 20000):
            for chunk in ((1, 20, 1, points), (1, 1, 1, points), (1, 20, 1, 1000)):
                with self.subTest(chunk=chunk):
                    self.write_splits("x.h5", (1, 20, 1, points), chunks=chunk)
                    self.assertLess(os.path.getsize(self.path("x.h5")), 2e6)
                    self.ends(0, "info", "x.h5")
                    if points < 1000000:  # whose metrics take most of the time
                        self.ends(0, "score", "x.h5", "x.h5")
        self.write_splits("x.h5", (1, 100, 1, 1000000), chunks=(1, 100, 1, 1000000))
        self.ends(3, "info", "x.h5", words=["train_x", "chunks of 381 MiB", "h5repack"])
        self.ends(3, "score", "x.h5", "x.h5", words=["chunks of 381 MiB"])

    def test_parameters_that_decompress_to_hundreds_of_mib(self):
        write_dataset(self.path("mu.h5"))
        with h5py.File(self.path("mu.h5"), "a") as file:
            for split in ("train", "val", "test"):
                del file[split + "_mu"]
                n = len(file[split + "_x"])
                data = file.create_dataset(split + "_mu", (n, 40000000), "f4", chunks=(1, 4000000), compression="gzip")
                data[0] = 1.
        with h5py.File(self.path("mu.h5"), "a") as file:  # only what is there counts: the chunks of other trajectories, too
            for split in ("train", "val", "test"):
                for i in range(1, len(file[split + "_mu"])):
                    file[split + "_mu"][i] = 1.
        for command in (["info", "mu.h5"], ["import", "mu.h5", "-o", "out.h5"], ["train", WAVE, "-o", "run", "--set", "data.path=mu.h5"]):
            self.ends(3, *command, words=["train_mu", "got 40000000 numbers, expected at most 4096"])

    def test_thousands_of_groups(self):
        x = numpy.random.default_rng(1).standard_normal((5, 16, 1)).astype("f4")
        with h5py.File(self.path("groups.h5"), "w") as file:
            for i in range(5000):
                group = file.create_group(f"{i:04d}")
                group["data"], group["grid/x"], group["grid/t"] = x, numpy.arange(16.), numpy.arange(5.)
        self.ends(0, "info", "groups.h5", seconds=5)
        self.ends(0, "score", "groups.h5", "groups.h5")  # opening them twice takes most of it, within libhdf5
        numpy.save(self.path("many.npy"), numpy.tile(x[..., 0], (5000, 1, 1))[:, :, None])
        self.ends(0, "score", "many.npy", "many.npy", seconds=4)
        with h5py.File(self.path("others.h5"), "w") as file:
            file["x"], file["t"] = x[None], numpy.arange(5.)
            for i in range(5000):
                file.create_group(f"group{i}")["v"] = 1.
        self.ends(0, "score", "others.h5", "others.h5", seconds=5)

    def test_channels_that_are_read_in_turn_are_decompressed_once(self):
        with netCDF4.Dataset(self.path("three.nc"), "w") as file:
            for name, length in (("time", 400), ("y", 128), ("x", 192)):
                file.createDimension(name, length)
                file.createVariable(name, "f8", (name,))[:] = numpy.arange(float(length))
            base = numpy.random.default_rng(3).standard_normal((128, 192)).cumsum(1)
            for phase, name in enumerate("uvp"):
                v = file.createVariable(name, "f4", ("time", "y", "x"), zlib=True, complevel=1, chunksizes=(100, 64, 64))
                v[:] = numpy.round(base * numpy.cos(numpy.arange(400) / 30 + phase)[:, None, None], 2)
        took = {}
        for names in ("u", "u,v,p"):
            told = self.ends(0, "info", "three.nc", "--variables", names).stderr
            took[names] = float(told.split()[-1])
        self.assertLess(took["u,v,p"], 5 * took["u"])

    def test_shapes_without_data(self):
        for name, x, chunk in (("line.h5", (2 ** 40,), (2 ** 20,)), ("field.h5", (2, 4, 1, 2 ** 38), (1, 1, 1, 2 ** 20)),
                               ("many.h5", (2 ** 30, 4, 1, 8), (1, 4, 1, 8))):
            with h5py.File(self.path(name), "w") as file:
                file.create_dataset("x", x, "f4", chunks=chunk)
                file["t"] = numpy.arange(4.)
            for command in (["info", name], ["score", name, name]):
                self.ends(3, *command, words=[name, "'x'"])

    def test_attributes(self):
        for number, value in enumerate(("p" * 20_000_000, numpy.bytes_(b"p" * 20_000_000), numpy.ones(5_000_000))):
            with h5py.File(self.path("a.h5"), "w", libver="latest") as file:
                file["x"], file["t"] = numpy.random.rand(2, 5, 1, 16), numpy.arange(5.)
                file.attrs["length" if number == 2 else "boundary"] = value
            self.ends(3, "info", "a.h5", words=["a.h5", "expected at most 1048576"], mib=512)
        for name, value in (("boundary", "p" * 100_000_000), ("boundary", ["p" * 1_000_000] * 100), ("axes", ["x", "p" * 100_000_000])):
            with h5py.File(self.path("b.h5"), "w") as file:
                file["x"], file["t"] = numpy.random.rand(2, 5, 1, 16), numpy.arange(5.)
                file.attrs[name] = value
            self.ends(3, "info", "b.h5", words=["b.h5", "@" + name, "got 10000000", "expected at most 1048576"], mib=128)
        with h5py.File(self.path("c.h5"), "w") as file:
            file["x"], file["t"] = numpy.random.rand(2, 5, 1, 16), numpy.arange(5.)
            file["x"].attrs["_Unsigned"] = "true" * 25_000_000
        self.ends(0, "info", "c.h5", mib=128)
        with h5py.File(self.path("many.h5"), "w", libver="latest") as file:
            file["tensor"], file["t-coordinate"], file["x-coordinate"] = numpy.random.rand(2, 5, 16), numpy.arange(5.), numpy.arange(16.)
            for i in range(20000):
                file.attrs[f"a{i}"] = float(i)
        told = self.ends(0, "info", "many.h5", seconds=5).stdout
        self.assertIn("19980 more attributes are left out", told)

    def test_long_names_are_one_short_line(self):
        for count in (1, 20):
            with h5py.File(self.path("names.h5"), "w") as file:
                for i in range(count):
                    file["n" * 60000 + f"\n\x1b[31m{i}"] = numpy.random.rand(2, 5, 1, 16)
            told = self.ends(3, "info", "names.h5").stderr.split("peak")[0]
            self.assertLess(len(told), 6000)
            self.assertEqual(told.count("\n"), 1)
            self.assertNotIn("\x1b", told)
        self.write("path.toml", 'data.path = "' + "x" * 1000000 + '"\n')
        self.ends(3, "train", "path.toml", "-o", "run", words=["File name too long"])

    def test_links_in_circles(self):
        with h5py.File(self.path("hard.h5"), "w") as file:
            group = file.create_group("a")
            group["data"], group["grid"] = file["/"], group
        with h5py.File(self.path("soft.h5"), "w") as file:
            file["x"], file["y"] = h5py.SoftLink("/y"), h5py.SoftLink("/x")
            group = file.create_group("a")
            group["data"], group["grid"] = h5py.SoftLink("/a/data"), h5py.SoftLink("/a/grid")
        with h5py.File(self.path("external.h5"), "w") as file:
            file["x"], file["t"] = h5py.ExternalLink("external.h5", "x"), numpy.arange(5.)
        for name in ("hard.h5", "soft.h5", "external.h5"):
            for command in (["info", name], ["score", name, name]):
                self.ends(3, *command, words=[name])

    def test_deep_and_wide_configurations(self):
        for text in ("x = " + "[" * 100000, "x = " + "{a=" * 100000, "x = " + "[" * 100000 + "]" * 100000, "[train]\n" + "[[" * 50000,
                     "".join(f"k{i} = 1\n" for i in range(100000)), "".join(f"[train.k{i}]\n" for i in range(100000)), "x" * 5000000 + " = 1\n"):
            self.write("deep.toml", text)
            told = self.ends(2, "train", "deep.toml", "-o", "run", words=["deep.toml"]).stderr
            self.assertLess(len(told), 6000)


if __name__ == "__main__":
    program.main()
