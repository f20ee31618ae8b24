#!/usr/bin/env python3
"""Makes docs/results_2d.md: runs what is missing under OUTDIR, then fills bench/results_2d.md.in with what the runs say.

    bench/results_2d.py OUTDIR [--page FILE] [--only-what-is-there]      # about two hours on two cores from nothing

Everything is an ordinary msde command, shown as it runs; a second call only fills the page. With --only-what-is-there nothing is
run: rows without a result say so.
"""
import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from results import ROOT, fill, generated, main_table, msde, number, table  # noqa: E402

CASES = {"burgers_2d": [], "shallow_water_2d": ["n_train=400"]}  # and what differs from the case's own data
SEEDS = range(3)
CLASSICAL = "persistence,mean,coarse_dns,dmd,pod_sindy"
MEMORY = "1GiB"


class Results:
    def __init__(self, out, run_missing):
        self.out, self.run_missing = out, run_missing

    def data(self, case):
        return generated(self.out, case, CASES[case])

    def run(self, case, name, seed, *words):
        """metrics.json of one `msde run`, None where there is none."""
        folder = self.out / case / name / f"seed-{seed}"
        scores = folder / "eval/metrics.json"
        if not scores.exists() and self.run_missing:
            folder.parent.mkdir(parents=True, exist_ok=True)
            msde("run", ROOT / f"configs/{case}.toml", "-o", folder, "--seed", seed, "--threads", "1",
                      "--set", f"data.path={self.data(case)}", *words, log=f"{folder}.log")
        return json.loads(scores.read_text()) if scores.exists() else None

    def classical(self, case):
        path = self.out / f"{case}_classical.json"
        if not path.exists() and self.run_missing:
            msde("compare", ROOT / f"configs/{case}.toml", "-o", self.out / case / "compare", "--models", CLASSICAL,
                      "--set", f"data.path={self.data(case)}", "--json", path, log=self.out / f"{case}_classical.log")
        return json.loads(path.read_text()) if path.exists() else None

    def peak_memory(self, case):
        """Bytes of training and evaluation under --memory, on the data of the case; measured as it runs."""
        path = self.out / f"{case}_memory.json"
        if not path.exists() and self.run_missing:
            folder = self.out / case / "memory"
            msde("run", ROOT / f"configs/{case}.toml", "-o", folder, "--threads", "1", "--memory", MEMORY,
                      "--set", f"data.path={self.data(case)}", log=f"{folder}.log")
            peak = json.loads((folder / "eval/metrics.json").read_text())["cost"]["peak_rss_bytes"]  # of the whole process
            path.write_text(json.dumps({"allowed": MEMORY, "peak_rss_bytes": peak, "data_bytes": self.data(case).stat().st_size}))
        return json.loads(path.read_text()) if path.exists() else None


def spread(values):
    mean = sum(values) / len(values)
    return number(mean) + (f" ({number(min(values))} .. {number(max(values))})" if len(values) > 1 else "")


def learned_rows(results, case):
    rows = []
    for name, words in (("multiscale", []), ("macro_only", ["--set", "model.n_eta=0"])):
        found = [m for m in (results.run(case, name, seed, *words) for seed in SEEDS) if m]
        if not found:
            rows.append([name, "0", *["not run"] * 9])
            continue
        metric = lambda key: [m["metrics"][key]["mean"] for m in found]  # noqa: E731
        plain = lambda key: [m["metrics"][key] for m in found]  # noqa: E731
        rows.append([name, str(len(found)), spread(metric("rel_l2")), spread(metric("rel_l2_clean")), spread(metric("rel_l2_t0")),
                     spread(metric("rel_l2_clean_t0")), spread(metric("rel_l2_encode_decode_clean")), f"{sum(plain('crps_fair')) / len(found):.3g}",
                     number(sum(plain("ssr_adjusted")) / len(found), 2),
                     number(sum(m["metrics"]["coverage"]["90"] for m in found) / len(found), 3),
                     " ".join(f"{m['cost']['train_seconds']:.0f}" for m in found)])
    return table(["model", "seeds", "rel_l2", "rel_l2_clean", "rel_l2_t0", "rel_l2_clean_t0", "encoding and decoding alone, clean", "fair CRPS", "spread-skill",
                  "coverage 90 %", "train s, each seed"], rows)


def error_over_time(results, case):
    found = [m for m in (results.run(case, "multiscale", seed) for seed in SEEDS) if m]
    if not found:
        return "not run"
    frames = len(found[0]["metrics"]["rel_l2_per_time"])
    chosen = [round(k * (frames - 1) / 8) for k in range(9)]
    mean = lambda key, k: number(sum(m["metrics"][key][k] for m in found) / len(found))  # noqa: E731
    return table(["frame", *(str(k) for k in chosen)], [["rel_l2", *(mean("rel_l2_per_time", k) for k in chosen)],
                                                        ["rel_l2_clean", *(mean("rel_l2_clean_per_time", k) for k in chosen)]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", type=Path, default=ROOT / "docs/results_2d.md")
    parser.add_argument("--only-what-is-there", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = Results(arguments.out.resolve(), not arguments.only_what_is_there)
    values = {}
    for case in CASES:
        classical = results.classical(case)
        memory = results.peak_memory(case)
        values |= {f"{case}_learned": learned_rows(results, case), f"{case}_times": error_over_time(results, case),
                   f"{case}_classical": main_table(classical) if classical else "Not run.",
                   f"{case}_memory": f"{memory['peak_rss_bytes'] / 2**20:.0f} MiB on data of {memory['data_bytes'] / 2**30:.2f} GiB"
                   if memory else "not measured"}
    arguments.page.write_text(fill((ROOT / "bench/results_2d.md.in").read_text(), values))


if __name__ == "__main__":
    main()
