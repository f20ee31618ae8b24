#!/usr/bin/env python3
"""Makes docs/other_data.md: kdv_1d in other units and samplings, and several data sets with nothing set but their path and n_zeta.

    bench/other_data.py OUTDIR [--page FILE] [--only units,samplings,datasets]      # about half an hour on two cores from nothing

Runs what is missing under OUTDIR, by ordinary msde commands that it prints; a second call only fills the page. Needs Debian's
python3-h5py and python3-numpy.
"""
import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from other_units import in_other_units, resampled, tensors, three_channels  # noqa: E402
from results import ROOT, fill, generated, msde, number, table  # noqa: E402

SEEDS = range(3)

UNITS = [
    ("field x 1e12", {"field": 1e12}), ("field x 1e-12", {"field": 1e-12}),
    ("time x 1e9", {"time": 1e9}), ("time x 1e-9", {"time": 1e-9}),
    ("mu and f x 1e12", {"mu": 1e12}), ("mu and f x 1e-12", {"mu": 1e-12}),
    ("field + 1e3, float32", {"offset": 1e3}), ("field + 1e6, float64", {"offset": 1e6, "wide": True}),
    ("t + 1e6, float64", {"later": 1e6, "wide": True}),
]
POWERS_OF_TWO = {"field": 2.**40, "time": 2.**-29, "mu": 2.**20}
# Numbers of the inputs themselves, which have the units of the data.
OF_THE_DATA = ("drift.mu_mean", "drift.mu_std", "drift.f_mean", "drift.f_std")

# Steps in time are in snapshots, so all of these take them from the data.
FROM_DATA = {"train.window": 0, "rollout.stride": 0, "rollout.stride_min": 0, "rollout.horizon_start": 0, "rollout.horizon_end": 0}
SAMPLINGS = [
    ("as it is", {}, {}),
    ("every 2nd snapshot", {"snapshots": slice(None, None, 2)}, {}),
    ("every 5th snapshot", {"snapshots": slice(None, None, 5)}, {}),
    ("every 8th point, n_zeta 25", {"points": slice(None, None, 8)}, {"model.n_zeta": 25}),
    ("points 20 .. 964, open, n_zeta 21", {}, {"data.crop": "x=20:965", "model.n_zeta": 21}),
    ("from snapshot 300 on", {"snapshots": slice(300, None)}, {}),
    ("one training trajectory", {"trajectories": 1}, {}),
    ("three training trajectories", {"trajectories": 3}, {}),
]

# Name, file (None: generated), n_zeta, what the file needs beside.
DATASETS = [
    ("kdv_1d", None, 20, {}), ("wave_1d", None, 20, {}), ("burgers_2d", None, [8, 8], {}), ("shallow_water_2d", None, [8, 8], {}),
    ("wake", "examples/data/wake.h5", [3, 12], {"data.split_time": "200,280", "eval.n_steps": 41, "eval.start_every": 10}),
    ("winds", "examples/data/winds.h5", [3, 6], {"data.split_time": "84,108", "eval.n_steps": 13, "eval.start_every": 1}),
]
GENERATED = {"shallow_water_2d": ["n_train=400"]}  # what differs from the case's own data


class Runs:
    def __init__(self, out):
        self.out = out

    def data(self, case):
        return generated(self.out, case, GENERATED.get(case, []))

    def folder(self, name, seed):
        return self.out / "runs" / f"{name.replace(' ', '_').replace(',', '')}-{seed}"

    def scores(self, name, configuration, settings, seed=0, flags=()):
        """metrics.json of one `msde run`."""
        folder = self.folder(name, seed)
        if not (folder / "eval/metrics.json").exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            words = [word for key, value in settings.items()
                     for word in ("--set", f"{key}={json.dumps(value) if isinstance(value, (list, str)) else value}")]
            msde("run", configuration, "-o", folder, "--seed", seed, "--threads", "2", *flags, *words, log=f"{folder}.log")
        return json.loads((folder / "eval/metrics.json").read_text())

    def on_changed(self, name, make, settings, seed=0, flags=()):
        """Of kdv_1d's configuration on a changed copy of its data, which is deleted again."""
        copy = Path(f"{self.folder(name, seed)}.h5")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not (self.folder(name, seed) / "eval/metrics.json").exists():
            make(self.data("kdv_1d"), copy)
        found = self.scores(name, ROOT / "configs/kdv_1d.toml", {"data.path": str(copy), **settings}, seed, flags)
        copy.unlink(missing_ok=True)
        return found


def mean(metrics, name):
    value = metrics.get(name)
    return value["mean"] if isinstance(value, dict) else value


def row_of(scores):
    m = scores["metrics"]
    return [number(mean(m, "rel_l2")), number(mean(m, "rel_l2_clean")), number(m["ssr_adjusted"], 2), number(m["coverage"]["90"], 3)]


