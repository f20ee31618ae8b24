"""Forecasts of a trained cylinder_2d from many phases of the cycle, and far beyond its data.

    build/release/msde run configs/cylinder_2d.toml -o run
    python3 bench/cylinder_forecasts.py build/release/msde run run/data/cylinder_2d.h5

From 30 first snapshots, every second of the test split, 99 further ones each: the relative error against clean fields, its mean over frames
and starts and the spread of the starts. From the first test snapshot alone over all that the dataset holds beyond (`beyond_x`): of the
transverse velocity on the axis, three diameters behind the body, phase and amplitude over one period, after one and after ten periods.
Means over the fluid, points of the body count nowhere.
"""

import argparse
import pathlib
import subprocess
import tempfile

import h5py
import numpy

STARTS, EVERY, FRAMES = 30, 2, 99


def series(file, name):
    """Test and what follows it, [T, C, x, y]."""
    return numpy.concatenate([file[f"test_{name}"][0], file[f"beyond_{name}"][0]])


def forecast(msde, run, folder, first, start, steps, dt):
    """Point forecasts [N, steps + 1, ...] of first snapshots [N, ...]."""
    source, out = folder / "starts.h5", folder / "forecasts"
    with h5py.File(source, "w") as file:
        file["x"], file["t"] = first, numpy.full(len(first), start)
    command = [msde, "predict", run, "--from", source, "-o", out, "--members", "0", "--t-end", repr(start + steps * dt), "--force", "-q"]
    subprocess.run([str(word) for word in command], check=True)
    with h5py.File(out / "forecast.h5") as file:
        return file["point"][()]


def relative_errors(prediction, truth):
    """Of frames [T, C, x, y], over what is fluid."""
    square = lambda x: numpy.nansum(x.astype(float) ** 2, axis=(1, 2, 3))
    return numpy.sqrt(square(prediction - truth) / square(numpy.where(numpy.isfinite(prediction), truth, 0)))


def wave(values, period):
    """Complex amplitude of the fundamental over the last period of a series, by least squares."""
    n = int(numpy.ceil(period))
    t = numpy.arange(len(values))[-n:]
    columns = numpy.stack([numpy.ones(n), numpy.cos(2 * numpy.pi * t / period), numpy.sin(2 * numpy.pi * t / period)], 1)
    _, a, b = numpy.linalg.lstsq(columns, values[-n:], rcond=None)[0]
    return a - 1j * b


def period_of(values):
    """In snapshots, from the first to the last upward crossing of the mean."""
    v = values - values.mean()
    up = numpy.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    crossing = up - v[up] / (v[up + 1] - v[up])
    return (crossing[-1] - crossing[0]) / (len(crossing) - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("msde"), parser.add_argument("run"), parser.add_argument("data")
    options = parser.parse_args()
    with h5py.File(options.data) as file, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        t = numpy.concatenate([file["test_t"][0], file["beyond_t"][0]])
        dt, seen, truth = t[1] - t[0], series(file, "x"), series(file, "x_clean")
        starts = EVERY * numpy.arange(STARTS)
        many = forecast(options.msde, options.run, folder, seen[starts], t[0], FRAMES, dt)
        each = [relative_errors(f[1:], truth[k + 1:k + FRAMES + 1]).mean() for f, k in zip(many, starts)]
        print(f"{STARTS} starts, {FRAMES} frames: relative error {numpy.mean(each):.5f}, "
              f"of starts {min(each):.5f} to {max(each):.5f}, first start {each[0]:.5f}")
        alone = [relative_errors(f[:1], truth[k:k + 1])[0] for f, k in zip(many, starts)]
        print(f"encoding and decoding alone, first frames: {numpy.mean(alone):.5f}")
        by_lead = numpy.mean([relative_errors(f[1:], truth[k + 1:k + FRAMES + 1]) for f, k in zip(many, starts)], 0)
        print("frames 1, 10, 30, 60, 99:", *(f"{by_lead[i - 1]:.5f}" for i in (1, 10, 30, 60, 99)))
        far = forecast(options.msde, options.run, folder, seen[:1], t[0], len(t) - 1, dt)[0]
        spacing, origin = file.attrs["spacing"], file.attrs["origin"]
        x, y = (int(round((place - o) / h)) for place, o, h in zip((.5 + 3 * .125, .5), origin, spacing))
        v_truth, v = truth[:, 1, x, y].astype(float), far[:, 1, x, y].astype(float)
        period = period_of(v_truth)
        for periods in (1, 2, 5, 10):
            end = len(file["test_t"][0]) + int(round(periods * period))
            if end > len(t):
                continue
            ratio = wave(v[:end], period) / wave(v_truth[:end], period)
            error = relative_errors(far[end - int(period):end], truth[end - int(period):end]).mean()
            print(f"{periods} periods beyond the data: phase {numpy.degrees(numpy.angle(ratio)):+.2f} degrees, "
                  f"amplitude {100 * (abs(ratio) - 1):+.2f} %, relative error {error:.5f}")


if __name__ == "__main__":
    main()
