"""Files of NetCDF, of The Well and series of files are read as the libraries that wrote them mean them, and what msde
writes is NetCDF that those libraries read.

Run as: python3 netcdf_test.py build/release/msde
"""

import os
import shutil
import subprocess
import sys

import h5py
import netCDF4
import numpy

import program
from program import CONFIGS, TINY_TRAINING, sets

WAVE = os.path.join(CONFIGS, "wave_1d.toml")
CLASSIC = ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA")
T, NY, NX = 14, 6, 8
Y, X = -1. + .5 * numpy.arange(NY), 10. + 2. * numpy.arange(NX)


def field(channel=0, trajectory=0, steps=T, first=0):
    """[steps, NY, NX]; no axis of it looks like another."""
    t, y, x = numpy.meshgrid(first + numpy.arange(steps), numpy.arange(NY), numpy.arange(NX), indexing="ij")
    return (numpy.sin(.3 * t + .7 * y * y - .2 * x + channel + 2 * trajectory) + .05 * x).astype("f4")


def make(path, kind="NETCDF4", order=("time", "y", "x"), units="days since 1990-01-01", calendar=None, times=None, store=None,
         names=("u", "v"), values=None, record=True, y=Y, attributes=()):
    """A series of two channels, as netCDF4 writes it."""
    times = numpy.arange(T) * 1. if times is None else times
    with netCDF4.Dataset(path, "w", format=kind) as file:
        for name, size in (("time", None if record and order[0] == "time" else len(times)), ("y", NY), ("x", NX)):
            file.createDimension(name, size)
        for name, points in (("y", y), ("x", X)):
            file.createVariable(name, "f8", (name,))[:] = points
        t = file.createVariable("time", "f8", ("time",))
        t.units = units
        if calendar:
            t.calendar = calendar
        for channel, name in enumerate(names):
            array = field(channel, steps=len(times)) if values is None else values[channel]
            variable = store(file, name, order) if store else file.createVariable(name, "f4", order)
            variable.units = "m s-1"
            variable[:] = array.transpose(["time y x".split().index(axis) for axis in order])
        t[:] = times
        file.setncatts(dict(attributes))
    return path


class Netcdf(program.ProgramTest):
    def imported(self, path, *arguments):
        """All trajectories [N, T, C, *grid] as msde reads them, its attributes, and times [N, T]."""
        own = {"--split", "--split-time", "--no-split"} & set(arguments)
        split = [] if own else ["--split", "1,0,0"]
        arguments = [word for word in arguments if word != "--no-split"]
        name = self.path("read.h5")
        if os.path.exists(name):
            os.remove(name)
        self.msde("import", path, "-o", name, "-q", *split, *arguments)
        with h5py.File(name) as file:
            return file["train_x"][()], dict(file.attrs), file["train_t"][()]

    def expected(self, n=1):
        return numpy.stack([numpy.stack([field(0, k), field(1, k)], axis=1) for k in range(n)])