def units_table(runs):
    """rmse in the units of the untouched data: relative errors depend on offsets by themselves."""
    as_it_is = [runs.on_changed("as it is units", in_other_units, {}, seed) for seed in SEEDS]
    of_seeds = [mean(s["metrics"], "rmse") for s in as_it_is]
    rows = [["as it is, three seeds", f"{of_seeds[0]:.5f} ({min(of_seeds):.5f} .. {max(of_seeds):.5f})", "", *row_of(as_it_is[0])[2:4]]]
    for name, units in UNITS:
        scores = runs.on_changed(name, lambda source, path, units=units: in_other_units(source, path, **units), {})
        rmse = mean(scores["metrics"], "rmse") / units.get("field", 1)
        rows.append([name, f"{rmse:.5f}", f"{rmse / of_seeds[0] - 1:+.2%}", *row_of(scores)[2:4]])
    names = ("deterministic", "deterministic, powers of two")
    same = [runs.on_changed(name, lambda source, path, units=units: in_other_units(source, path, **units), {}, flags=["--deterministic"])
            for name, units in zip(names, ({}, POWERS_OF_TWO))]
    weights = [tensors(runs.folder(name, 0) / "model/model.safetensors") for name in names]
    differ = [name for name in weights[0] if name not in OF_THE_DATA and weights[0][name] != weights[1][name]]
    rmse = [mean(scores["metrics"], "rmse") / factor for scores, factor in zip(same, (1, POWERS_OF_TWO["field"]))]
    rows.append(["`--deterministic`, as it is", f"{rmse[0]:.5f}", "", *row_of(same[0])[2:4]])
    rows.append(["`--deterministic`, field x 2^40, time x 2^-29, mu and f x 2^20", f"{rmse[1]:.5f}",
                 f"{len(weights[0]) - len(OF_THE_DATA)} tensors, {len(differ)} differ", *row_of(same[1])[2:4]])
    three = runs.on_changed("three channels", three_channels, {"train.max_steps": 200, "rollout.max_steps": 500})

    def unequal(source, path):
        same = path.with_suffix(".three.h5")
        in_other_units(three_channels(source, same), path, field=[1., 1e3, 1.])
        same.unlink()
    other = runs.on_changed("three channels, 1 to 1000 to 1", unequal, {"train.max_steps": 200, "rollout.max_steps": 500})
    for name, scores in (("u, u moved, u^2 as three channels, short training", three), ("the same, the second x 1000", other)):
        v, w = mean(scores["metrics"], "vrmse"), mean(three["metrics"], "vrmse")
        rows.append([name, f"vrmse {v:.5f}", "" if scores is three else f"{v / w - 1:+.2%}", *row_of(scores)[2:4]])
    return table(["data", "rmse, test, seed 0", "against seed 0", "spread / error", "90 % interval covers"], rows)


def samplings_table(runs):
    rows = []
    for name, changes, settings in SAMPLINGS:
        scores = runs.on_changed("sampling " + name, lambda source, path, c=changes: resampled(source, path, **c), {**FROM_DATA, **settings})
        reference = scores["reference"]
        rows.append([name, *row_of(scores), number(mean(reference["persistence"], "rel_l2"), 3), number(mean(reference["mean"], "rel_l2"), 3)])
    return table(["data", "rel_l2", "rel_l2_clean", "spread / error", "90 % interval covers", "persistence", "training mean"], rows)


def datasets_table(runs):
    rows = []
    for name, file, n_zeta, needs in DATASETS:
        empty = runs.out / f"{name}.toml"
        empty.write_text(f'[case]\nname = "{name}"\n')
        path = ROOT / file if file else runs.data(name)
        scores = runs.scores(f"dataset {name}", empty, {"data.path": str(path), "model.n_zeta": n_zeta, **needs})
        reference = scores["reference"]
        rows.append([name, str(n_zeta), *row_of(scores), number(mean(reference["persistence"], "rel_l2"), 3), number(mean(reference["mean"], "rel_l2"), 3)])
    return table(["data", "n_zeta", "rel_l2", "rel_l2_clean", "spread / error", "90 % interval covers", "persistence", "training mean"], rows)


TABLES = {"units": units_table, "samplings": samplings_table, "datasets": datasets_table}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", type=Path, default=ROOT / "docs/other_data.md")
    parser.add_argument("--only", default=",".join(TABLES), help="tables to make; without all of them no page")
    words = parser.parse_args()
    words.out = words.out.resolve()
    words.out.mkdir(parents=True, exist_ok=True)
    os.chdir(words.out)
    made = {name: TABLES[name](Runs(words.out)) for name in TABLES if name in words.only.split(",")}
    for name, text in made.items():
        print(f"{name}:\n{text}\n")
    if len(made) == len(TABLES):
        words.page.write_text(fill((ROOT / "bench/other_data.md.in").read_text(), made))


if __name__ == "__main__":
    main()
