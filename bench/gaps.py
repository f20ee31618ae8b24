"""A dataset of which values are hidden: half of them at random, or a quarter of the last axis.

    build/release/msde generate kdv_1d -o kdv.h5
    python3 bench/gaps.py kdv.h5 half.h5 half
    python3 bench/gaps.py kdv.h5 block.h5 block     # another place in every trajectory, the same in all its snapshots

Observations of all splits become NaN, first snapshots included; clean fields stay.
"""

import argparse
import shutil

import h5py
import numpy


def hidden(generator, shape, kind):
    if kind == "half":
        return generator.random(shape) < .5
    points = shape[-1]
    there = numpy.zeros(shape, bool)
    there[..., (generator.integers(points) + numpy.arange(points // 4)) % points] = True
    return there


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source"), parser.add_argument("out"), parser.add_argument("kind", choices=["half", "block"])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    generator = numpy.random.default_rng(options.seed)
    shutil.copy(options.source, options.out)
    with h5py.File(options.out, "r+") as file:
        for split in ("train", "val", "test"):
            fields = file[split + "_x"]
            for i in range(len(fields)):
                x = fields[i]
                x[hidden(generator, x.shape, options.kind)] = numpy.nan
                fields[i] = x


if __name__ == "__main__":
    main()
