"""What bench/run times, from a dump of msde: `check()` gives deviations from msde's results, `iterate()` does the work once."""

import torch

from dump import deviation
from elbo import elbo
from generate import draw, simulated
from muon import optimisers
from predict import brownian, forecast
from rollout import relative_square_error, roll_out


class TrainStep:
    """Draw windows and noise, ELBO, gradient, clipping, Muon and Adam, average of the weights."""

    def __init__(self, dump, published=False):
        self.dump, self.published, self.settings = dump, published, dump.attributes
        self.model, self.data, self.inputs = dump.model(), dump.tensors("data"), dump.tensors("inputs")
        self.optimisers = optimisers(self.model, self.settings["lr_matrices"], self.settings["lr_others"])
        self.average = [p.detach().clone() for p in self.model.parameters()]
        self.steps = 0

    def batch(self, trajectory, start, input_noise):
        rows = trajectory[:, None], start[:, None] + torch.arange(int(self.settings["window"]))
        picked = {name: self.data[name][rows] for name in ("a", "off_norm2", "t", "f")}
        noisy = picked["a"] if input_noise is None else picked["a"] + self.settings["noise_std"] * input_noise
        return {**picked, "inputs": noisy, "mu": self.data["mu"][trajectory]}

    def step(self, batch, likelihood_noise, drift_noise):
        terms = elbo(self.model, batch, likelihood_noise, drift_noise, self.published)
        loss = -terms["elbo"] / (batch["a"].shape[1] * batch["a"].shape[2])
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.gradients = [p.grad.clone() for p in self.model.parameters()] if self.steps == 0 else None
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), float(self.settings["clip"]))
        for optimiser in self.optimisers:
            optimiser.step()
        keep = min(self.settings["ema"], (2 + self.steps) / (11 + self.steps))
        with torch.no_grad():
            for mean, p in zip(self.average, self.model.parameters()):
                mean.lerp_(p, 1 - keep)
        self.steps += 1
        return terms

    def check(self):
        i = self.inputs
        terms = self.step(self.batch(i["trajectory"], i["start"], i.get("input_noise")), i["likelihood_noise"], i["drift_noise"])
        names = [name for name, _ in self.model.named_parameters()]
        gradients, averages = dict(zip(names, self.gradients)), dict(zip(names, self.average))
        errors = {f"terms/{name}": deviation(terms[name].detach().reshape(1), value)
                  for name, value in self.dump.tensors("expected/terms").items()}
        errors.update(self.dump.deviations("gradients", self.model, lambda name, p: gradients[name]))
        errors.update(self.dump.deviations("stepped", self.model, lambda name, p: p))
        errors.update(self.dump.deviations("average", self.model, lambda name, p: averages[name]))
        return errors

    def iterate(self):
        N, T, n = self.data["a"].shape
        B, W = self.inputs["trajectory"].shape[0], int(self.settings["window"])
        dtype = self.data["a"].dtype
        noise = torch.randn(B, W, n, dtype=dtype) if self.settings["noise_std"] > 0 else None
        start = torch.randint(1 - W, T, (B,)).clamp(0, T - W)
        both = torch.randn(2, B, W, self.model.n_z, dtype=dtype)
        self.step(self.batch(torch.randint(N, (B,)), start, noise), *both)


class RolloutStep:
    """The roll-out loss, forward and gradient."""

    def __init__(self, dump):
        self.dump, self.model, self.batch = dump, dump.model(), dump.tensors("inputs")

    def forward_and_gradient(self):
        self.model.zero_grad(set_to_none=True)
        settings, maps = self.dump.attributes, self.model.filter()
        z = roll_out(self.model, self.model.encode(self.batch["first"], maps), self.batch, self.batch["a"].shape[1],
                     int(settings["snapshots_per_frame"]), float(settings["dt_frames"]), int(settings["substeps"]))
        error = relative_square_error(self.model, z, self.batch, maps).mean()
        error.backward()
        return z.detach(), error.detach()

    def check(self):
        z, error = self.forward_and_gradient()
        expected = self.dump.tensors("expected")
        return {"z": deviation(z, expected["z"]), "error": deviation(error.reshape(1), expected["error"]),
                **self.dump.deviations("gradients", self.model, lambda name, p: p.grad)}

    def iterate(self):
        self.forward_and_gradient()


class Predict:
    """Point prediction and ensemble of one trajectory, decoded."""

    def __init__(self, dump):
        self.dump, self.model, self.inputs = dump, dump.model(), dump.tensors("inputs")
        self.first = self.inputs["first"].flatten(1)

    def check(self):
        i = self.inputs
        noise = zip(i["dW"][:, :, 0], i["dZ"][:, :, 0])
        point, members = forecast(self.model, self.first, i["mu"], i["forcing"], i["start_noise"][:, 0], noise)
        expected = self.dump.tensors("expected")
        return {"point": deviation(point, expected["point"][0]),
                "last_members": deviation(members[:, -1], expected["last_members"][:, 0])}

    def iterate(self):
        i, dtype = self.inputs, self.first.dtype
        shape = i["start_noise"][:, 0].shape
        noise = brownian(i["forcing"].shape[1] - 1, shape, self.model.spec["dt"], dtype)
        forecast(self.model, self.first, i["mu"], i["forcing"], torch.randn(shape, dtype=dtype), noise)


class Generate:
    """Trajectories of a case: simulation and noise."""

    def __init__(self, dump):
        self.settings, self.clean = dump.attributes, dump.tensors("expected")["clean"]
        self.case, self.seed = self.settings["case"], 0

    def check(self):
        first = self.clean[:, 0, 0]
        if self.case == "shallow_water_2d":
            rest = torch.zeros_like(first)
            first = torch.stack((first + 1, rest, rest), 1)
        clean = simulated(self.case, first, self.settings["t_end"], int(self.settings["n_steps"]))
        return {"clean": deviation(clean, self.clean)}

    def iterate(self):
        self.seed += 1
        count, n_steps = int(self.settings["count"]), int(self.settings["n_steps"])
        clean = simulated(self.case, draw(self.case, count, self.seed), 1.0, n_steps)
        (clean + self.settings["noise_std"] * torch.randn_like(clean)).float(), clean.float()


class Project:
    """Snapshots in reduced coordinates."""

    def __init__(self, dump):
        self.dump, self.model, self.fields = dump, dump.model(), dump.tensors("inputs")["fields"]

    def project(self):
        with torch.inference_mode():
            return self.model.coordinates.project(self.fields)

    def check(self):
        expected = self.dump.tensors("expected")
        return {name: deviation(value, expected[name]) for name, value in zip(("a", "off_norm2"), self.project())}

    def iterate(self):
        self.project()


WORKLOADS = {"train_step": TrainStep, "rollout_step": RolloutStep, "predict": Predict, "generate": Generate, "project": Project}
