#!/usr/bin/env python3
"""Monthly winds of the whole Earth: a model, the monthly climatology and DMD on the years that follow, as the table of docs/winds.md.

    bench/winds.py OUTDIR [--data FILE] [--program MSDE]

FILE: `monthly_navy_winds.cdf` of Debian's package ferret-datasets, which that package installs where the default looks. Three cuts of its
eleven years in time, three seeds each, ordinary `msde run` of examples/data/navy_winds.toml; about a minute on two cores. Needs python3 alone.
"""
import argparse
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CUTS = {"70,83": "1989 .. 1992", "58,71": "1988 .. 1992", "82,95": "1990 .. 1992"}
SEEDS = range(3)


def scores(line, cut, seed):
    out = Path(line.out) / f"{cut.replace(',', '-')}-{seed}"
    if not (out / "eval/metrics.json").exists():
        words = [line.program, "run", ROOT / "examples/data/navy_winds.toml", "-o", out, "--seed", seed, "--threads", 2, "-q",
                 "--set", f"data.path={line.data}", "--set", f"data.split_time={cut}"]
        print("+", *words, flush=True)
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "eval/metrics.json").read_text()), json.loads((out / "manifest.json").read_text())


def verdict(difference):
    word = "better" if difference["high"] < 0 else "worse" if difference["low"] > 0 else "not separable"
    return f"{word}, {difference['mean']:+.4f} ({difference['low']:+.4f} .. {difference['high']:+.4f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--data", default="/usr/share/ferret-vis/data/monthly_navy_winds.cdf")
    parser.add_argument("--program", default=ROOT / "build/release/msde")
    line = parser.parse_args()
    rows = ["| years | seed | validation | test | climatology | DMD | against climatology | against DMD | 90 % covers | train s |",
            "|---|---|---|---|---|---|---|---|---|---|"]
    for cut, years in CUTS.items():
        for seed in SEEDS:
            found, manifest = scores(line, cut, seed)
            metrics, reference = found["metrics"], found["reference"]
            rows.append(f"| {years} | {seed} | {manifest['train']['best_rel_l2']:.4f} | {metrics['rel_l2']['mean']:.4f} | "
                        + " | ".join(f"{reference[name]['rel_l2']['mean']:.4f}" for name in ("climatology", "dmd")) + " | "
                        + " | ".join(verdict(reference[name]["difference"]) for name in ("climatology", "dmd"))
                        + f" | {metrics['coverage']['90']:.2f} | {found['cost']['train_seconds']:.0f} |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
