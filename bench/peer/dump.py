"""What msde_bench_steps wrote: its weights and inputs become the peer's, its results are what the peer is held against."""

import json
import re

import h5py
import torch

from model import Model


class Dump:
    def __init__(self, path):
        self.file = h5py.File(path, "r")
        self.attributes = dict(self.file.attrs)

    def tensors(self, group):
        members = self.file.get(group, {}).items()
        return {name: torch.from_numpy(values[()]) for name, values in members if isinstance(values, h5py.Dataset)}

    def spec(self):
        return json.loads(self.attributes["spec"])

    def model(self):
        """A peer with msde's parameters and constants, in their floating-point type."""
        model = Model(self.spec())
        parameters = self.tensors("parameters")
        if parameters["initial_mean"].dtype == torch.float64:
            model.double()
        ours = dict(model.named_parameters())
        constants = dict(model.named_buffers())
        with torch.no_grad():
            for name, value in parameters.items():
                target, transposed = renamed(name, ours)
                ours.pop(target).copy_(value.T if transposed else value)
            for name, value in self.tensors("buffers").items():
                if not name.endswith(("stencil", "positions")):  # the peer makes its own
                    constants[name].copy_(value)
        assert not ours, f"msde has no {list(ours)}"
        return model

    def deviations(self, group, model, of):
        """max |peer - msde| / max |msde| of every parameter; `of` gives the peer's tensor of a parameter.

        Gradients that vanish but for rounding (of a shift of the warped time) count by the largest of all.
        """
        parameters = dict(model.named_parameters())
        expectations = self.tensors(f"expected/{group}")
        largest = max(expected.abs().max().item() for expected in expectations.values())
        least = largest * torch.finfo(next(model.parameters()).dtype).eps ** 0.5
        errors = {}
        for name, expected in expectations.items():
            target, transposed = renamed(name, parameters)
            value = of(target, parameters[target])
            value = torch.zeros_like(parameters[target]) if value is None else value
            errors[f"{group}/{name}"] = deviation(value.detach().T if transposed else value.detach(), expected, least)
        return errors


def deviation(value, expected, least=1e-30):
    """max |value - expected| / max(max |expected|, least)."""
    assert value.shape == expected.shape, (value.shape, expected.shape)
    return (value - expected).abs().max().item() / max(expected.abs().max().item(), least)


def renamed(name, ours):
    """The peer's name of msde's parameter and whether it is stored transposed."""
    prefix, _, last = name.rpartition(".")
    numbered = re.fullmatch(r"(weight|bias|kernel)(\d)", last)
    if numbered:
        kind, i = numbered[1], int(numbered[2])
        layer = f"{prefix}.layers.{i}" if f"{prefix}.layers.{i}.weight" in ours else f"{prefix}.{2 * i}"
        return f"{layer}.{'bias' if kind == 'bias' else 'weight'}", kind == "weight"
    if last in ("weight", "bias"):
        return f"{prefix}.linear.{last}", last == "weight"
    return name, False
