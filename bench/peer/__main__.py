"""The peer: a plain PyTorch program of msde's model, held against msde's values and timed beside it.

    python3 bench/peer WORKLOAD DUMP --check       # deviations from msde's results as JSON
    python3 bench/peer WORKLOAD DUMP --threads 2   # answers "ready", then to every "run N" of stdin the seconds it took
"""

import argparse
import json
import sys
import time

import torch

from dump import Dump
from workloads import WORKLOADS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("dump")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--published", action="store_true", help="train_step: derivatives of the posterior by Jacobian products")
    parser.add_argument("--threads", type=int, help="default: PyTorch's own choice")
    line = parser.parse_args()
    if line.threads:
        torch.set_num_threads(line.threads)
    options = {"published": True} if line.published else {}
    work = WORKLOADS[line.workload](Dump(line.dump), **options)
    if line.check:
        print(json.dumps(work.check()), flush=True)
        return
    work.iterate()
    work.iterate()
    print(f"ready threads={torch.get_num_threads()}", flush=True)
    for order in sys.stdin:
        count = int(order.split()[1])
        start = time.perf_counter()
        for _ in range(count):
            work.iterate()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
