"""The installed tree: what is in it, what libmsde.so exports, and programs of a user's that are built against it.

installed_test.py BUILD: BUILD is the folder that everything was built in.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from blas_variants import installed_variants  # noqa: E402  (a neighbour of bench/blas)

BUILD = ""  # set below
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TINY = ["data.generate.n_steps=21", "data.generate.n_train=2", "data.generate.n_val=1", "data.generate.n_test=1",
        "train.max_steps=4", "rollout.max_steps=4", "calibrate.members=3", "model.max_rank=20", "model.local_modes=0"]


def call(*words, code=0, **options):
    result = subprocess.run(words, capture_output=True, text=True, timeout=300, **options)
    if result.returncode != code:
        raise AssertionError(f"{words} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="msde_installed_")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = cls.scratch.name
        call("cmake", "--install", BUILD, "--prefix", cls.path("first"))
        os.rename(cls.path("first"), cls.path("moved"))  # nothing may remember where it was
        cls.prefix = cls.path("moved")
        cls.library = os.path.join(cls.prefix, next(f for f in files(cls.prefix) if f.endswith("/libmsde.so")))
        cls.environment = {**os.environ, "OMP_NUM_THREADS": "1", "LD_LIBRARY_PATH": os.path.dirname(cls.library),
                           "PKG_CONFIG_PATH": os.path.join(os.path.dirname(cls.library), "pkgconfig")}
        shutil.copytree(os.path.join(SOURCE, "examples"), cls.path("examples"))
        cls.examples = cls.path("built")
        call("cmake", "-S", cls.path("examples"), "-B", cls.examples, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={cls.prefix}")
        call("cmake", "--build", cls.examples)
        cls.run_folder, cls.data = cls.path("run"), cls.path("run", "data", "kdv_1d.h5")
        cls.trained = call(os.path.join(cls.examples, "train"), cls.run_folder, *TINY, env={**cls.environment, "LD_LIBRARY_PATH": ""})

    @classmethod
    def path(cls, *parts):
        return os.path.join(cls.folder, *parts)

    def test_files(self):
        got = files(self.prefix)
        self.assertEqual([f for f in got if f.startswith("include/")], ["include/msde/core/error.hpp", "include/msde/msde.hpp"])
        lib = os.path.dirname(os.path.relpath(self.library, self.prefix))
        version = call(self.path("moved", "bin", "msde"), "--version").strip()
        major = version.split(".")[0]
        cmake = [f for f in got if re.search(r"/cmake/msde/msdeConfig(Version|-\w+)?\.cmake$", f)]
        self.assertEqual(len(cmake), 3)
        self.assertEqual([f for f in got if f.startswith(lib + "/")],
                         sorted([f"{lib}/libmsde.so", f"{lib}/libmsde.so.{major}", f"{lib}/libmsde.so.{version}",
                                 f"{lib}/pkgconfig/msde.pc"] + cmake))
        self.assertEqual([f for f in got if f.startswith(("bin/", "libexec/"))], ["bin/msde", "libexec/msde/msde-engine"])
        self.assertIn("share/msde/configs/kdv_1d.toml", got)
        self.assertIn("share/doc/msde/docs/library.md", got)
        self.assertEqual([f for f in got if f.endswith((".a", ".o"))], [])

    def test_exports_the_interface_alone(self):
        names = [line.split(maxsplit=2)[2] for line in call("nm", "-D", "-C", "--defined-only", self.library).splitlines()]
        names = [name.split("@")[0] for name in names if not name.startswith("LIBMSDE_")]
        with open(os.path.join(SOURCE, "src", "msde", "library", "msde.hpp")) as header:
            text = header.read()
        self.assertGreater(len(names), 20)
        for name in names:
            self.assertRegex(name, r"^msde::(\w+::)?\w+(\[abi:cxx11\])?\(")
            self.assertIn(re.sub(r"\[abi:cxx11\]|\(.*", "", name).split("::")[-1] + "(", text)
        self.assertEqual([name for name in names if re.search("torch|at::|sgemm|blas|Contents", name)], [])

    def example(self, name, *words, code=0, **variables):
        """Runs an example, which finds the library without help."""
        return call(os.path.join(self.examples, name), *words, code=code, cwd=self.folder,
                    env={**self.environment, "LD_LIBRARY_PATH": "", **variables})

    def test_examples(self):
        with open(os.path.join(self.examples, "build.ninja")) as rules:
            self.assertNotIn("torch", rules.read())
        self.assertIn("20 + 5 states stand for", self.trained)
        forecast = self.example("forecast", self.run_folder, self.data)
        self.assertIn("frames 21,", forecast)
        self.assertEqual(self.example("forecast", os.path.join(self.run_folder, "model"), self.data), forecast)
        self.assertRegex(self.example("score", self.run_folder, self.data), r"(?m)^rel_l2 \d")
        self.assertRegex(self.example("score", self.data, self.data), r"(?m)^rmse 0$")
        # Of an error in the library its type comes out, with the exit code.
        self.example("forecast", self.run_folder, self.path("none.h5"), code=3)
        self.example("train", self.path("other"), "train.lrr=1", code=2)

    def test_pkg_config(self):
        flags = call("pkg-config", "--cflags", "--libs", "msde", env=self.environment).split()
        call("g++", "-std=c++20", self.path("examples", "forecast.cpp"), *flags, "-o", self.path("by_hand"))
        self.assertEqual(call(self.path("by_hand"), self.run_folder, self.data, env=self.environment),
                         self.example("forecast", self.run_folder, self.data))

    def test_program(self):
        """It finds its engine, and predicts what the library predicts."""
        program = self.path("moved", "bin", "msde")
        call(program, "predict", self.run_folder, "-o", self.path("forecast"), "--threads", "1", "--members", "8")
        with h5py.File(self.path("forecast", "forecast.h5")) as file:
            expected = numpy.sqrt((file["point"][0, -1] ** 2).mean()), file["std"][0, -1].mean()
        got = re.findall(r"\d+\.\d+", self.example("forecast", self.run_folder, self.data))
        numpy.testing.assert_allclose([float(number) for number in got], expected, rtol=1e-4)
        self.assertIn("rel_l2", call(program, "score", self.data, self.path("forecast", "forecast.h5"), "--threads", "1"))

    def test_every_blas(self):
        """Without the program's care of the BLAS: the same forecast, on one thread where two are not safe."""
        reference = None
        for name, libraries in installed_variants().items():
            result = subprocess.run([os.path.join(self.examples, "forecast"), self.run_folder, self.data], capture_output=True,
                                    text=True, timeout=300, env={**self.environment, "OMP_NUM_THREADS": "2", "LD_LIBRARY_PATH": libraries})
            self.assertEqual(result.returncode, 0, name + result.stderr)
            self.assertEqual("threads: 1 instead of 2" in result.stderr, name == "openblas-serial", name + result.stderr)
            numbers = [float(word) for word in re.findall(r"\d+\.\d+", result.stdout)]
            reference = reference or numbers
            self.assertEqual(len(numbers), 2, result.stdout)
            for got, expected in zip(numbers, reference):
                self.assertLess(abs(got - expected), 1e-3 * expected, name)

    def test_subproject(self):
        """add_subdirectory(): the library is there, and no tests or install rules of msde's."""
        os.mkdir(self.path("project"))
        with open(self.path("project", "CMakeLists.txt"), "w") as text:
            text.write("cmake_minimum_required(VERSION 3.25)\nproject(mine LANGUAGES CXX)\nenable_testing()\n"
                       f"add_subdirectory({os.path.realpath(SOURCE)} msde)\n"
                       "add_executable(mine main.cpp)\ntarget_link_libraries(mine PRIVATE msde::msde)\n"
                       "get_target_property(interface msde::msde INTERFACE_LINK_LIBRARIES)\n"
                       'message(STATUS "links [${interface}] tests [${MSDE_BUILD_TESTS}]")\n')
        with open(self.path("project", "main.cpp"), "w") as text:
            text.write("#include <msde/msde.hpp>\nint main() { return msde::library_version().empty(); }\n")
        built = self.path("project", "build")
        said = call("cmake", "-S", self.path("project"), "-B", built, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release")
        self.assertIn("links [interface-NOTFOUND] tests [OFF]", said)
        self.assertIn("Total Tests: 0", call("ctest", "--test-dir", built, "-N"))
        call("ninja", "-C", built, "CMakeFiles/mine.dir/main.cpp.o")
        with open(os.path.join(built, "build.ninja")) as rules:
            text = rules.read()
        self.assertIn("msde/libmsde.so", text)
        for absent in ("core_test", "msde-engine"):
            self.assertNotIn(absent, text)

    def test_packages(self):
        call("cpack", "-G", "DEB", "-B", self.path("packages"), "--config", os.path.join(BUILD, "CPackConfig.cmake"))
        found = {name.split("_")[0]: self.path("packages", name) for name in os.listdir(self.path("packages")) if name.endswith(".deb")}
        self.assertEqual(sorted(found), ["libmsde-dev", "libmsde0", "msde"])
        fields = {name: call("dpkg-deb", "-f", path) for name, path in found.items()}
        version = re.search(r"(?m)^Version: (.*)$", fields["msde"])[1]
        self.assertIn(f"Depends: libmsde0 (= {version})\n", fields["libmsde-dev"])
        for name in ("msde", "libmsde0"):
            self.assertRegex(fields[name], r"(?m)^Depends: .*libtorch1")
        for name, text in fields.items():
            self.assertRegex(text, r"(?m)^Maintainer: \S")
            self.assertRegex(text, r"(?m)^Homepage: https://")
            self.assertRegex(text, r"(?m)^Description: Stochastic multiscale models")
        held = {name: [line.split()[-1] for line in call("dpkg-deb", "-c", path).splitlines() if not line.startswith("d")]
                for name, path in found.items()}
        self.assertIn("./usr/bin/msde", held["msde"])
        self.assertIn("./usr/libexec/msde/msde-engine", held["msde"])
        self.assertIn("./usr/share/bash-completion/completions/msde", held["msde"])
        self.assertTrue(any(name.endswith(f"/libmsde.so.{version}") for name in held["libmsde0"]))
        self.assertIn("./usr/include/msde/msde.hpp", held["libmsde-dev"])
        names = [name for held_by in held.values() for name in held_by]
        self.assertEqual(len(names), len(set(names)))  # no file in two packages
        for name in held:
            self.assertIn(f"./usr/share/doc/{name}/copyright", held[name])


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main(verbosity=2)
