"""The two-dimensional cases against programs that share nothing with msde: NumPy's own generator and plain loops."""

import json
import os
import signal
import time

import h5py
import numpy

import program
from program import CONFIGS, TINY_TRAINING, ProgramTest, sets


def burgers_rate(u, viscosity=0.005):
    h = 1 / (u.shape[0] - 1)
    du = numpy.zeros_like(u)
    c = u[1:-1, 1:-1]
    slopes = (u[2:, 1:-1] - u[:-2, 1:-1] + u[1:-1, 2:] - u[1:-1, :-2]) / (2 * h)
    laplacian = (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * c) / h**2
    du[1:-1, 1:-1] = viscosity * laplacian - c * slopes
    return du


class Burgers(ProgramTest):
    def test_is_the_published_scheme(self):
        self.msde("generate", "burgers_2d", "-o", "b.h5", "--set", "n_train=1", "--set", "n_val=1", "--set", "n_test=1",
                  "--set", "n_steps=11", "--set", "noise_std=0")  # 100 steps of .001 between snapshots
        with h5py.File(self.path("b.h5")) as file:
            self.assertEqual(file.attrs["boundary"], "wall,wall")
            self.assertEqual(file.attrs["axes"], "x,y")
            numpy.testing.assert_allclose(file.attrs["spacing"], [1 / 127] * 2)
            x = file["train_x"][0, :, 0].astype(numpy.float64)
        grid = numpy.linspace(0, 1, 128)
        # Height and width of the first hump follow from its values on the grid.
        distance = (grid[:, None] - 0.3) ** 2 + (grid[None, :] - 0.3) ** 2
        slope, height = numpy.polyfit(distance.ravel(), numpy.log(x[0].ravel()), 1)
        u = numpy.exp(height) * numpy.exp(slope * distance)
        numpy.testing.assert_allclose(u, x[0], atol=1e-6)
        self.assertLess(abs(numpy.sqrt(-1 / slope) - 0.2), 0.05)
        for step in range(1, 1001):
            k1 = burgers_rate(u)
            u = u + 0.0005 * (k1 + burgers_rate(u + 0.001 * k1))
            if step % 100 == 0:
                numpy.testing.assert_allclose(x[step // 100], u, atol=5e-6)
        self.assertGreater(numpy.abs(x[-1] - x[0]).max(), 0.3)


class ShallowWater(ProgramTest):
    def test_dams_are_those_of_pdebench(self):
        self.msde("generate", "shallow_water_2d", "-o", "s.h5", "--set", "n_train=3", "--set", "n_val=2", "--set",
                  "n_test=2", "--set", "n_steps=3", "--set", "noise_std=0.01")
        centres = (numpy.arange(128) + 0.5) * 5 / 128 - 2.5
        r = numpy.hypot(centres[:, None], centres[None, :])
        with h5py.File(self.path("s.h5")) as file:
            numpy.testing.assert_allclose(file.attrs["origin"], [centres[0]] * 2)
            self.assertEqual(file.attrs["boundary"], "open,open")
            for split, first in (("train", 0), ("val", 900), ("test", 950)):
                clean, noisy = file[f"{split}_x_clean"][:], file[f"{split}_x"][:]
                self.assertAlmostEqual((noisy - clean).std(), 0.01, places=4)
                for i in range(clean.shape[0]):
                    radius = numpy.random.default_rng(first + i).uniform(0.3, 0.7)
                    numpy.testing.assert_array_equal(clean[i, 0, 0], (r <= radius).astype(numpy.float32))
                    mass = clean[i, :, 0].astype(numpy.float64).sum(axis=(1, 2))
                    numpy.testing.assert_allclose(mass, mass[0], rtol=1e-5)  # of float32 values


WAKE = {"n_steps": 8, "n_beyond": 3, "cells_per_diameter": 10}


class Cylinder(ProgramTest):
    def test_is_free_of_divergence_outside_the_body(self):
        self.msde("generate", "cylinder_2d", "-o", "c.h5", *sets(WAKE))
        with h5py.File(self.path("c.h5")) as file:
            self.assertEqual(file.attrs["boundary"], "inflow:outflow,wall")
            mask = file["mask"][:]
            self.assertEqual(mask.dtype, numpy.uint8)
            u, v = file["test_x"][0, -1].astype(numpy.float64)
            times = numpy.concatenate([file[split + "_t"][0] for split in ("train", "val", "test", "beyond")])
        numpy.testing.assert_allclose(times, numpy.arange(11) * 0.01, atol=1e-6)
        i, j = numpy.meshgrid(numpy.arange(320), numpy.arange(80), indexing="ij")
        numpy.testing.assert_array_equal(mask, (i - 40) ** 2 + (j - 40) ** 2 > 25)
        numpy.testing.assert_array_equal(numpy.isnan(u), mask == 0)
        numpy.testing.assert_allclose(u[0], 1, atol=1e-6)
        numpy.testing.assert_allclose(v[:, 0], 0, atol=1e-6)
        # Central differences of the points, twice as far apart as the faces that sum to zero.
        divergence = (u[2:, 1:-1] - u[:-2, 1:-1] + v[1:-1, 2:] - v[1:-1, :-2]) * 40
        far = numpy.hypot(i - 40, j - 40)[1:-1, 1:-1] > 16
        self.assertLess(numpy.abs(divergence[far]).max(), 0.05)
        # As much flows over and under the body as in.
        flux = numpy.trapezoid if hasattr(numpy, "trapezoid") else numpy.trapz
        column = numpy.append(numpy.nan_to_num(u[40]), u[40, -1])
        self.assertAlmostEqual(flux(column, dx=1 / 80), 1, delta=0.02)

    def test_reynolds_numbers_are_parameters(self):
        self.msde("generate", "cylinder_2d", "-o", "c.h5", *sets(WAKE, reynolds="[100,190]", reynolds_val=130, reynolds_test="[145]"))
        with h5py.File(self.path("c.h5")) as file:
            self.assertEqual(file["train_x"].shape, (2, 8, 2, 320, 80))
            numpy.testing.assert_array_equal(file["train_mu"][:, 0], [100, 190])
            numpy.testing.assert_array_equal(file["beyond_mu"][:, 0], [145])

    def test_keys_of_this_case_alone(self):
        for case, words, settings in (
                ("kdv_1d", ["data.generate.reynolds", "kdv_1d", "cylinder_2d"], {"reynolds": "[100]"}),
                ("wave_1d", ["data.generate.cells_per_diameter", "wave_1d"], {"cells_per_diameter": 20}),
                ("burgers_2d", ["data.generate.n_beyond"], {"n_beyond": 5}),
                ("cylinder_2d", ["data.generate.n_train", "got 3", "reynolds"], {"n_train": 3}),
                ("cylinder_2d", ["data.generate.cells_per_diameter", "got 30", "20 or 40"], {"cells_per_diameter": 30}),
                ("cylinder_2d", ["data.generate.reynolds", "2 numbers", "reynolds_val"], {"reynolds": "[100,160]"}),
                ("cylinder_2d", ["reynolds", "5000", "400"], {"reynolds": "[5000]"}),
                ("cylinder_2d", ["data.generate.n_steps", "got 5", "at least 6"], {"n_steps": 5})):
            self.refuse(2, words, "generate", case, "-o", "c.h5", *sets(settings))
        self.refuse(2, ["data.generate.reynolds", "kdv_1d"], "train", os.path.join(CONFIGS, "kdv_1d.toml"), "-o", "run", "--set",
                    "data.generate.reynolds=[100]")
        self.assertEqual(self.files(), [])

    def test_is_stopped_within_a_snapshot(self):
        process = self.start("generate", "cylinder_2d", "-o", "c.h5")
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertLess(time.monotonic() - begin, 10)  # of a busy machine
        self.assertEqual(self.files(), [])

    def test_pdebench_layout_has_the_trajectories_without_what_is_beyond(self):
        self.msde("generate", "cylinder_2d", "-o", "c.h5", "--format", "pdebench", *sets(WAKE))
        with h5py.File(self.path("c.h5")) as file:
            self.assertEqual([file[name]["data"].shape for name in sorted(file)], [(4, 320, 80, 2), (2, 320, 80, 2), (2, 320, 80, 2)])


TINY = sets(TINY_TRAINING, {"model.n_zeta": "[4,4]", "train.windows_per_step": 1, "train.window": 4, "rollout.trajectories_per_step": 2})
SMALL = {"data.generate.n_steps": 5, "data.generate.n_train": 2, "data.generate.n_val": 1, "data.generate.n_test": 1}


class Comparison(ProgramTest):
    def test_every_row_of_both_cases(self):
        for case in ("burgers_2d", "shallow_water_2d"):
            self.msde("compare", os.path.join(CONFIGS, case + ".toml"), "-o", case, "--json", case + ".json", *TINY, *sets(SMALL))
            with open(self.path(case + ".json")) as file:
                rows = json.load(file)["rows"]
            scores = {(row["name"], row["variant"]): row["metrics"]["rel_l2"]["mean"] for row in rows if "metrics" in row}
            for name in ("persistence", "mean", "coarse_dns", "dmd", "pod_sindy", "macro_only", "multiscale"):
                self.assertTrue(any(row["name"] == name for row in rows), name)
            self.assertIn(("coarse_dns", "reference"), scores)
            # On 4 x 4 points, but it knows the equation: better than to stand still.
            self.assertLess(scores["coarse_dns", "strong"], scores["persistence", ""] if ("persistence", "") in scores else 1)

    def test_coarse_dns_refuses_a_part_of_the_square(self):
        self.msde("generate", "burgers_2d", "-o", "b.h5", *sets(SMALL))
        self.msde("compare", os.path.join(CONFIGS, "burgers_2d.toml"), "-o", "cut", "--models", "coarse_dns,persistence", "--json",
                  "cut.json", "--set", "data.path=b.h5", "--set", "data.crop=x=0:64", "--set", "model.n_zeta=[4,8]", *sets(eval__members=0))
        with open(self.path("cut.json")) as file:
            rows = json.load(file)["rows"]
        coarse = [row for row in rows if row["name"] == "coarse_dns"]
        self.assertTrue(coarse and all("metrics" not in row and "no equation is known" in row["status"] for row in coarse), coarse)


class Memory(ProgramTest):
    def test_a_small_plan_gives_the_same_model_to_rounding(self):
        self.msde("generate", "burgers_2d", "-o", "b.h5", *sets(SMALL))
        common = [os.path.join(CONFIGS, "burgers_2d.toml"), "--deterministic", "--set", "data.path=b.h5", *TINY]
        self.msde("run", *common, "-o", "plain")
        self.msde("run", *common, "-o", "small", "--memory", "640MiB")
        scores = []
        for name in ("plain", "small"):
            with open(self.path(name, "eval", "metrics.json")) as file:
                scores.append(json.load(file))
        self.assertAlmostEqual(scores[0]["metrics"]["rel_l2"]["mean"], scores[1]["metrics"]["rel_l2"]["mean"], delta=2e-3)
        self.assertLess(scores[1]["cost"]["peak_rss_bytes"], 640 << 20)
        self.msde("train", *common, "-o", "small", "--resume", "--memory", "2GiB")  # another amount: still the same run

    def test_bad_amounts(self):
        configuration = os.path.join(CONFIGS, "burgers_2d.toml")
        for amount, words in (("lots", ["lots"]), ("10MiB", ["at least 640 MiB"]), ("-1", ["-1"])):
            result = self.msde("train", configuration, "-o", "run", f"--memory={amount}", code=2)
            for word in ["data.memory", *words]:
                self.assertIn(word, result.stderr)
        self.msde("generate", "burgers_2d", "-o", "b.h5", *sets(SMALL))
        result = self.msde("train", configuration, "-o", "run", "--memory", "640MiB", "--set", "data.path=b.h5", "--set",
                           "model.max_rank=4000", code=2)
        self.assertIn("model.max_rank = 4000", result.stderr)


if __name__ == "__main__":
    program.main()
