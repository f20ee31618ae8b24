#!/usr/bin/env python3
"""Scores of a run on its test trajectories moved along a periodic axis x.

    bench/shifted_starts.py PROGRAM RUN DATA POINTS..        # as 0 25 250 500; the axis ends with its first point: --closed
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy


def moved(fields, points, closed):
    if not closed:
        return numpy.roll(fields, points, -1)
    ring = numpy.roll(fields[..., :-1], points, -1)
    return numpy.concatenate([ring, ring[..., :1]], -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("run")
    parser.add_argument("data")
    parser.add_argument("points", type=int, nargs="+")
    parser.add_argument("--closed", action="store_true")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for points in o.points:
            path = Path(folder) / "moved.h5"
            with h5py.File(o.data) as source, h5py.File(path, "w") as file:
                for name, value in source.attrs.items():
                    file.attrs[name] = value
                for name in source:  # the program wants every split; the others stay where they are
                    values = source[name][()]
                    file[name] = moved(values, points, o.closed) if name in ("test_x", "test_x_clean") else values
            scores = Path(folder) / "scores.json"
            subprocess.run([o.program, "evaluate", o.run, "--data", path, "--json", scores, "--force", "-q"], check=True,
                           stdout=sys.stderr)
            metrics = json.loads(scores.read_text())["metrics"]
            clean = metrics.get("rel_l2_clean", metrics["rel_l2"])["mean"]
            print(f"{points} points: rel_l2 {metrics['rel_l2']['mean']:.4f}, clean {clean:.4f}, "
                  f"90 % intervals cover {metrics['coverage']['90']:.3f}", flush=True)


if __name__ == "__main__":
    main()
