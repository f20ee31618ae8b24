"""Priors: terms of an equation beside, or in place of, a learned drift. What they find, what they keep, and what is said of terms that
cannot be read.

Run as: python3 prior_test.py build/release/msde
"""

import json
import os
import signal

import h5py
import numpy

import program
from program import TINY_TRAINING, sets

TRAINING = {"train.max_steps": 0, "rollout.max_steps": 0, "eval.members": 3, "calibrate.members": 3, "model.n_zeta": 8,
            "model.n_eta": 5, "model.frame": "fixed", "case.name": "mine"}
NX, T = 64, 101
SPEED, DAMPING = 1.5, .02  # u_t = -c u_x + d u_xx, on a ring of length 2 pi


def waves(number, times):
    """A solution of that equation, of five waves whose amplitudes and phases `number` keys: [T, 1, NX]."""
    generator = numpy.random.default_rng(number)
    x = 2 * numpy.pi * numpy.arange(NX) / NX
    u = numpy.zeros((len(times), NX))
    for k in range(1, 7):
        size, phase = generator.normal() / k, 2 * numpy.pi * generator.random()
        fades = numpy.exp(-DAMPING * k * k * times)[:, None]
        u += size * fades * numpy.cos(k * (x - SPEED * times[:, None]) + phase)
    return u[:, None]


