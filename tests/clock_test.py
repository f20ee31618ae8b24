"""Season and time of day as forcing: as cftime has them, in training and in predictions, within and beyond the file.

Run as: python3 clock_test.py build/release/msde
"""

import json
import os

import cftime
import h5py
import netCDF4
import numpy

import program
from program import TINY_TRAINING, sets

T, NX = 40, 24
UNITS = "hours since 1999-11-20 03:00"
PLAIN = {**TINY_TRAINING, "model.n_zeta": 6, "model.n_eta": 2, "case.name": "mine", "data.split_time": "24,32", "data.boundary":
         "periodic", "train.window": 8, "rollout.stride": 1, "rollout.horizon_start": 4, "rollout.horizon_end": 6}


def clock_of(times, calendar, units=UNITS):
    """[T, 4]: cosine and sine of the year, then of the day, by cftime's dates alone."""
    rows = []
    for date in cftime.num2date(times, units, calendar):
        begin, end = (cftime.datetime(year, 1, 1, calendar=calendar) for year in (date.year, date.year + 1))
        year = (date - begin) / (end - begin)
        day = (date.hour + date.minute / 60 + date.second / 3600) / 24
        rows.append([f(2 * numpy.pi * p) for p in (year, day) for f in (numpy.cos, numpy.sin)])
    return numpy.round(numpy.array(rows) * 2 ** 20) / 2 ** 20


def write(path, calendar="standard", units=UNITS, clock=None, step=60.):
    times = step * numpy.arange(T)
    phase = 2 * numpy.pi * (numpy.arange(NX) / NX - .03 * numpy.arange(T)[:, None])
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("sample", 1), ("time", T), ("x", NX)):
            file.createDimension(name, size)
        file.createVariable("x", "f8", ("x",))[:] = numpy.arange(NX)
        t = file.createVariable("time", "f8", ("time",))
        t[:] = times
        if units:
            t.units = units
        if calendar:
            t.calendar = calendar
        file.createVariable("u", "f4", ("sample", "time", "x"))[:] = (numpy.sin(phase) + .3 * numpy.cos(2 * phase))[None]
        for i, column in enumerate([] if clock is None else clock.T):
            file.createVariable(f"f{i}", "f4", ("sample", "time"))[:] = column[None]
        if clock is not None:
            file.forcings = " ".join(f"f{i}" for i in range(clock.shape[1]))
    return path


class Clock(program.ProgramTest):
    def train(self, data, run, code=0, **more):
        self.write("own.toml", "")
        words = ["train", "own.toml", "-o", run, *sets(PLAIN, {"data.path": data}, **more), "--deterministic"]
        return self.msde(*words, code=code)

    def tensors(self, run):
        """All of model.safetensors but its description."""
        content = self.read(run, "model/model.safetensors")
        return content[8 + int.from_bytes(content[:8], "little"):]

    def point(self, folder):
        with h5py.File(self.path(folder, "forecast.h5")) as file:
            return file["point"][()], file["time"][()]

    def test_the_clock_is_that_of_cftime_in_training_and_predictions(self):
        for calendar in ("standard", "noleap", "360_day"):
            with self.subTest(calendar=calendar):
                times = 60. * numpy.arange(T)
                write(self.path("dates.nc"), calendar)
                write(self.path("given.nc"), calendar, clock=clock_of(times, calendar))
                both = '["year", "day"]'
                self.train("dates.nc", "own_" + calendar, data__clock=both)
                self.train("given.nc", "given_" + calendar)
                self.assertEqual(self.tensors("own_" + calendar), self.tensors("given_" + calendar))
                model = json.loads(self.read("own_" + calendar, "model/model.json"))
                self.assertEqual((model["clock"], model["n_f"]), (["year", "day"], 4))
                # Beyond the file, too, where the other model must be told.
                own, given = "own_" + calendar, "given_" + calendar
                self.msde("predict", own, "-o", own + "_f", "-q", "--split", "test", "--t-end", "3000")
                point, when = self.point(own + "_f")
                self.assertEqual(when[0], 32 * 60)
                self.assertEqual(len(when), 19)
                with netCDF4.Dataset(self.path("dates.nc")) as file:
                    numpy.save(self.path("first.npy"), numpy.asarray(file["u"][0, 32])[None])
                numpy.save(self.path("f.npy"), clock_of(when, calendar).astype("f4"))
                self.msde("predict", given, "-o", given + "_f", "-q", "--from", "first.npy", "--t0", "1920", "--t-end", "3000",
                          "--forcing", "f.npy")
                numpy.testing.assert_array_equal(self.point(given + "_f")[0], point)
                # From a snapshot alone, which has neither forcing nor dates: those of --t0.
                self.msde("predict", own, "-o", own + "_g", "-q", "--from", "first.npy", "--t0", "1920", "--t-end", "3000")
                numpy.testing.assert_array_equal(self.point(own + "_g")[0], point)
                self.msde("predict", own, "-o", own + "_h", "-q", "--from", "first.npy", "--t0", "2920", "--t-end", "4000")
                self.assertGreater(numpy.abs(self.point(own + "_h")[0] - point).max(), 1e-6)
                self.msde("evaluate", own, "--json", own + ".json", "-q")
                self.msde("evaluate", given, "--json", given + ".json", "-q")
                scores = [json.loads(self.read(name + ".json"))["metrics"]["rel_l2"] for name in (own, given)]
                self.assertEqual(*scores)

    def test_times_without_dates_are_refused_before_anything_is_made(self):
        for units, words in (("", "do not say their units"), ("s", "are in 's'"), ("days", "are in 'days'"),
                             ("parsecs since 1990-01-01", "parsecs since")):
            with self.subTest(units=units):
                write(self.path("a.nc"), None, units)
                self.write("own.toml", "")
                self.refuse(2, ["data.clock", words, "days since 1990-01-01"], "train", "own.toml", "-o", "run",
                            *sets(PLAIN, {"data.path": "a.nc", "data.clock": "day"}))
                self.assertFalse(os.path.exists(self.path("run")))
        write(self.path("b.nc"))
        self.refuse(2, ["data.clock", "'tide'", "year, day"], "train", "own.toml", "-o", "run",
                    *sets(PLAIN, {"data.path": "b.nc", "data.clock": "tide"}))
        self.refuse(2, ["data.clock", "data.path"], "train", "own.toml", "-o", "run", *sets({"data.clock": "day"}))

    def test_a_model_with_a_clock_refuses_times_that_count_otherwise(self):
        write(self.path("a.nc"))
        self.train("a.nc", "run", data__clock="day")
        write(self.path("b.nc"), units="hours since 2005-01-01")
        for command in (["evaluate", "run", "--data", "b.nc"], ["predict", "run", "--data", "b.nc", "-o", "f"],
                        ["predict", "run", "--from", "b.nc", "-o", "f"]):
            self.refuse(3, ["hours since 2005-01-01", UNITS], *command)
        write(self.path("c.nc"), units="hour since 1999-11-20T03:00", calendar="gregorian")
        self.msde("evaluate", "run", "--data", "c.nc", "-q")
        self.write("own.toml", "")
        self.refuse(2, ["data.clock", "got []", "[day]"], "train", "own.toml", "-o", "next", "--init-from", "run",
                    *sets(PLAIN, {"data.path": "a.nc"}))

    def test_a_training_of_less_than_a_year_is_told(self):
        write(self.path("a.nc"), step=24.)
        result = self.train("a.nc", "run", data__clock="year")
        self.assertIn("less than a year", result.stderr)


if __name__ == "__main__":
    program.main()
