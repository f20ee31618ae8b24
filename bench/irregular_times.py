"""Of a dataset of many snapshots a dataset of few: at random times, or at every so many.

    build/release/msde generate kdv_1d -o fine.h5 --set n_steps=4001
    python3 bench/irregular_times.py fine.h5 random.h5 --snapshots 1001
    python3 bench/irregular_times.py fine.h5 regular.h5 --snapshots 1001 --regular

Both begin and end with the fine one, so that their mean spacing is the same; every trajectory has random times of its own. The
noise of a snapshot is that of the fine dataset.
"""

import argparse

import h5py
import numpy


def chosen(generator, fine, wanted, regular):
    """Numbers of the snapshots that are kept."""
    if regular:
        return numpy.linspace(0, fine - 1, wanted).round().astype(int)
    between = generator.choice(numpy.arange(1, fine - 1), wanted - 2, replace=False)
    return numpy.concatenate([[0], numpy.sort(between), [fine - 1]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fine"), parser.add_argument("out")
    parser.add_argument("--snapshots", type=int, default=1001)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--regular", action="store_true")
    options = parser.parse_args()
    generator = numpy.random.default_rng(options.seed)
    with h5py.File(options.fine) as fine, h5py.File(options.out, "w") as out:
        out.attrs.update(fine.attrs)
        for split in ("train", "val", "test"):
            n, snapshots = fine[split + "_t"].shape
            rows = [chosen(generator, snapshots, options.snapshots, options.regular) for _ in range(n)]
            for name in [key for key in fine if key.startswith(split + "_")]:
                stored = fine[name]
                if name == split + "_mu":
                    out[name] = stored[()]
                    continue
                kept = out.create_dataset(name, (n, options.snapshots, *stored.shape[2:]), stored.dtype)
                for i in range(n):
                    kept[i] = stored[i][rows[i]]


if __name__ == "__main__":
    main()
