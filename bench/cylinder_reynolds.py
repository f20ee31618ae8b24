#!/usr/bin/env python3
"""Flow past a cylinder at Reynolds numbers that training has not seen: from first frames of the start-up and of the cycle.

    build/release/msde run configs/cylinder_2d_reynolds.toml -o run
    bench/cylinder_reynolds.py run OUTDIR [--program MSDE] [--skip-classical]

From t = 5, where the wake begins to oscillate, and from t = 10 and 12.5 in the cycle, 200 frames (two time units) each at
every test number: the model's relative error by `msde evaluate`, and the classical rows by `msde compare` on the same starts. Both are
told of the same data by a file of links, whose test split is cut to those frames. Needs Debian's python3-h5py.
"""
import argparse
import json
import subprocess
from pathlib import Path

import h5py

ROOT = Path(__file__).resolve().parent.parent
STARTS = {"start-up": (500, 701), "cycle": (1000, 1501)}  # snapshots, of which forecasts start at every 250th
MODELS = "persistence,mean,dmd,pod_sindy"


def cut(data, path, first, last):
    with h5py.File(data) as whole, h5py.File(path, "w") as part:
        part.attrs.update(whole.attrs)
        for name, values in whole.items():
            if not name.startswith("test_"):
                part[name] = h5py.ExternalLink(str(data), name)
            elif values.ndim > 1 and values.shape[1] == whole["test_t"].shape[1]:
                part[name] = values[:, first:last]
            else:
                part[name] = values[()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path), parser.add_argument("out", type=Path)
    parser.add_argument("--program", default=ROOT / "build/release/msde")
    parser.add_argument("--skip-classical", action="store_true")
    line = parser.parse_args()
    line.out.mkdir(parents=True, exist_ok=True)
    data = Path(json.loads((line.run / "manifest.json").read_text())["data"]["path"])

    def msde(*words):
        print("+ msde", *words, flush=True)
        subprocess.run([str(word) for word in (line.program, *words)], check=True, stdout=subprocess.DEVNULL)

    for name, (first, last) in STARTS.items():
        part, scores = line.out / f"{name}.h5", line.out / f"{name}.json"
        cut(data, part, first, last)
        msde("evaluate", line.run, "--data", part, "--json", scores, "--force", "-q")
        metrics = json.loads(scores.read_text())["metrics"]
        print(f"{name}: multiscale {metrics['rel_l2_clean']['mean']:.4f} +- {metrics['rel_l2_clean']['std']:.4f}; "
              f"encoding and decoding {metrics['rel_l2_encode_decode']['mean']:.4f}", flush=True)
        if line.skip_classical:
            continue
        table = line.out / f"{name}-table"
        msde("compare", ROOT / "configs/cylinder_2d_reynolds.toml", "-o", table, "--models", MODELS, "--force", "-q", "--set",
             f"data.path={part}", "--set", "eval.members=0")
        for row in json.loads((table / "comparison.json").read_text())["rows"]:
            value = f"{row['metrics']['rel_l2_clean']['mean']:.4f}" if row["status"] == "ok" else row["status"]
            print(f"{name}: {row['name']} {row['variant']}: {value}")


if __name__ == "__main__":
    main()
