"""The same data in other units give the same model: the same bits where units differ by powers of two, else the same scores
up to rounding. kdv_1d in both presets, burgers_2d, three channels; a few steps of every stage.

Run as: python3 units_test.py build/release/msde
"""

import json
import os
import sys

import program
from program import CONFIGS, TINY_TRAINING, sets

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from other_units import in_other_units, tensors, three_channels  # noqa: E402

STEPS = {**TINY_TRAINING, "train.max_steps": 12, "rollout.max_steps": 6, "rollout.validate_every": 3, "train.window": 16,
         "rollout.stride": 2, "rollout.stride_min": 2, "rollout.horizon_start": 8, "rollout.horizon_end": 8, "eval.members": 9,
         "calibrate.members": 4, "model.local_modes": 2}
FEW_DATA = {"data.generate.n_steps": 41, "data.generate.n_train": 3, "data.generate.n_val": 2, "data.generate.n_test": 2}


class SameDataInOtherUnits(program.ProgramTest):
    def rewrite(self, source, name, **units):
        return in_other_units(source, self.path(name), **units)

    def train(self, config, data, name, *more):
        self.msde("train", os.path.join(CONFIGS, config), "-o", name, "-q", "--deterministic",
                  *sets(STEPS, {"data.path": data}), *more)
        scores = self.path(name + ".json")
        self.msde("evaluate", name, "--json", scores, "-q")
        with open(scores) as file:
            return tensors(self.path(name, "model", "model.safetensors")), json.load(file)["metrics"]

    def generated(self, case):
        self.msde("generate", case, "-o", case + ".h5", "-q", *sets(FEW_DATA))
        return self.path(case + ".h5")

    def check_powers_of_two(self, config, source, variants):
        name = config.split(".")[0]
        weights, scores = self.train(config, source, name)
        for number, units in enumerate(variants):
            with self.subTest(config=config, **units):
                other, got = self.train(config, self.rewrite(source, f"v{number}.h5", **units), f"{name}_{number}")
                # What enters in the units of the data is not of the model's own numbers.
                outside = {"drift.mu_mean", "drift.mu_std", "drift.f_mean", "drift.f_std"}
                self.assertEqual(sorted(weights), sorted(other))
                self.assertEqual([name for name in weights if name not in outside and weights[name] != other[name]], [])
                self.assertAlmostEqual(got["rel_l2"]["mean"], scores["rel_l2"]["mean"], delta=1e-6)
                self.assertAlmostEqual(got["ssr_adjusted"], scores["ssr_adjusted"], delta=1e-5)
                self.assertEqual(got["coverage"], scores["coverage"])

    def test_powers_of_two_of_kdv_1d(self):
        source = self.generated("kdv_1d")
        variants = [{"field": 2.**40}, {"field": 2.**-40}, {"time": 2.**30}, {"time": 2.**-29}, {"mu": 2.**40}, {"mu": 2.**-40},
                    {"field": 2.**-7, "time": 2.**5, "mu": 2.**3}]
        self.check_powers_of_two("kdv_1d.toml", source, variants)
        self.check_powers_of_two("kdv_1d_paper.toml", source, variants[:1] + variants[2:3])

    def test_powers_of_two_of_burgers_2d(self):
        source = self.generated("burgers_2d")
        self.check_powers_of_two("burgers_2d.toml", source, [{"field": 2.**40, "time": 2.**-20}])

    def test_any_factor_and_an_offset(self):
        source = self.generated("kdv_1d")
        _, scores = self.train("kdv_1d.toml", source, "as_it_is")
        for number, units in enumerate([{"field": 1e12}, {"field": 1e-12}, {"time": 1e9}, {"time": 1e-9}, {"offset": 1e3},
                                        {"offset": 1e6, "wide": True}, {"mu": 1e12}]):
            with self.subTest(**units):
                _, got = self.train("kdv_1d.toml", self.rewrite(source, f"o{number}.h5", **units), f"o{number}")
                if "offset" in units:  # relative to the fluctuation, whatever the mean
                    self.assertAlmostEqual(got["rmse"], scores["rmse"], delta=.01 * scores["rmse"])
                else:
                    self.assertAlmostEqual(got["rel_l2"]["mean"], scores["rel_l2"]["mean"], delta=.01 * scores["rel_l2"]["mean"])

    def test_channels_of_unequal_size_count_alike(self):
        source = self.generated("kdv_1d")
        alike = three_channels(source, self.path("alike.h5"))
        weights, scores = self.train("kdv_1d.toml", alike, "alike")
        other, got = self.train("kdv_1d.toml", self.rewrite(alike, "unequal.h5", field=[1., 1024., 2.**20]), "unequal")
        self.assertEqual([name for name in weights if weights[name] != other[name]], [])
        self.assertAlmostEqual(got["vrmse"], scores["vrmse"], delta=.01 * scores["vrmse"])


if __name__ == "__main__":
    program.main()
