#!/usr/bin/env python3
"""The accuracy figures of docs/results.md: trains what is missing, prints one Markdown row per setting.

    bench/accuracy.py OUTDIR [NAME ...]      # NAME: rows of SETTINGS, default all

A row's runs are OUTDIR/NAME/seed-K, each on one thread, so that they repeat bit for bit; finished ones are skipped. Every figure is the mean over seeds of the test
split's score, with the range over seeds behind it. Selection used the validation split only.
"""
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PROGRAM = os.environ.get("MSDE", Path(__file__).resolve().parent.parent / "build/release/msde")
CONFIGS = Path(__file__).resolve().parent.parent / "configs"

# name: (configuration, assignments, seeds)
SETTINGS = {
    "kdv_1d": ("kdv_1d", [], 3),
    "wave_1d": ("wave_1d", [], 3),
    "kdv_1d solver-free": ("kdv_1d", ["rollout.max_steps=0"], 1),
    "wave_1d solver-free": ("wave_1d", ["rollout.max_steps=0"], 1),
    "kdv_1d decoder of eta alone": ("kdv_1d", ["model.micro_decoder=eta"], 1),
    "wave_1d decoder of eta alone": ("wave_1d", ["model.micro_decoder=eta"], 1),
    "kdv_1d with absolute time": ("kdv_1d", ["model.micro_time=on"], 1),
    "wave_1d with absolute time": ("wave_1d", ["model.micro_time=on"], 1),
    "kdv_1d macro-only": ("kdv_1d", ["model.n_eta=0"], 1),
    "wave_1d macro-only": ("wave_1d", ["model.n_eta=0"], 1),
    "kdv_1d paper preset": ("kdv_1d_paper", [], 1),
    "wave_1d paper preset": ("wave_1d_paper", [], 1),
}


def train(name, configuration, assignments, seed, out):
    run = out / name.replace(" ", "-") / f"seed-{seed}"
    case = configuration.removesuffix("_paper")
    data = out / f"{case}.h5"
    if not data.exists():
        subprocess.run([PROGRAM, "generate", case, "-o", data], check=True)
    command = [PROGRAM, "run", CONFIGS / f"{configuration}.toml", "-o", run, "--seed", str(seed), "--threads", "1"]
    for assignment in [f"data.path={data}", *assignments]:
        command += ["--set", assignment]
    run.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{run}.log", "a") as log:
        subprocess.run(command, check=True, stderr=log, stdout=subprocess.DEVNULL)
    scores = json.loads((run / "eval/metrics.json").read_text())
    scores["validation"] = json.loads((run / "manifest.json").read_text())["train"]
    return scores


def spread(values, digits=4):
    text = f"{statistics.mean(values):.{digits}f}"
    return text + (f" ({min(values):.{digits}f} .. {max(values):.{digits}f})" if len(values) > 1 else "")


def row(name, results):
    def metric(*path):
        values = []
        for result in results:
            value = result
            for key in path:
                value = value[key]
            values.append(value)
        return values

    return "| " + " | ".join([
        name,
        str(len(results)),
        spread(metric("metrics", "rel_l2", "mean")),
        spread(metric("metrics", "rel_l2", "std")),
        spread(metric("metrics", "rel_l2_clean", "mean")),
        spread(metric("metrics", "rel_l2_t0", "mean")),
        spread(metric("metrics", "coverage", "90"), 3),
        spread(metric("metrics", "ssr_adjusted"), 2),
        spread(metric("validation", "best_rel_l2")),
        spread(metric("cost", "train_seconds"), 0),
    ]) + " |"


def main():
    out = Path(sys.argv[1])
    names = sys.argv[2:] or list(SETTINGS)
    print("| setting | seeds | rel_l2 | its std over frames | rel_l2_clean | rel_l2_t0 | coverage 90 % | ssr_adjusted "
          "| validation rel_l2 | training s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in names:
        configuration, assignments, seeds = SETTINGS[name]
        print(row(name, [train(name, configuration, assignments, seed, out) for seed in range(seeds)]), flush=True)


if __name__ == "__main__":
    main()
