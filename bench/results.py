#!/usr/bin/env python3
"""Makes docs/results.md: runs what is missing under OUTDIR, then fills bench/results.md.in with what the runs say.

    bench/results.py OUTDIR [--page FILE]      # FILE: default docs/results.md; about two hours on two cores from nothing

Everything is an ordinary msde command, shown as it runs; a second call only fills the page. Data sets have the cases' defaults (seed 0).
"""
import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("MSDE", str(ROOT / "build/release/msde"))
CASES = ("kdv_1d", "wave_1d")

DATA_SEEDS = range(5)

# Parts of the recipe that are taken away or exchanged: name, assignments.
PARTS = {
    "the default configuration": [],
    "solver-free stage alone": ["rollout.max_steps=0"],
    "micro decoder of eta alone": ["model.micro_decoder=eta"],
    "with absolute time": ["model.micro_time=on"],
}


def msde(*words, log=None):
    words = [str(word) for word in words]
    print("msde " + " ".join(words), file=sys.stderr, flush=True)
    if log is None:
        return subprocess.run([PROGRAM, *words], check=True, capture_output=True, text=True).stdout
    with open(log, "a") as file:
        subprocess.run([PROGRAM, *words], check=True, stdout=file, stderr=file)
    return ""


def generated(out, case, assignments):
    """Data of a case under `out`, made where they are missing."""
    path = out / f"{case}.h5"
    if not path.exists():
        words = [word for assignment in assignments for word in ("--set", assignment)]
        msde("generate", case, "-o", path, "-q", *words, log=out / "generate.log")
    return path


class Results:
    def __init__(self, out):
        self.out = out

    def data(self, case):
        return generated(self.out, case, [])

    def comparison(self, name, configuration, *words):
        """The JSON of `msde compare`, run once."""
        path = self.out / f"{name}.json"
        if not path.exists():
            case = configuration.removesuffix("_paper")
            folder = self.out / configuration
            msde("compare", ROOT / f"configs/{configuration}.toml", "-o", folder, "--set", f"data.path={self.data(case)}",
                 "--json", path, "--force", *words, log=self.out / f"{name}.log")
        return json.loads(path.read_text())

    def other_data(self, case, seed):
        """The published recipes on data of another seed."""
        data = self.out / "data" / f"{case}-seed-{seed}.h5"
        path = self.out / f"{case}_data_{seed}.json"
        if not path.exists():
            msde("generate", case, "-o", data, "--seed", seed, "--force", "-q")
            msde("compare", ROOT / f"configs/{case}.toml", "-o", self.out / "other_data" / f"{case}-{seed}", "--set", f"data.path={data}",
                 "--models", "coarse_dns,dmd,pod_sindy", "--protocol", "reference", "--set", "eval.members=0", "--json", path, "--force", log=self.out / "other_data.log")
        return json.loads(path.read_text())

    def part(self, case, name, assignments):
        folder = self.out / case / "runs/multiscale/seed-0" if not assignments else \
            self.out / "parts" / case / name.replace(" ", "_")
        words = []
        for assignment in [f"data.path={self.data(case)}", *assignments]:
            words += ["--set", assignment]
        folder.parent.mkdir(parents=True, exist_ok=True)
        msde("run", ROOT / f"configs/{case}.toml", "-o", folder, "--seed", "0", "--threads", "1", *words, log=f"{folder}.log")
        return json.loads((folder / "eval/metrics.json").read_text())


def number(value, digits=4):
    return "-" if value is None else f"{value:.{digits}f}"


def score(value):
    """mean +- std over frames (range over seeds)"""
    if value is None:
        return "-"
    seeds = value["seeds"]
    spread = f" ({number(min(seeds))} .. {number(max(seeds))})" if len(seeds) > 1 else ""
    return f"{number(value['mean'])} ± {number(value['std'])}{spread}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def published(row):
    return f"{row['published']['mean']:.3f} ± {row['published']['std']:.3f}" if "published" in row else ""


def main_table(comparison):
    rows = []
    for row in comparison["rows"]:
        name = [row["name"], row["variant"]]
        if "metrics" not in row:
            rows.append([*name, row["status"], "", published(row), "", "", "", "", ""])
            continue
        m, cost = row["metrics"], row["cost"]
        rows.append([*name, score(m["rel_l2"]), score(m.get("rel_l2_clean")), published(row), f"{m['crps_fair']['mean']:.3g}",
                     number(m["ssr_adjusted"]["mean"], 2), number(m["coverage"]["90"], 3), f"{cost['train_seconds']:.3g}",
                     f"{cost['predict_seconds_per_trajectory']:.2g}"])
        for frames, key in (("first frames", "t0"), ("all frames", "encode_decode")) if "rel_l2_encode_decode" in m else ():
            clean = "rel_l2_clean_t0" if key == "t0" else "rel_l2_encode_decode_clean"
            rows.append([row["name"], f"encoding and decoding alone, {frames}", score(m[f"rel_l2_{key}"]), score(m.get(clean)),
                         *[""] * 6])
    return table(["model", "variant", "rel_l2", "rel_l2_clean", "published", "fair CRPS", "spread-skill", "coverage 90 %", "train s",
                  "predict s"], rows)


def reference_table(comparisons):
    rows = []
    for case, comparison in comparisons.items():
        for row in comparison["rows"]:
            if "published" not in row and row["variant"] != "reference":
                continue
            ours = row.get("metrics", {}).get("rel_l2")
            ratio = f"{ours['mean'] / row['published']['mean'] - 1:+.0%}" if ours and "published" in row else ""
            rows.append([case, row["name"], row["variant"], score(ours) if ours else row["status"], published(row), ratio])
    return table(["case", "model", "variant", "rel_l2, as the scripts score", "published", "difference"], rows)


