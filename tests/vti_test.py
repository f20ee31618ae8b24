"""VTK's image files (.vti) and series of them (.pvd) as data and as forecasts: against files written by hand and, where it is
installed, against VTK's own library.

Run as: python3 vti_test.py build/release/msde
"""

import os

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets
from vtk_files import TYPES, pvd, read_pvd, read_vti, vti

try:
    import vtk
    from vtk.util import numpy_support
except ImportError:
    vtk = None

import unittest


def fields(nt=12, ny=5, nx=7, seed=0, kind="f4"):
    """u [t, y, x] and v: every value is at a place of its own."""
    generator = numpy.random.default_rng(seed)
    return {"u": generator.standard_normal((nt, ny, nx)).astype(kind), "v": generator.standard_normal((nt, ny, nx)).astype(kind)}


class VtiTest(program.ProgramTest):
    def imported(self, name, *arguments):
        """x [T, C, *grid] and t as msde reads them, and the attributes."""
        self.msde("import", name, "-o", "read.h5", "--force", "-q", "--split-time", "6,9", *arguments)
        with h5py.File(self.path("read.h5")) as file:
            x = numpy.concatenate([file[split + "_x"][0] for split in ("train", "val", "test")])
            t = numpy.concatenate([file[split + "_t"][0] for split in ("train", "val", "test")])
            return x, t, {key: file.attrs[key] for key in file.attrs}

    def write_series(self, arrays, times, name="series.pvd", **options):
        """Each frame [z, y, x, ..] of every array as one file."""
        files = []
        for i, time in enumerate(times):
            files.append((time, f"frames/f{i}.vti"))
            os.makedirs(self.path("frames"), exist_ok=True)
            self.write(files[-1][1], vti({key: values[i] for key, values in arrays.items()}, **options))
        self.write(name, pvd(files))
        return name