class Reading(Netcdf):
    def test_every_format_gives_the_values_of_the_library(self):
        for kind in (*CLASSIC, "NETCDF4", "NETCDF4_CLASSIC"):
            for record in (True, False):
                with self.subTest(kind=kind, record=record):
                    values, attributes, times = self.imported(make(self.path("a.nc"), kind, record=record))
                    numpy.testing.assert_array_equal(values, self.expected())
                    numpy.testing.assert_array_equal(times, [numpy.arange(T)])
                    self.assertEqual((attributes["axes"], attributes["channels"]), ("y,x", "u,v"))
                    numpy.testing.assert_allclose(attributes["origin"], [-1, 10])
                    numpy.testing.assert_allclose(attributes["spacing"], [.5, 2])
                    self.assertEqual(attributes["boundary"], "open,open")

    def test_dimensions_stand_where_their_names_say(self):
        for order in (("time", "x", "y"), ("y", "time", "x"), ("x", "y", "time")):
            for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
                with self.subTest(order=order, kind=kind):
                    values, attributes, _ = self.imported(make(self.path("a.nc"), kind, order))
                    grid = [axis for axis in order if axis != "time"]
                    self.assertEqual(attributes["axes"], ",".join(grid))
                    expected = self.expected() if grid == ["y", "x"] else self.expected().swapaxes(-1, -2)
                    numpy.testing.assert_array_equal(values, expected)

    def test_decreasing_coordinates_are_turned(self):
        for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
            values, attributes, _ = self.imported(make(self.path("a.nc"), kind, y=Y[::-1]))
            numpy.testing.assert_array_equal(values, self.expected()[..., ::-1, :])
            numpy.testing.assert_allclose(attributes["origin"], [-1, 10])
        self.assertIn("'y' decreases", self.msde("info", "a.nc").stdout)

    def test_records_of_odd_bytes(self):
        """Pieces of a record are padded to four bytes, unless one variable alone has records."""
        def short(file, name, order):
            return file.createVariable(name, "i2", order)
        values = [numpy.round(100 * field(c)[:, :, :]).astype("i2") for c in (0, 1)]
        for names in (("u",), ("u", "v")):
            with netCDF4.Dataset(self.path("a.nc"), "w", format="NETCDF3_CLASSIC") as file:
                file.createDimension("time", None)
                file.createDimension("x", 5)
                if len(names) > 1:
                    flag = file.createVariable("flag", "i1", ("time",))
                for channel, name in enumerate(names):
                    file.createVariable(name, "i2", ("time", "x"))[:] = values[channel][:, 0, :5]
                if len(names) > 1:
                    flag[:] = numpy.arange(T)
            read, _, times = self.imported("a.nc")
            for channel in range(len(names)):
                numpy.testing.assert_array_equal(read[0, :, channel], values[channel][:, 0, :5])
            numpy.testing.assert_array_equal(times, [numpy.arange(T)])   # counted: no coordinate
        self.assertIn("snapshots are counted from 0", self.msde("info", "a.nc").stdout)

    def test_packed_and_missing(self):
        def packed(file, name, order):
            variable = file.createVariable(name, "i2", order, fill_value=-32768)
            variable.scale_factor, variable.add_offset = .001, 1.
            return variable
        for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
            values, _, _ = self.imported(make(self.path("a.nc"), kind, store=packed))
            self.assertLess(abs(values - self.expected()).max(), .0006)
            gap = [field(0).astype("f8"), field(1).astype("f8")]
            gap[1][3, 2, 5] = numpy.nan
            make(self.path("gap.nc"), kind, values=[numpy.ma.masked_invalid(g) for g in gap])
            self.assertRegex(self.msde("info", "gap.nc").stdout, "1 of 1344 missing .*default _FillValue")
            # A record that nobody wrote.
            make(self.path("late.nc"), kind)
            with netCDF4.Dataset(self.path("late.nc"), "a") as file:
                file["time"][T] = float(T)
            never = ["snapshot 14", "every value is missing"] if kind != "NETCDF4" else ["'u'", "14 of the 15 points along 'time'", "never written"]
            self.refuse(3, never, "info", "late.nc")

    def test_variables_are_chosen(self):
        make(self.path("a.nc"), names=("u", "v", "w"), attributes={"Conventions": "CF-1.8"}.items())
        with netCDF4.Dataset(self.path("a.nc"), "a") as file:
            file.createDimension("nv", 2)
            file.createVariable("time_bnds", "f8", ("time", "nv"))[:] = numpy.zeros((T, 2))
            file["time"].bounds = "time_bnds"
            file.createVariable("area", "f4", ("y", "x"))[:] = 1
            file.createVariable("index", "f4", ("time",))[:] = 1
        values, attributes, _ = self.imported("a.nc", "--variables", "w,u")
        self.assertEqual(attributes["channels"], "w,u")
        numpy.testing.assert_array_equal(values[0, :, 0], field(2))
        numpy.testing.assert_array_equal(values[0, :, 1], field(0))
        shown = self.msde("info", "a.nc").stdout
        self.assertIn("3 channels (u [m s-1], v [m s-1], w [m s-1])", shown)
        self.assertIn("left out: area [y, x], index [time]", shown)
        self.assertIn('data.path = "a.nc"', shown)
        self.assertIn("1990-01-01 00:00 .. 1990-01-14 00:00", shown)
        with netCDF4.Dataset(self.path("a.nc"), "a") as file:
            file.createDimension("z", 3)
            file.createVariable("deep", "f4", ("time", "z", "y", "x"))[:] = 0
        self.refuse(3, ["different dimensions", "deep [time, z, y, x]", "data.variables"], "info", "a.nc")
        self.assertIn("2 channels", self.msde("info", "a.nc", "--variables", "u,v").stdout)
        self.refuse(3, ["no variable 'U'", "u [time, y, x]"], "info", "a.nc", "--variables", "U")
        self.refuse(3, ["area [y, x]", "no field in time"], "info", "a.nc", "--variables", "area")
        self.refuse(2, ["--variables", "each once"], "info", "a.nc", "--variables", "u,u")
        # Channels of other layouts, too.
        with h5py.File(self.path("cfd.h5"), "w") as file:
            for channel, name in enumerate(("density", "pressure", "Vx")):
                file[name] = field(channel)[None]
            for name, points in (("x-coordinate", Y), ("y-coordinate", X), ("t-coordinate", numpy.arange(T))):
                file[name] = points.astype("f4")
        values, attributes, _ = self.imported("cfd.h5", "--variables", "Vx,density")
        self.assertEqual(attributes["channels"], "Vx,density")
        numpy.testing.assert_array_equal(values[0], numpy.stack([field(2), field(0)], axis=1))

    def test_members_and_samples_are_trajectories(self):
        with netCDF4.Dataset(self.path("a.nc"), "w") as file:
            for name, size in (("realization", 3), ("time", T), ("y", NY), ("x", NX), ("sample", 2)):
                file.createDimension(name, size)
            u = file.createVariable("u", "f4", ("realization", "time", "y", "x", "sample"))
            for member in range(3):
                for sample in range(2):
                    u[member, :, :, :, sample] = field(0, 3 * sample + member)
        values, _, _ = self.imported("a.nc", "--split", "6,0,0")
        numpy.testing.assert_array_equal(values[:, :, 0], [field(0, k) for k in range(6)])

    def test_rings_of_longitude_are_periodic(self):
        for step, word in ((45., "open,periodic"), (30., "open,open")):
            with netCDF4.Dataset(make(self.path("a.nc")), "a") as file:
                file["x"][:] = step * numpy.arange(NX)
                file["x"].units = "degrees_east"
            self.assertEqual(self.imported("a.nc")[1]["boundary"], word)
            told = self.msde("info", "a.nc").stdout
            self.assertRegex(told, "axis y: .* open \\(assumed; the file does not say\\)")
            self.assertIn(f'data.boundary = "{word}"  # assumed{" along y" if word == "open,periodic" else ""}: periodic, wall, open, inflow or outflow', told)
            self.assertEqual(" periodic\n" in told, word == "open,periodic")
            told = self.msde("import", "a.nc", "-o", "b.h5", "--split", "1,0,0", "--force").stderr
            self.assertIn("does not say its boundaries; assumed: open along y" + (";" if word == "open,periodic" else ", open along x;"), told)

    def test_old_texts(self):
        make(self.path("a.nc"), "NETCDF3_CLASSIC")
        with open(self.path("a.nc"), "rb") as file:
            raw = file.read()
        with open(self.path("a.nc"), "wb") as file:
            file.write(raw.replace(b"m s-1", b"\xb0C  \0"))
        self.assertIn("u [\N{DEGREE SIGN}C", self.msde("info", "a.nc").stdout)

    def test_refusals(self):
        whole = make(self.path("a.nc"), "NETCDF3_CLASSIC")
        with open(whole, "rb") as file:
            raw = file.read()
        for name, content, words in (("cut.nc", raw[:len(raw) - 100], ["beyond the", "cut short"]),
                                     ("head.nc", raw[:60], ["header is cut short"]),
                                     ("type.nc", raw.replace(b"\0\0\0\x05\0\0\0\x01m s", b"\0\0\0\x63\0\0\0\x01m s"), [])):
            with open(self.path(name), "wb") as file:
                file.write(content)
            if words:
                self.refuse(3, words, "info", name)
        with netCDF4.Dataset(self.path("static.nc"), "w") as file:
            file.createDimension("y", NY)
            file.createDimension("x", NX)
            file.createVariable("u", "f4", ("y", "x"))[:] = 0
        self.refuse(3, ["no variable over time and space", "u [y, x]"], "info", "static.nc")
        twice = make(self.path("b.nc"), times=numpy.array([0, 1, 2, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14.]))
        self.refuse(3, ["'time'", "snapshot 3", "increasing"], "info", twice)
        make(self.path("y.nc"), y=numpy.array([0, 1, 2, 3.5, 4, 5]))
        self.refuse(3, ["'y'", "point", "equally spaced"], "info", "y.nc")
        make(self.path("one.nc"), times=numpy.array([0.]))
        self.refuse(3, ["got 1 snapshot", "out_*.nc"], "info", "one.nc")

    def test_lengths_that_do_not_agree(self):
        """Along dimensions that grow every variable has a length of its own."""
        def grown(points=None, **more):
            with netCDF4.Dataset(self.path("a.nc"), "w") as file:
                for name, size in (("time", T), ("x", None), ("sample", None)):
                    file.createDimension(name, size)
                over = ("time", "x") if not more else ("sample", "time", "x")
                u = file.createVariable("u", "f4", over, contiguous=False, chunksizes=(1,) * (len(over) - 1) + (NX,))
                u[:] = field()[:, 0] if not more else numpy.stack([field(0, k)[:, 0] for k in range(3)])
                x = file.createVariable("x", "f8", ("x",), chunksizes=(NX,))
                if points is not None:
                    x[:points] = X[:points]
                for name, length in more.items():
                    v = file.createVariable(name, "f4", ("sample",), chunksizes=(8,))
                    v[:length] = numpy.arange(length)
                    if name != "start":
                        file.parameters = name
        grown()
        self.refuse(3, ["'x'", "0 of the 8 points"], "info", "a.nc")
        grown(3)
        self.refuse(3, ["'x'", "3 of the 8 points"], "info", "a.nc")
        grown(8, start=2)
        self.refuse(3, ["'start'", "2 of the 3 points"], "info", "a.nc")
        grown(8, Re=1)
        self.refuse(3, ["'Re'", "1 of the 3 points"], "info", "a.nc")
        with netCDF4.Dataset(self.path("twice.nc"), "w", format="NETCDF3_CLASSIC") as file:
            file.createDimension("time", T)
            file.createDimension("x", NX)
            file.createVariable("u", "f4", ("time", "x", "x"))[:] = 0
        self.refuse(3, ["u [time, x, x]", "comes twice"], "info", "twice.nc")
        # Names that come twice, which the library does not write.
        for old, new, what in ((b"\0\0\0\x01v\0\0\0", b"\0\0\0\x01u\0\0\0", "two variables"), (b"\0\0\0\x01y\0\0\0", b"\0\0\0\x01x\0\0\0", "two dimensions")):
            with open(make(self.path("a.nc"), "NETCDF3_CLASSIC"), "rb") as file:
                raw = file.read()
            with open(self.path("same.nc"), "wb") as file:
                file.write(raw.replace(old, new, 1))
            self.refuse(3, [what], "info", "same.nc")

    def test_what_nobody_wants_may_be_damaged(self):
        with netCDF4.Dataset(make(self.path("a.nc")), "a") as file:
            file.createVariable("crs", "i4").grid_mapping_name = "latitude_longitude"
            file.createVariable("area", "f4", ("y", "x"))
        values, _, _ = self.imported("a.nc")
        numpy.testing.assert_array_equal(values, self.expected())
        self.assertIn("area (not all there)", self.msde("info", "a.nc").stdout)

    def test_training_reads_in_place(self):
        make(self.path("a.nc"), "NETCDF3_CLASSIC", times=numpy.arange(40.))
        data = [WAVE, *sets(TINY_TRAINING, data__path="a.nc", data__variables="u", data__split_time="20,30",
                                        model__n_zeta="[3,4]", model__n_eta=2, eval__n_steps=10, case__name="mine")]
        self.msde("run", *data, "-o", "run", "-q")
        self.msde("predict", "run", "-o", "forecast", "--members", "2", "-q")
        with netCDF4.Dataset(self.path("forecast", "forecast.h5")) as file:
            self.assertEqual(file["members"].dimensions, ("realization", "sample", "time", "channel", "y", "x"))
            self.assertEqual((file["time"].units, file["time"].calendar), ("days since 1990-01-01", "standard"))
            numpy.testing.assert_allclose(file["time"][:], numpy.arange(30., 40))
            numpy.testing.assert_allclose(file["x"][:], X)
            self.assertEqual(file["mean"].units, "m s-1")
            self.assertEqual(list(file["channel_name"][:]), ["u"])
        # The file of the data is another kind of NetCDF now: the same fields, other bytes.
        os.rename(self.path("a.nc"), self.path("b.nc"))
        self.refuse(3, ["--data"], "predict", "run", "-o", "other")
        self.msde("predict", "run", "--data", "b.nc", "-o", "again", "--members", "2", "-q")
        with h5py.File(self.path("forecast", "forecast.h5")) as a, h5py.File(self.path("again", "forecast.h5")) as b:
            numpy.testing.assert_array_equal(a["members"][()], b["members"][()])
        self.msde("score", "b.nc", "forecast/forecast.h5", "--n-steps", "10", code=3)   # two channels against one