def data_seed_table(results):
    rows = []
    for case in CASES:
        comparisons = [results.other_data(case, seed) for seed in DATA_SEEDS]
        for name in ("coarse_dns", "dmd", "pod_sindy"):
            found = [next(row for row in c["rows"] if row["name"] == name and row["variant"] == "reference") for c in comparisons]
            errors = [row["metrics"]["rel_l2"]["mean"] if "metrics" in row else None for row in found]
            whole = [error for error in errors if error is not None]
            mean = sum(whole) / len(whole)
            paper = found[0]["published"]["mean"]
            rows.append([case, name, *(number(error, 3) if error is not None else "failed" for error in errors), number(mean, 3),
                         number(paper, 3), f"{mean / paper - 1:+.0%}"])
    return table(["case", "reference row", *(f"data seed {seed}" for seed in DATA_SEEDS), "mean", "published", "difference"], rows)


def resolution_table(comparison):
    rows = []
    for point in comparison["accuracy_against_run_time"]:
        if "resolution" in point:
            rows.append([str(point["resolution"]), number(point.get("rel_l2")) if "rel_l2" in point else point["status"],
                         number(point.get("rel_l2_clean")), f"{point['predict_seconds_per_trajectory']:.2g}" if "rel_l2" in point else "-"])
    model = next(row for row in comparison["rows"] if row["name"] == "multiscale")
    rows.append(["multiscale (20 + 5)", number(model["metrics"]["rel_l2"]["mean"]), number(model["metrics"]["rel_l2_clean"]["mean"]),
                 f"{model['cost']['predict_seconds_per_trajectory']:.2g}"])
    return table(["unknowns", "rel_l2", "rel_l2_clean", "predict s"], rows)


def size_table(comparison):
    choice = comparison["n_eta_choice"]
    rows = [[str(size["n_eta"]), number(size["validation_rel_l2"]["mean"]), number(size["metrics"]["rel_l2"]["mean"]),
             number(size["metrics"]["rel_l2_clean"]["mean"]), f"{size['cost']['train_seconds']:.3g}",
             f"{size['cost']['predict_seconds_per_trajectory']:.2g}"] if "metrics" in size else
            [str(size["n_eta"]), size["status"], "", "", "", ""] for size in choice["sizes"]]
    return (table(["n_eta", "validation", "rel_l2", "rel_l2_clean", "train s", "predict s"], rows) +
            f"\n\nValidation prefers n_eta = {choice.get('preferred_by_validation', '-')}.")


def part_table(results):
    rows = []
    for case in CASES:
        for name, assignments in PARTS.items():
            m = results.part(case, name, assignments)
            rows.append([case, name, " ".join(f"`{a}`" for a in assignments), number(m["metrics"]["rel_l2"]["mean"]),
                         number(m["metrics"]["rel_l2_clean"]["mean"]), number(m["metrics"]["coverage"]["90"], 3),
                         f"{m['cost']['train_seconds']:.0f}"])
    return table(["case", "setting", "assignments", "rel_l2", "rel_l2_clean", "coverage 90 %", "train s"], rows)


def verdict(comparison):
    """Who wins by which metric, from the paired bootstraps over trajectories."""
    lines = []
    for metric in ("rel_l2", "rel_l2_clean"):
        groups = {"beats": [], "is not separable from": [], "does not beat": []}
        for other in comparison["multiscale_against"]:
            difference = other[metric + "_difference"]
            better = "beats" if difference["mean"] < 0 else "does not beat"
            groups[better if difference["separable"] else "is not separable from"].append(other["row"])
        lines.append(f"By {metric}, multiscale " + "; ".join(f"{word} {', '.join(names)}" for word, names in groups.items() if names) + ".")
    return "\n".join(lines) + "\n(95 % intervals of the differences, bootstrapped over the test trajectories in pairs.)"


def facts(comparison):
    environment = comparison["environment"]
    return "; ".join(f"{name} {value}" for name, value in environment.items())


def fill(template, values):
    missing = set(re.findall(r"\{\{(\w+)\}\}", template)) - set(values)
    if missing:
        sys.exit(f"results.md.in asks for {sorted(missing)}")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", type=Path, default=ROOT / "docs/results.md")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = Results(arguments.out.resolve())
    values, reference = {}, {}
    for case in CASES:
        comparison = results.comparison(case, case, "--seeds", "3")
        paper = results.comparison(f"{case}_paper", f"{case}_paper", "--models", "macro_only,multiscale", "--seeds", "3")
        reference[case] = results.comparison(f"{case}_reference", case, "--seeds", "3", "--protocol", "reference", "--models",
                                             "coarse_dns,dmd,pod_sindy,macro_only,multiscale", "--set", "eval.members=0")
        sizes = results.comparison(f"{case}_sizes", case, "--models", "persistence", "--seeds", "1", "--n-eta", "0:5",
                                   "--set", "eval.members=0")
        values |= {f"{case}_table": main_table(comparison), f"{case}_verdict": verdict(comparison),
                   f"{case}_resolutions": resolution_table(comparison), f"{case}_paper": main_table(paper),
                   f"{case}_sizes": size_table(sizes), f"{case}_hash": comparison["data"]["hash"],
                   "environment": facts(comparison)}
    values |= {"reference": reference_table(reference), "parts": part_table(results), "data_seeds": data_seed_table(results)}
    arguments.page.write_text(fill((ROOT / "bench/results.md.in").read_text(), values))


if __name__ == "__main__":
    main()