class Read(VtiTest):
    def test_one_file_with_time_along_z(self):
        arrays = fields()
        expected = numpy.stack([arrays["u"], arrays["v"]], 1)
        place = {"origin": (-.5, 2., 15.), "spacing": (.25, .125, .01), "first": (2, 0, 0)}
        for case in ({"how": "raw"}, {"how": "ascii"}, {"how": "base64", "compressed": True, "header": "UInt64", "order": ">"}):
            with self.subTest(**case):
                self.write("a.vti", vti(arrays, **place, **case))
                x, t, attributes = self.imported("a.vti")
                numpy.testing.assert_array_equal(x, expected)
                numpy.testing.assert_allclose(t, 15 + .01 * numpy.arange(12), rtol=1e-6)
        self.assertEqual(attributes["axes"], "y,x")
        self.assertEqual(attributes["channels"], "u,v")
        numpy.testing.assert_allclose(attributes["origin"], [2, 0])
        numpy.testing.assert_allclose(attributes["spacing"], [.125, .25])
        text = self.msde("info", "a.vti").stdout
        for words in ("VTK image, time along z", "u, v", "open"):
            self.assertIn(words, text)

    def stored_in_turn(self, cases, write):
        """A series whose frames are stored in as many ways: write(path, values, case)."""
        u = numpy.random.default_rng(4).standard_normal((len(cases), 1, 5, 7))
        for i, case in enumerate(cases):
            write(self.path(f"f{i}.vti"), u[i], case)
        self.write("series.pvd", pvd([(float(i), f"f{i}.vti") for i in range(len(cases))]))
        return self.imported("series.pvd")[0][:, 0], u[:, 0]

    def test_every_way_of_storing(self):
        cases = [{"how": how, "header": header, "order": order, "compressed": compressed}
                 for how in ("ascii", "binary", "raw", "base64") for header in ("UInt32", "UInt64") for order in "<>"
                 for compressed in (False, True) if how != "ascii" or not compressed]
        read, expected = self.stored_in_turn(cases, lambda path, u, case: self.write(path, vti({"u": u}, **case)))
        for case, got, wanted in zip(cases, read, expected):
            numpy.testing.assert_array_equal(got, wanted, str(case))

    def test_every_type_of_numbers(self):
        def write(path, u, case):
            kind, how, order = case
            self.write(path, vti({"u": (numpy.round(20 * u) if kind[0] == "i" else numpy.round(abs(20 * u))).astype(kind)}, how=how, order=order))

        cases = [(kind, how, order) for kind in TYPES if kind[0] != "f" for how in ("raw", "ascii") for order in "<>"]
        read, u = self.stored_in_turn(cases, write)
        for case, got, values in zip(cases, read, u):
            wanted = numpy.round(20 * values) if case[0][0] == "i" else numpy.round(abs(20 * values))
            numpy.testing.assert_array_equal(got, wanted, str(case))

    def test_vectors_and_cells(self):
        velocity = numpy.random.default_rng(1).standard_normal((12, 5, 7, 3))
        p = velocity[..., 0] ** 2
        for how in ("raw", "ascii"):
            with self.subTest(how=how):
                self.write("a.vti", vti({"velocity": velocity, "p": p}, how=how, compressed=how == "raw", cells=True, spacing=(2, 3, 1)))
                x, t, attributes = self.imported("a.vti")
                numpy.testing.assert_array_equal(x, numpy.concatenate([numpy.moveaxis(velocity, 3, 1), p[:, None]], 1))
                self.assertEqual(attributes["channels"], "velocity_x,velocity_y,velocity_z,p")
                numpy.testing.assert_allclose(attributes["origin"], [1.5, 1])
        self.assertEqual(x.dtype, numpy.float64)
        self.write("a.vti", vti({"stress": numpy.concatenate([velocity, velocity + 1], 3)}))
        self.assertEqual(self.imported("a.vti")[2]["channels"], ",".join(f"stress_{i}" for i in range(6)))

    def test_series_in_any_plane_and_in_one_and_three_axes(self):
        times = [3 + .5 * i for i in range(12)]
        for shape, axes in (((1, 5, 7), "y,x"), ((5, 1, 7), "z,x"), ((5, 7, 1), "z,y"), ((1, 1, 8), "x"), ((8, 1, 1), "z"), ((4, 5, 6), "z,y,x")):
            for how in ("raw",):
                with self.subTest(shape=shape, how=how):
                    u = numpy.random.default_rng(2).standard_normal((12, *shape))
                    order = [9, 1, 2, 3, 0, 5, 4, 7, 6, 8, 10, 11]
                    name = self.write_series({"u": u[order]}, [times[i] for i in order], how=how, compressed=True, time=99.)
                    x, t, attributes = self.imported(name)
                    numpy.testing.assert_array_equal(x[:, 0], u.reshape(x[:, 0].shape))
                    numpy.testing.assert_allclose(t, times)
                    self.assertEqual(attributes["axes"], axes)
                    self.assertEqual(x[0, 0].shape, tuple(n for n in shape if n > 1))

    def test_series_that_do_not_fit(self):
        u = numpy.zeros((4, 1, 5, 7), "f4")
        times = [0., 1., 2., 3.]
        self.write_series({"u": u}, times)
        self.msde("info", "series.pvd")
        cases = {
            "points": (vti({"u": u[0, :, :, :6]}), ["f2.vti", "points [6, 5, 1]", "[7, 5, 1]"]),
            "origin": (vti({"u": u[0]}, origin=(.5, 0, 0)), ["f2.vti", "origin and spacing", "0.5"]),
            "spacing": (vti({"u": u[0]}, spacing=(1, 1.01, 1)), ["f2.vti", "origin and spacing", "1.01"]),
            "array": (vti({"w": u[0]}), ["f2.vti", "channels [w]", "[u]"]),
            "damage": (b"<VTKFile", ["f2.vti"]),
            "type": (b"<VTKFile type=\"PolyData\"></VTKFile>", ["f2.vti", "PolyData"]),
        }
        for what, (content, words) in cases.items():
            with self.subTest(what):
                self.write("frames/f2.vti", content)
                self.refuse(3, words, "info", "series.pvd")
        os.remove(self.path("frames/f2.vti"))
        self.refuse(3, ["f2.vti", "No such file"], "info", "series.pvd")
        self.write_series({"u": u}, [0., 1., 2., 3.5])
        self.assertIn("times: unequal, spacing 1 .. 1.5, mean 1.16667", self.msde("info", "series.pvd").stdout)
        self.write("one.pvd", pvd([(0., "frames/f0.vti")]))
        self.refuse(3, ["one.pvd", "got 1 time"], "info", "one.pvd")
        self.write("parts.pvd", pvd([(0., "frames/f0.vti")], '<DataSet timestep="1" part="2" file="frames/f1.vti"/>'))
        self.refuse(3, ["part '2'", "f1.vti"], "info", "parts.pvd")

    def test_what_is_not_read_is_refused_with_the_cure(self):
        u = fields()
        for name, content, words in (
                ("lz4.vti", vti(u, compressed=True, compressor="vtkLZ4DataCompressor"), ["vtkLZ4DataCompressor", "python3 -c"]),
                ("piece.vti", vti(u, piece="0 6 0 4 0 5"), ["Extent", "python3 -c"]),
                ("turned.vti", vti(u, more='Direction="0 -1 0 1 0 0 0 0 1"'), ["Direction"]),
                ("rectilinear.vtr", b'<?xml version="1.0"?><VTKFile type="RectilinearGrid"></VTKFile>', ["VTK", "Resample To Image"]),
                ("cut.vti", vti(u)[:-600], ["cut.vti", "cut short"]),
                ("nan.vti", vti({"u": numpy.where(u["u"] > 2, numpy.inf, u["u"]).astype("f4")}), ["'u'", "trajectory 0", "inf"]),
                ("snapshot.vti", vti({"u": u["u"][:1]}), ["VTK image of one snapshot", "predict --from"])):
            with self.subTest(name):
                self.write(name, content)
                self.refuse(3, words, "info", name)

    def test_a_bomb_takes_no_memory(self):
        # 16 GiB of zeros in a few MB, and a table that says so of nothing.
        small = vti({"u": numpy.zeros((4, 64, 64), "f4")}, compressed=True, block=1 << 15)
        self.msde("info", self.write("small.vti", small))
        huge = small.replace(b'Extent="0 63 0 63 0 3"', b'Extent="0 32767 0 32767 0 3"')
        self.refuse(3, ["'u'", "blocks"], "info", self.write("huge.vti", huge))

    @unittest.skipUnless(vtk, "python3-vtk9 is not installed")
    def test_files_of_vtk_itself(self):
        def written(path, arrays, case):
            image = vtk.vtkImageData()
            nz, ny, nx = arrays["u"].shape
            image.SetExtent(1, nx, 0, ny - 1, 3, nz + 2)
            image.SetSpacing(.5, .25, .125)
            image.SetOrigin(1, 2, 3)
            for name, values in arrays.items():
                array = numpy_support.numpy_to_vtk(values.reshape(-1, *values.shape[3:]), deep=True)
                array.SetName(name)
                image.GetPointData().AddArray(array)
            mode, compressor, raw, words, order = case
            writer = vtk.vtkXMLImageDataWriter()
            writer.SetInputData(image)
            writer.SetFileName(path)
            getattr(writer, f"SetDataModeTo{mode}")()
            getattr(writer, f"SetCompressorTypeTo{compressor}")()
            getattr(writer, f"SetHeaderTypeToUInt{words}")()
            getattr(writer, f"SetByteOrderTo{order}Endian")()
            writer.SetEncodeAppendedData(not raw)
            writer.SetBlockSize(1024)
            writer.Write()

        cases = [(mode, compressor, raw, words, order) for mode in ("Ascii", "Binary", "Appended") for compressor in ("None", "ZLib")
                 for raw in (True, False) for words in ("32", "64") for order in ("Little", "Big")]
        read, expected = self.stored_in_turn(cases, lambda path, u, case: written(path, {"u": u}, case))
        for case, got, wanted in zip(cases, read, expected):
            numpy.testing.assert_array_equal(got, wanted, str(case))
        arrays = fields(kind="f8")
        velocity = numpy.random.default_rng(5).standard_normal((12, 5, 7, 3)).astype("f4")
        expected = numpy.concatenate([arrays["u"][:, None], arrays["v"][:, None], numpy.moveaxis(velocity, 3, 1)], 1)
        for case in (("Appended", "ZLib", True, "64", "Little"), ("Appended", "None", False, "32", "Big")):
            written(self.path("vtk.vti"), {**arrays, "velocity": velocity}, case)
            x, t, attributes = self.imported("vtk.vti")
            numpy.testing.assert_array_equal(x, expected)
            numpy.testing.assert_allclose(t, 3 + .125 * numpy.arange(3, 15))
            numpy.testing.assert_allclose(attributes["origin"], [2, 1.5])
        # The cure of what is not read.
        written(self.path("vtk.vti"), {**arrays, "velocity": velocity}, ("Appended", "LZ4", True, "64", "Little"))
        cure = self.msde("info", "vtk.vti", code=3).stderr.split("python3 -c ", 1)[1].split('"')[1]
        exec(cure.replace("'vtk.vti", f"'{self.path('vtk.vti')}"), {})
        numpy.testing.assert_array_equal(self.imported("vtk.vti.whole.vti")[0], expected)