class Calendars(Netcdf):
    def test_months_are_equally_far_apart(self):
        for calendar in ("standard", "noleap", "360_day", "proleptic_gregorian", "julian", "all_leap"):
            for year in (1998, 1580):
                with self.subTest(calendar=calendar, year=year):
                    import cftime
                    dates = [cftime.datetime(year + (6 + k) // 12, (6 + k) % 12 + 1, 1, calendar=calendar) for k in range(T)]
                    units = f"days since {year}-03-01"
                    times = cftime.date2num(dates, units, calendar=calendar)
                    make(self.path("a.nc"), units=units, calendar=calendar, times=times)
                    _, _, read = self.imported("a.nc")
                    if calendar == "360_day":
                        numpy.testing.assert_allclose(read[0], times)
                    else:
                        numpy.testing.assert_allclose(read[0], 4. + numpy.arange(T))
                    shown = self.msde("info", "a.nc").stdout
                    self.assertIn(f"{year}-07-01 00:00 .. {year + 1}-08-01 00:00", shown)

    def test_middles_of_months_are_written_as_they_were(self):
        import cftime
        edges = cftime.date2num([cftime.datetime(2000 + k // 12, k % 12 + 1, 1) for k in range(41)], "hours since 1990-06-01")
        times = (edges[1:] + edges[:-1]) / 2.
        make(self.path("a.nc"), units="hours since 1990-06-01", times=times)
        self.assertIn("counted in months", self.msde("info", "a.nc").stdout)
        data = [WAVE, *sets(TINY_TRAINING, data__path="a.nc", data__split_time="20,30", model__n_zeta="[3,4]",
                                        model__n_eta=2, eval__n_steps=10, case__name="mine")]
        self.msde("run", *data, "-o", "run", "-q")
        self.msde("predict", "run", "-o", "forecast", "--members", "0", "-q")
        with netCDF4.Dataset(self.path("forecast", "forecast.h5")) as file:
            numpy.testing.assert_allclose(file["time"][:], times[30:40], atol=1e-6)
        self.msde("import", "a.nc", "-o", "part.nc", "--format", "netcdf", "--split-time", "30,40", "-q", code=3)
        # What is scored has the times of both files in the same count.
        with netCDF4.Dataset(self.path("truth.nc"), "w") as file, netCDF4.Dataset(self.path("a.nc")) as all_of_it:
            for name, size in (("time", 10), ("y", NY), ("x", NX)):
                file.createDimension(name, size)
            for name in ("u", "v"):
                file.createVariable(name, "f4", ("time", "y", "x"))[:] = all_of_it[name][30:40]
            t = file.createVariable("time", "f8", ("time",))
            t.units, t[:] = "hours since 1990-06-01", times[30:40]
        self.assertIn("rel_l2", self.msde("score", "truth.nc", "forecast/forecast.h5").stdout)

    def test_years_and_starts_come_back(self):
        import cftime
        for k, year in enumerate((2000, 2005)):
            dates = [cftime.datetime(year + n, 1, 1) for n in range(5)]
            make(self.path(f"y_{k}.nc"), units="days since 2000-01-01", times=cftime.date2num(dates, "days since 2000-01-01"), record=False,
                 values=[field(c, k, steps=5) for c in (0, 1)])
        os.rename(self.path("y_1.nc"), self.path("y_2.nc"))
        make(self.path("y_1.nc"), units="days since 2000-01-01", values=[field(c, 5, steps=5) for c in (0, 1)], record=False,
             times=cftime.date2num([cftime.datetime(2001 + n, 1, 1) for n in range(5)], "days since 2000-01-01"))
        self.msde("import", "y_*.nc", "-o", "all.nc", "--format", "netcdf", "--split", "3,0,0", "-q")
        for name in ("y_*.nc", "all.nc"):
            _, _, times = self.imported(name, *(["--split", "3,0,0"] if name != "all.nc" else ["--no-split"]))
            numpy.testing.assert_allclose(times, 12. * (numpy.arange(5) + numpy.array([[0], [1], [5]])))

    def test_large_hours_of_several_files(self):
        """As in reanalyses: float64 hours since 1900, which float32 could not tell apart."""
        for k in range(2):
            make(self.path(f"era_{k}.nc"), units="hours since 1900-01-01", times=1e6 + 14. * k + numpy.arange(T), values=[field(c, first=14 * k) for c in (0, 1)])
        _, _, times = self.imported("era_*.nc")
        numpy.testing.assert_array_equal(times[0], 1e6 + numpy.arange(2 * T))

    def test_dates_of_every_form(self):
        for units, begin in (("days since 1990-1-1", "1990-01-01 00:00"), ("seconds since 1990-01-01T06:30:00Z", "1990-01-01 06:30"),
                             ("hours since 1990-01-01 00:00:00.0 +02:00", "1989-12-31 22:00"), ("hour since 1980-01-14T14:00:00", "1980-01-14 14:00"),
                             ("minutes since 1990-01-01 12:15 UTC", "1990-01-01 12:15"), ("msec since 2000-02-29 1:2:3", "2000-02-29 01:02")):
            with self.subTest(units=units):
                make(self.path("a.nc"), units=units)
                self.assertIn(f"time: {units}; {begin} ..", self.msde("info", "a.nc").stdout)
        for units in ("days since nan-01-01", "days since 1990-nan-01", "days since 1990-01-01 nan"):
            make(self.path("a.nc"), units=units)
            self.assertIn(f"time: {units}\n", self.msde("info", "a.nc").stdout)
        make(self.path("a.nc"), units="days since the flood")
        self.assertIn("time: days since the flood\n", self.msde("info", "a.nc").stdout)


class Series(Netcdf):
    def test_files_follow_each_other_in_time(self):
        whole = numpy.stack([field(0, steps=30), field(1, steps=30)], axis=1)
        for name, begin, end in (("out_10.nc", 20, 30), ("out_2.nc", 8, 20), ("out_1.nc", 0, 8)):
            # Each counts from a day of its own.
            make(self.path(name), "NETCDF3_CLASSIC" if begin else "NETCDF4", units=f"days since 1990-01-{begin + 1:02}",
                 times=numpy.arange(float(end - begin)), values=[field(c, steps=end - begin, first=begin) for c in (0, 1)])
        values, _, times = self.imported("out_*.nc")
        numpy.testing.assert_array_equal(values[0], whole)
        numpy.testing.assert_allclose(times[0], numpy.arange(30))
        self.assertIn("3 files one after the other in time", self.msde("info", "out_*.nc").stdout)
        os.remove(self.path("out_2.nc"))
        self.refuse(3, ["out_10.nc", "snapshots"], "info", "out_*.nc")
        self.refuse(3, ["none is found"], "info", "nothing_*.nc")

    def test_a_file_a_snapshot(self):
        for k in range(T):
            make(self.path(f"s_{k}.nc"), "NETCDF3_CLASSIC", times=numpy.array([2. * k]), record=False,
                 values=[field(c, steps=1, first=k) for c in (0, 1)])
        values, _, times = self.imported("s_*.nc")
        numpy.testing.assert_array_equal(values, self.expected())
        numpy.testing.assert_allclose(times[0], 2 * numpy.arange(T))
        os.remove(self.path("s_5.nc"))
        self.assertIn("times: unequal, spacing 2 .. 4", self.msde("info", "s_*.nc").stdout)
        make(self.path("s_5.nc"), "NETCDF3_CLASSIC", times=numpy.array([8.]), record=False,
             values=[field(c, steps=1, first=5) for c in (0, 1)])
        self.refuse(3, ["got 1 snapshot at time", "follow"], "info", "s_*.nc")

    def test_files_side_by_side(self):
        for k in range(12):
            make(self.path(f"traj_{k}.nc"), values=[field(c, k) for c in (0, 1)])
        values, _, _ = self.imported("traj_*.nc", "--split", "12,0,0")
        numpy.testing.assert_array_equal(values, self.expected(12))
        make(self.path("traj_3.nc"), y=Y + 1)
        self.refuse(3, ["traj_3.nc", "along y", "traj_0.nc"], "info", "traj_*.nc")
        make(self.path("traj_3.nc"), names=("u", "w"))
        self.refuse(3, ["traj_3.nc", "channels", "[u, w]"], "info", "traj_*.nc")
        make(self.path("traj_3.nc"), calendar="noleap")
        self.refuse(3, ["traj_3.nc", "calendar"], "info", "traj_*.nc")

    def test_other_formats_too(self):
        for k in range(3):
            with h5py.File(self.path(f"p{k}.h5"), "w") as file:
                file["x"], file["t"] = field(0, k)[:, None], numpy.arange(T) * .5
        values, _, _ = self.imported("p?.h5", "--split", "3,0,0")
        numpy.testing.assert_array_equal(values[:, :, 0], [field(0, k) for k in range(3)])

    def test_a_changed_file_is_noticed(self):
        for k in range(3):
            make(self.path(f"out_{k}.nc"), times=10. * k + numpy.arange(10.), values=[field(c, steps=10, first=10 * k) for c in (0, 1)])
        run = ["run", WAVE, "-o", "run", "-q", *sets(TINY_TRAINING, data__path="out_*.nc", data__split_time="14,20",
               model__n_zeta="[3,4]", model__n_eta=2, case__name="mine")]
        self.msde(*run)
        make(self.path("out_1.nc"), times=10. + numpy.arange(10.), values=[field(c + 5, steps=10, first=10) for c in (0, 1)])
        self.assertIn("has changed", self.msde("evaluate", "run").stderr)


class Well(Netcdf):
    """As the_well's documentation has the layout; written by h5py."""

    def make(self, path, n=2, first=0):
        with h5py.File(path, "w") as file:
            file.attrs.update({"dataset_name": "demo", "grid_type": "cartesian", "n_spatial_dims": 2, "n_trajectories": n,
                               "simulation_parameters": ["Re", "seedless"], "Re": 100.})
            dimensions = file.create_group("dimensions")
            dimensions.attrs["spatial_dims"] = ["x", "y"]
            for name, points in (("time", numpy.arange(T) * .25), ("x", Y), ("y", X)):
                dimensions[name] = points.astype("f4")
                dimensions[name].attrs.update({"sample_varying": False, "time_varying": False})
            for name, kind, axis, mask in (("x_low", "WALL", "x", [0]), ("x_high", "open", "x", [-1]), ("y", "PERIODIC", "y", [0, -1])):
                group = file.create_group("boundary_conditions/" + name)
                group.attrs.update({"bc_type": kind, "associated_dims": [axis], "sample_varying": False, "time_varying": False})
                marks = numpy.zeros(NY if axis == "x" else NX, bool)
                marks[mask] = True
                group["mask"] = marks
            scalars = file.create_group("scalars")
            scalars.attrs["field_names"] = ["Re", "seedless"]
            scalars["Re"] = numpy.float32(100)
            scalars["Re"].attrs.update({"sample_varying": False, "time_varying": False})
            scalars["seedless"] = numpy.arange(first, first + n).astype("f4")
            scalars["seedless"].attrs.update({"sample_varying": True, "time_varying": False})
            t0, t1, t2 = (file.create_group(f"t{order}_fields") for order in range(3))
            t0.attrs["field_names"], t1.attrs["field_names"], t2.attrs["field_names"] = ["rho", "mask"], ["velocity"], []
            t0["rho"] = numpy.stack([field(0, first + k) for k in range(n)])
            t0["mask"] = numpy.ones((NY, NX), "f4")
            t1["velocity"] = numpy.stack([numpy.stack([field(1, first + k), field(2, first + k)], axis=-1) for k in range(n)])
            for dataset, varies in ((t0["rho"], True), (t0["mask"], False), (t1["velocity"], True)):
                dataset.attrs.update({"sample_varying": varies, "time_varying": varies, "dim_varying": numpy.array([True, True])})
        return path

    def expected(self, n, first=0):
        return numpy.stack([numpy.stack([field(c, first + k) for c in range(3)], axis=1) for k in range(n)])

    def test_a_file(self):
        self.make(self.path("demo.hdf5"))
        values, attributes, times = self.imported("demo.hdf5", "--split", "2,0,0")
        numpy.testing.assert_array_equal(values, self.expected(2))
        numpy.testing.assert_allclose(times[1], .25 * numpy.arange(T))
        self.assertEqual((attributes["axes"], attributes["channels"]), ("x,y", "rho,velocity_x,velocity_y"))
        self.assertEqual((attributes["boundary"], attributes["parameters"]), ("wall:open,periodic", "Re,seedless"))
        with h5py.File(self.path("read.h5")) as file:
            numpy.testing.assert_array_equal(file["train_mu"][()], [[100, 0], [100, 1]])
        shown = self.msde("info", "demo.hdf5").stdout
        self.assertIn("left out: t0_fields/mask, which is the same at all times", shown)
        values, _, _ = self.imported("demo.hdf5", "--split", "2,0,0", "--variables", "velocity")
        numpy.testing.assert_array_equal(values, self.expected(2)[:, :, 1:])

    def test_a_folder(self):
        for split, files in (("train", 3), ("valid", 1), ("test", 2)):
            os.makedirs(self.path("demo", "data", split))
            for k in range(files):
                self.make(self.path("demo", "data", split, f"part_{k}.hdf5"), first=2 * k)
        shown = self.msde("info", "demo").stdout
        for line in ("train: 6 trajectories", "val: 2 trajectories", "test: 4 trajectories", "6 files side by side"):
            self.assertIn(line, shown)
        self.msde("import", "demo", "-o", "read.h5", "-q")
        with h5py.File(self.path("read.h5")) as file:
            numpy.testing.assert_array_equal(file["train_x"][()], self.expected(6))
            numpy.testing.assert_array_equal(file["test_x"][()], self.expected(4))
            numpy.testing.assert_array_equal(file["val_mu"][()], [[100, 0], [100, 1]])

    def test_refusals(self):
        def changed(change):
            self.make(self.path("demo.hdf5"))
            with h5py.File(self.path("demo.hdf5"), "a") as file:
                change(file)
            return "demo.hdf5"
        def drop(name):
            def change(file):
                del file[name]
            return change
        for change, words in ((drop("dimensions/time"), ["dimensions/time", "missing"]),
                              (drop("t1_fields/velocity"), ["t1_fields/velocity", "missing"]),
                              (lambda file: file.attrs.update({"n_trajectories": 3}), ["t0_fields/rho", "got shape [2, 14, 6, 8]"]),
                              (lambda file: file.attrs.update({"n_trajectories": -1}), ["@n_trajectories"]),
                              (lambda file: file.attrs.update({"n_trajectories": 2 ** 25}), ["dimensions/time", "got 14 snapshots of 33554432"]),
                              (lambda file: file["dimensions"].attrs.update({"spatial_dims": ["x"] * 500}), ["500 axes, 1 of them"]),
                              (lambda file: file["dimensions/x"].attrs.update({"time_varying": True}), ["dimensions/x", "one grid"])):
            self.refuse(3, words, "info", changed(change))


class Writing(Netcdf):
    def test_import_writes_what_it_reads(self):
        with h5py.File(self.path("data.h5"), "w") as file:
            file.attrs.update({"axes": "y,time", "boundary": "wall:open,periodic", "channels": "u,x/y z", "length": [2.5, 16.],
                               "parameters": "Re", "noise_std": .5, "case": "mine"})
            for split, n, first in (("train", 3, 0), ("val", 1, 3), ("test", 2, 4)):
                clean = numpy.stack([numpy.stack([field(0, first + k), field(1, first + k)], axis=1) for k in range(n)])
                file[split + "_x"], file[split + "_x_clean"] = clean + 1, clean
                file[split + "_t"] = numpy.arange(T) * .1 + numpy.arange(first, first + n)[:, None]
                file[split + "_mu"] = numpy.arange(first, first + n, dtype="f4")[:, None]
                file[split + "_f"] = numpy.arange(n * T * 2, dtype="f4").reshape(n, T, 2)
        self.msde("import", "data.h5", "-o", "data.nc", "--format", "netcdf", "-q")
        self.msde("import", "data.nc", "-o", "back.h5", "-q")
        with h5py.File(self.path("data.h5")) as a, h5py.File(self.path("back.h5")) as b:
            for name in a:
                numpy.testing.assert_allclose(a[name][()], b[name][()], rtol=1e-15, err_msg=name)
            self.assertEqual(b.attrs["boundary"], "wall:open,periodic")
            self.assertEqual((b.attrs["noise_std"], b.attrs["case"], b.attrs["parameters"]), (.5, "mine", "Re"))
            numpy.testing.assert_allclose(b.attrs["length"], [2.5, 16])
        self.msde("import", "data.h5", "-o", "own.h5", "-q")
        with h5py.File(self.path("own.h5")) as a, h5py.File(self.path("back.h5")) as b:
            for name in a:
                numpy.testing.assert_array_equal(a[name][()], b[name][()], err_msg=name)
        with netCDF4.Dataset(self.path("data.nc"), "a") as file:   # also to be written to
            self.assertEqual(file["u"].dimensions, ("sample", "time", "y", "time_1"))
            numpy.testing.assert_array_equal(file["x_y_z_clean"][4], field(1, 4))
            self.assertEqual((file.Conventions, file.n_train, file.parameters), ("CF-1.8", 3, "Re"))
            file["u"].note = "seen"
        self.opens_everywhere("data.nc", "u")

    def opens_everywhere(self, path, variable):
        with netCDF4.Dataset(self.path(path)) as file:
            expected = file[variable][:].filled()
        text = subprocess.run(["ncdump", "-h", self.path(path)], capture_output=True, text=True)
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertIn(f" {variable}(sample, time", text.stdout)
        try:
            import xarray
        except ImportError:
            pass
        else:
            with xarray.open_dataset(self.path(path), engine="netcdf4") as data:
                numpy.testing.assert_array_equal(data[variable].values, expected)
                self.assertEqual(data[variable].dims[:2], ("sample", "time"))
        for tool in (["ncks", "-m"], ["cdo", "-s", "sinfo"]):
            if shutil.which(tool[0]):
                seen = subprocess.run([*tool, self.path(path)], capture_output=True, text=True)
                self.assertEqual(seen.returncode, 0, seen.stderr)

    def test_forecasts(self):
        self.msde("run", WAVE, "-o", "run", "-q", *sets(TINY_TRAINING, program.TINY_DATA))
        self.msde("predict", "run", "-o", "forecast", "--members", "3", "-q")
        self.opens_everywhere("forecast/forecast.h5", "mean")
        with netCDF4.Dataset(self.path("forecast", "forecast.h5")) as file:
            self.assertEqual(file["members"].dimensions, ("realization", "sample", "time", "channel", "x"))
            self.assertEqual(file["zeta"].dimensions, ("sample", "time", "zeta_number"))
            self.assertEqual(file["time"].dtype, numpy.float64)
            self.assertEqual((file.Conventions, file["realization"].standard_name, file["x"].axis), ("CF-1.8", "realization", "X"))
            self.assertEqual(file["std"].cell_methods, "realization: standard_deviation")
        shown = self.msde("info", "forecast/forecast.h5").stdout
        self.assertIn("(point)", shown)
        # Files with the names t, trajectory and member are read, too.
        with h5py.File(self.path("forecast", "forecast.h5")) as new, h5py.File(self.path("old.h5"), "w") as old:
            for name in ("point", "mean", "std", "members", "start"):
                old[name] = new[name][()]
            old["t"] = new["time"][()]
            old.attrs["length"] = new.attrs["length"]
        a, b = (self.msde("score", "run/data/wave_1d.h5", name).stdout.splitlines()[1:] for name in ("forecast/forecast.h5", "old.h5"))
        self.assertEqual([line for line in a if "forecast" not in line], [line for line in b if "old.h5" not in line])
        for name in ("forecast/forecast.h5", "old.h5"):
            self.msde("predict", "run", "--from", name, "-o", "again_" + name.split("/")[0], "--members", "0", "-q")


if __name__ == "__main__":
    program.main()