class Prior(program.ProgramTest):
    def data(self, name="data.h5", noise=.01, trajectories=(6, 2, 2), mu=True, **attributes):
        generator = numpy.random.default_rng(0)
        times = numpy.linspace(0, 2, T)
        number = 0
        with h5py.File(self.path(name), "w") as file:
            for split, count in zip(("train", "val", "test"), trajectories):
                clean = numpy.stack([waves(number + i, times) for i in range(count)])
                number += count
                file[split + "_x"] = (clean + noise * generator.standard_normal(clean.shape)).astype("f4")
                file[split + "_x_clean"] = clean.astype("f4")
                file[split + "_t"] = numpy.tile(times, (count, 1))
                if mu:
                    file[split + "_mu"] = numpy.full((count, 1), SPEED)
            file.attrs.update({"boundary": "periodic", "length": [2 * numpy.pi], "noise_std": noise, "axes": "x", **attributes})

    def run_with(self, prior, run="run", code=0, data="data.h5", settings={}):
        self.write("own.toml", "[prior]\n" + prior)
        return self.msde("run", "own.toml", "-o", run, *sets(TRAINING, {"data.path": data}, settings), code=code).stderr

    def metrics(self, run="run"):
        return json.loads(self.read(run, "eval", "metrics.json"))["metrics"]["rel_l2_clean"]["mean"]

    def test_equation_alone_is_the_forecast(self):
        """Six waves are twelve numbers: in their space the equation has no error but that of the first snapshot."""
        self.data()
        self.run_with('terms = ["-mu[0]*dx(u)", "0.02*dx(dx(u))"]\nlearn = false\n', settings={"model.closure": "none"})
        self.assertLess(self.metrics(), .01)
        wrong = 'terms = ["-2*mu[0]*dx(u)"]\nlearn = false\n'
        self.run_with(wrong, run="wrong", settings={"model.closure": "none"})
        self.assertGreater(self.metrics("wrong"), .5)

    def test_missing_term_is_found_among_candidates(self):
        self.data()
        said = self.run_with('terms = ["-mu[0]*dx(u)"]\ncandidates = ["dx(dx(dx(u)))", "dx(dx(u))", "u*dx(u)"]\n')
        line = next(line for line in said.splitlines() if "training begins with" in line)
        found = {}
        for part in line.split("training begins with ")[1].split(", "):
            value, term = part.split(" of ")
            found[term] = float(value)
        self.assertAlmostEqual(found["dx(dx(u))"], DAMPING, delta=.02 * DAMPING)
        self.assertLess(abs(found["dx(dx(dx(u)))"]), .001)
        self.assertEqual(found["u*dx(u)"], 0)
        self.assertLess(self.metrics(), .01)
        text = self.msde("explain", "run", "--json", "why.json").stdout
        why = json.loads(self.read("why.json"))
        of = {term["term"]: term for term in why["prior"]["terms"]}
        self.assertAlmostEqual(of["dx(dx(u))"]["coefficient"], DAMPING, delta=.02 * DAMPING)
        self.assertTrue(of["dx(dx(u))"]["candidate"])
        self.assertAlmostEqual(of["-mu[0]*dx(u)"]["share"], 1, delta=.05)
        self.assertEqual(why["learned_share"], 0)
        self.assertLess(why["micro_inside_macro_range"], 1e-6)
        self.assertIn("dx(dx(u))", text)
        self.refuse(2, ("why.json",), "explain", "run", "--json", "why.json")
        self.refuse(3, ("nowhere",), "explain", "nowhere")

    def test_learned_drift_is_explained_without_a_prior(self):
        self.data(noise=.001)
        self.write("own.toml", "")
        self.msde("run", "own.toml", "-o", "run", *sets(TINY_TRAINING, {"data.path": "data.h5", "model.n_zeta": 8, "model.n_eta": 2,
                                                                         "case.name": "mine", "data.symmetry": "none"}))
        text = self.msde("explain", "run", "--json", "why.json").stdout
        why = json.loads(self.read("why.json"))
        self.assertIsNone(why["prior"])
        self.assertEqual(why["learned_share"], 1)
        self.assertGreater(why["micro_energy"], 0)
        self.assertLess(why["micro_inside_macro_range"], 1e-6)
        self.assertEqual(len(why["macro_drift"]), 1)
        self.assertIn("macro drift of u, R2", text)

    def test_wrong_coefficient_is_mended_where_it_may_be_learned(self):
        self.data()
        self.run_with('terms = ["-2*mu[0]*dx(u)", "0.02*dx(dx(u))"]\n')
        self.assertLess(self.metrics(), .01)

    def test_everything_runs_with_a_prior(self):
        """Every stage, resumed, by ranks' weights and members; a forecast of the kept model is that of the run."""
        self.data()
        steps = {**TINY_TRAINING, "prior.weight": .1}
        prior = 'terms = ["-mu[0]*dx(u)"]\ncandidates = ["dx(dx(u))"]\n'
        self.run_with(prior, settings=steps)
        self.run_with(prior, run="again", settings=steps)
        self.assertEqual(self.read("run", "model", "model.safetensors"), self.read("again", "model", "model.safetensors"))
        description = json.loads(self.read("run", "model", "model.json"))
        self.assertEqual(description["options"]["prior.terms"], ["-mu[0]*dx(u)"])
        self.assertEqual(description["n_reduced"], 13)
        self.msde("predict", "run", "-o", "out", "--members", "3")
        with h5py.File(self.path("out", "forecast.h5")) as file:
            self.assertTrue(numpy.isfinite(file["mean" if "mean" in file else list(file)[0]][()]).all())

    def test_resumed_training_and_ranks_end_where_one_does(self):
        self.data()
        self.write("own.toml", '[prior]\nterms = ["-mu[0]*dx(u)"]\ncandidates = ["dx(dx(u))"]\n')
        settings = {**TINY_TRAINING, "rollout.max_steps": 30, "model.n_zeta": 8, "model.n_eta": 5, "case.name": "mine", "data.path": "data.h5"}
        self.msde("train", "own.toml", "-o", "whole", "--deterministic", *sets(settings))
        stopped = self.start("train", "own.toml", "-o", "parts", "--deterministic", *sets(settings, **{"log.every": "0s"}))
        for line in stopped.stderr:
            if "roll-out" in line and "30/30" not in line:
                stopped.send_signal(signal.SIGTERM)
                break
        stopped.communicate(timeout=60)
        self.assertEqual(stopped.returncode, 143)
        self.msde("train", "own.toml", "-o", "parts", "--resume", "--deterministic", *sets(settings))
        self.assertEqual(self.read("parts", "model", "model.safetensors"), self.read("whole", "model", "model.safetensors"))
        self.msde("train", "own.toml", "-o", "ranks", "--ranks", "2", *sets(settings))
        self.msde("train", "own.toml", "-o", "next", "--init-from", "whole", *sets(settings))

    def test_terms_without_parameters_and_forcings_act_on_the_grid(self):
        self.data(mu=False)
        self.run_with('terms = ["-1.5*dx(u) + 0*sin(u)", "0.02*dx(dx(u))"]\nlearn = false\n', settings={"model.closure": "none"})
        self.assertLess(self.metrics(), .01)

    def test_coordinates_hold_the_frame(self):
        self.data()
        self.run_with('terms = ["sin(x)*u"]\n', settings={"model.frame": "preset"})
        self.assertNotIn("frame_period", json.loads(self.read("run", "model", "model.json")))
        self.write("own.toml", '[prior]\nterms = ["sin(x)*u"]\n')
        self.refuse(2, ("model.frame", "coordinate"), "run", "own.toml", "-o", "bad",
                    *sets(TRAINING, {"data.path": "data.h5", "model.frame": "start"}))

    def test_terms_that_are_not_finite_or_too_stiff_are_refused(self):
        self.data()
        for number, (prior, words) in enumerate(((('terms = ["-dx(u)"]\ncandidates = ["dx(dx(u))", "x^.5/x*u"]'), ("prior.candidates[1]", "not finite")),
                                                 ('terms = ["-1e9*dx(dx(dx(dx(u))))"]\nlearn = false', ("prior.terms", "stiff")),
                                                 ('terms = ["dx(u)"]\nform = "conserving"', ("prior.form", "convective")))):
            with self.subTest(prior=prior):
                self.write("own.toml", "[prior]\n" + prior + "\n")
                self.refuse(2, words, "run", "own.toml", "-o", f"bad{number}", *sets(TRAINING, {"data.path": "data.h5"}))

    def test_compare_has_rows_of_the_prior_alone(self):
        self.data()
        self.write("own.toml", '[prior]\nterms = ["-mu[0]*dx(u)"]\n')
        settings = {**TINY_TRAINING, "model.n_zeta": 8, "model.n_eta": 5, "case.name": "mine", "data.path": "data.h5"}
        self.msde("compare", "own.toml", "-o", "out", "-q", "--json", "out.json", "--models",
                  "persistence,pod_galerkin,eddy_viscosity,multiscale", *sets(settings))
        rows = {row["name"]: row for row in json.loads(self.read("out.json"))["rows"]}
        self.assertEqual({row["status"] for row in rows.values()}, {"ok"})
        errors = {name: row["metrics"]["rel_l2_clean"]["mean"] for name, row in rows.items()}
        self.assertLess(errors["eddy_viscosity"], .5 * errors["pod_galerkin"])  # what is missing is a viscosity
        self.write("none.toml", "")
        self.refuse(2, ("pod_galerkin", "prior.terms"), "compare", "none.toml", "-o", "other", "--models", "pod_galerkin",
                    *sets(settings))

    def test_macro_prior_of_either_preset(self):
        self.data()
        self.run_with('terms = ["-mu[0]*dx(u)"]\n', run="macro_only", settings={**TINY_TRAINING, "model.n_eta": 0})
        for preset in ("reduced", "paper"):
            settings = {**TINY_TRAINING, "model.preset": preset}
            self.run_with('terms = ["-mu[0]*dx(u)"]\nat = "macro"\n', run=preset, settings=settings)

    def test_two_channels_between_walls(self):
        """u_t = -.5 u_x, v_t = u on a plane, walls along y: each channel moves by its own expression, at decoded fields."""
        generator = numpy.random.default_rng(3)
        times, y, x = numpy.linspace(0, 1, 41), numpy.arange(16) / 16, 2 * numpy.pi * numpy.arange(24) / 24
        with h5py.File(self.path("plane.h5"), "w") as file:
            for split, count in (("train", 8), ("val", 2), ("test", 2)):
                trajectories = []
                for _ in range(count):
                    a, b = generator.normal(size=(2, 2))
                    def part(t, order):  # of sin k (x - t / 2) and its integral over t
                        return sum(a[k - 1] * (numpy.sin(k * (x - .5 * t)) if order == 0 else
                                               2 / k * (numpy.cos(k * (x - .5 * t)) - numpy.cos(k * x))) for k in (1, 2))
                    u = numpy.stack([numpy.outer(1 + y, part(t, 0)) for t in times])
                    v = numpy.stack([numpy.outer(1 + y, part(t, 1)) + b[0] * numpy.outer(y, numpy.ones(24)) for t in times])
                    trajectories.append(numpy.stack([u, v], 1))
                clean = numpy.stack(trajectories)
                file[split + "_x"] = (clean + .001 * generator.standard_normal(clean.shape)).astype("f4")
                file[split + "_x_clean"] = clean.astype("f4")
                file[split + "_t"] = numpy.tile(times, (count, 1))
            file.attrs.update({"boundary": "wall,periodic", "length": [1., 2 * numpy.pi], "noise_std": .001, "axes": "y,x"})
        self.write("own.toml", '[prior]\nterms = ["u[0]: -.5*dx(u[0]); u[1]: u[0]"]\nlearn = false\n')
        self.msde("run", "own.toml", "-o", "plane", *sets(TRAINING, {"data.path": "plane.h5", "model.n_zeta": "[2, 2]", "model.n_eta": 3,
                                                                    "model.closure": "none", "data.symmetry": "none"}))
        self.assertLess(self.metrics("plane"), .02)

    def test_other_units_find_the_same(self):
        """Metres for kilometres, seconds for hours: the coefficient has the units of the data, and the forecast is as good."""
        self.data()
        with h5py.File(self.path("data.h5")) as old, h5py.File(self.path("other.h5"), "w") as new:
            for key in old:
                value = old[key][()]
                new[key] = 1000 * value if "_x" in key else 3600 * value if "_t" in key else value / 3.6 if "_mu" in key else value
            new.attrs.update(old.attrs)
            new.attrs["length"] = 1000 * old.attrs["length"]
            new.attrs["noise_std"] = 1000 * old.attrs["noise_std"]
        said = self.run_with('terms = ["-mu[0]*dx(u)"]\ncandidates = ["dx(dx(u))"]\n', data="other.h5")
        value = float(said.split("training begins with ")[1].split(", ")[1].split(" of ")[0])
        self.assertAlmostEqual(value, DAMPING * 1e6 / 3600, delta=.02 * DAMPING * 1e6 / 3600)
        self.assertLess(self.metrics(), .01)

    def test_terms_that_cannot_be_read_are_refused_at_their_column(self):
        self.data()
        for number, (prior, words) in enumerate((('terms = ["-u*dx(v)"]', ("prior.terms[0]: column 7", "'v'")),
                             ('terms = ["u", "mu[1]*u"]', ("prior.terms[1]: column 4", "the data have 1 parameters")),
                             ('candidates = ["dy(u)"]', ("prior.candidates[0]: column 1", "dx")),
                             ('terms = ["u"]\nat = "nowhere"', ("prior.at",)),
                             ('terms = ["u"]\nat = "decoded"\n[model]\nmicro_decoder = "eta"', ("prior.at", "macro")),
                             ('[model]\nclosure = "none"', ("model.closure", "prior.terms")))):
            with self.subTest(prior=prior):
                self.write("own.toml", ("" if prior.startswith("[") else "[prior]\n") + prior + "\n")
                self.refuse(2, words, "run", "own.toml", "-o", f"bad{number}", *sets(TRAINING, {"data.path": "data.h5"}))
                self.assertFalse(os.path.exists(self.path(f"bad{number}")))

    def test_training_of_fewer_snapshots_than_states_is_refused(self):
        with h5py.File(self.path("few.h5"), "w") as file:
            for split in ("train", "val", "test"):
                file[split + "_x"] = waves(1, numpy.linspace(0, 1, 10)).astype("f4")[None]
                file[split + "_t"] = numpy.linspace(0, 1, 10)[None]
            file.attrs.update({"boundary": "periodic", "noise_std": .01})
        self.write("own.toml", '[prior]\nterms = ["-dx(u)"]\n')
        self.refuse(3, ("few.h5", "independent snapshots", "13"), "run", "own.toml", "-o", "bad",
                    *sets(TRAINING, {"data.path": "few.h5"}))


if __name__ == "__main__":
    program.main()