class Write(VtiTest):
    def setUp(self):
        super().setUp()
        # Waves that run along x and along y, 10 x 16 points, of two channels: [N, T, C, y, x].
        t, y, x = numpy.meshgrid(numpy.arange(12) / 12, numpy.arange(10) / 10, numpy.arange(16) / 16, indexing="ij")
        noise = numpy.random.default_rng(6).standard_normal((3, 12, 2, 10, 16))
        self.fields = numpy.stack([[numpy.sin(2 * numpy.pi * (x - t + n / 3)) for n in range(3)],
                                   [numpy.cos(2 * numpy.pi * (y + t + n / 3)) for n in range(3)]], 2) + .01 * noise
        parts = {}
        for i, split in enumerate(("train", "val", "test")):
            parts[split + "_x"], parts[split + "_t"] = self.fields[i:i + 1].astype("f4"), t[None, :, 0, 0].astype("f8")
        numpy.savez(self.path("data.npz"), **parts)
        self.write("own.toml", "")
        self.msde("train", "own.toml", "-o", "run", "-q", *sets(TINY_TRAINING, {"model.n_zeta": "[5, 4]", "model.n_eta": 2, "case.name": "mine",
                                                                               "data.path": "data.npz", "data.boundary": "periodic,wall"}))

    def test_forecasts_are_those_of_hdf5(self):
        self.msde("predict", "run", "-o", "h5", "-q", "--members", "3")
        result = self.msde("predict", "run", "-o", "images", "--members", "3", "--format", "vti")
        self.assertEqual(result.stdout, "images\n")
        self.assertIn("MiB in images", result.stderr)
        self.assertEqual(self.files("images"), sorted(["forecast_0000.pvd", *(f"forecast_0000/{i:04}.vti" for i in range(12))]))
        series = read_pvd(self.path("images/forecast_0000.pvd"))
        with h5py.File(self.path("h5/forecast.h5")) as file:
            numpy.testing.assert_array_equal([time for time, _ in series], file["time"])
            for k, (time, name) in enumerate(series):
                image, arrays = read_vti(name)
                numpy.testing.assert_allclose(list(map(float, image["Spacing"].split()))[:2], [file["x"][1] - file["x"][0], file["y"][1] - file["y"][0]])
                numpy.testing.assert_allclose(list(map(float, image["Origin"].split()))[:2], [file["x"][0], file["y"][0]])
                self.assertEqual(arrays.pop("TimeValue"), [time])
                self.assertEqual(list(arrays), [f"{name}_{c}" for name in ("mean", "std", "point", "member_0", "member_1", "member_2") for c in (0, 1)])
                for c in (0, 1):
                    self.assertEqual(arrays[f"point_{c}"].dtype, numpy.float32)
                    for name, values in (("mean", file["mean"]), ("std", file["std"]), ("point", file["point"]), ("member_2", file["members"][2])):
                        numpy.testing.assert_allclose(arrays[f"{name}_{c}"][0], values[0, k, c], rtol=1e-5, atol=1e-6, err_msg=name)
            x = self.imported("images/forecast_0000.pvd")[0]
            numpy.testing.assert_array_equal(x[:, 4:6], file["point"][0])
            if vtk:
                reader = vtk.vtkXMLImageDataReader()
                reader.SetFileName(series[7][1])
                reader.Update()
                image = reader.GetOutput()
                self.assertEqual(image.GetDimensions(), (16, 10, 1))
                values = numpy_support.vtk_to_numpy(image.GetPointData().GetArray("point_1")).reshape(10, 16)
                numpy.testing.assert_array_equal(values, file["point"][0, 7, 1])
                self.assertEqual(image.FindPoint(file["x"][3], file["y"][2], 0), 2 * 16 + 3)
        # Without members: mean and std of those that are not stored, over what was there.
        self.refuse(2, ["images", "--force"], "predict", "run", "-o", "images", "--format", "vti")
        self.msde("predict", "run", "-o", "images", "-q", "--force", "--format", "vti")
        self.assertEqual(list(read_vti(series[0][1])[1]), ["TimeValue", *(f"{name}_{c}" for name in ("mean", "std", "point") for c in (0, 1))])

    def test_a_forecast_from_an_image(self):
        u, v = self.fields[2, 0].astype("f4")
        self.write("first.vti", vti({"u": u[None], "v": v[None]}, time=.25))
        with h5py.File(self.path("first.h5"), "w") as file:
            file["x"], file["t"] = self.fields[2, 0].astype("f4"), .25
        for name in ("first.vti", "first.h5"):
            self.msde("predict", "run", "--from", name, "-o", name + ".out", "-q")
        with h5py.File(self.path("first.vti.out/forecast.h5")) as a, h5py.File(self.path("first.h5.out/forecast.h5")) as b:
            numpy.testing.assert_array_equal(a["mean"], b["mean"])
            self.assertEqual((a["start"][0], b["start"][0]), (.25, .25))
        # A series is a whole trajectory: as long a forecast, from its first time.
        name = self.write_series({"u": self.fields[2, :, :1].astype("f4"), "v": self.fields[2, :, 1:].astype("f4")}, [i / 12 for i in range(12)])
        self.msde("predict", "run", "--from", name, "-o", "series.out", "-q")
        self.msde("predict", "run", "-o", "data.out", "-q")
        self.msde("train", "own.toml", "-o", "named", "-q", *sets(TINY_TRAINING, {
            "model.n_zeta": "[5, 4]", "model.n_eta": 2, "case.name": "mine", "data.path": name, "data.split_time": "4,8",
            "data.boundary": "periodic,wall", "data.variables": "v", "train.window": 4}))
        self.msde("predict", "named", "-o", "named.out", "-q", "--format", "vti")
        self.assertEqual(list(read_vti(self.path("named.out/forecast_0000/0000.vti"))[1])[1:], ["mean_v", "std_v", "point_v"])
        with h5py.File(self.path("series.out/forecast.h5")) as a, h5py.File(self.path("data.out/forecast.h5")) as b:
            numpy.testing.assert_allclose(a["mean"], b["mean"], rtol=1e-5, atol=1e-6)


if __name__ == "__main__":
    program.main()
