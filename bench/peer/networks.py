"""The networks: fully connected ones and the published convolutions between the fine grid and eta."""

import math

import torch
from torch import nn

CONVOLUTION = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
# By the number of axes: widths, taps of the encoder, taps of the decoder.
LAYERS = {1: ((4, 16, 64), 25, 9), 2: ((64, 32, 16), 9, 9), 3: ((16, 16, 16), 5, 5)}


def mlp(inputs, hidden, outputs, activation):
    layers = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), activation()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def pad(x, count, boundary):
    """Continues x [B, C, *grid] by `count` points beyond the ends of every axis, as its boundary says."""
    for axis, rule in enumerate(boundary, start=2):
        n = x.shape[axis]
        if rule == "periodic":
            before, after = x.narrow(axis, n - count, count), x.narrow(axis, 0, count)
        elif rule == "wall":
            before, after = x.narrow(axis, 0, count).flip(axis), x.narrow(axis, n - count, count).flip(axis)
        else:
            before, after = (x.narrow(axis, i, 1).repeat_interleave(count, axis) for i in (0, n - 1))
        x = torch.cat((before, x, after), axis)
    return x


class ConvEncoder(nn.Module):
    def __init__(self, grid, n_eta):
        super().__init__()
        widths, taps, _ = LAYERS[len(grid["shape"])]
        self.shape, self.boundary, self.padding = (grid["channels"], *grid["shape"]), grid["boundary"], taps // 2
        channels = (grid["channels"], *widths)
        convolution = CONVOLUTION[len(grid["shape"])]
        self.layers = nn.ModuleList(convolution(i, o, taps, stride=2) for i, o in zip(channels, widths))
        self.linear = nn.Linear(widths[-1] * math.prod(n // 8 for n in grid["shape"]), n_eta)

    def forward(self, x):
        h = x.reshape(-1, *self.shape)
        for layer in self.layers:
            h = nn.functional.leaky_relu(layer(pad(h, self.padding, self.boundary)))
        return self.linear(h.flatten(1))


class ConvDecoder(nn.Module):
    def __init__(self, grid, inputs):
        super().__init__()
        widths, _, taps = LAYERS[len(grid["shape"])]
        self.boundary, self.taps = grid["boundary"], taps
        self.coarsest = (widths[-1], *(n // 8 for n in grid["shape"]))
        channels = (*reversed(widths), grid["channels"])
        transposed = TRANSPOSED[len(grid["shape"])]
        self.linear = nn.Linear(inputs, math.prod(self.coarsest))
        self.layers = nn.ModuleList(
            transposed(i, o, taps, stride=2, output_padding=1) for i, o in zip(channels, channels[1:]))

    def forward(self, x):
        h = self.linear(x).view(-1, *self.coarsest)
        half = self.taps // 2
        beyond = (half + 1) // 2  # points whose taps reach inside
        for layer in self.layers:
            points = h.shape[2:]
            h = layer(pad(nn.functional.leaky_relu(h), beyond, self.boundary))
            for axis, n in enumerate(points, start=2):
                h = h.narrow(axis, half + 2 * beyond, 2 * n)
        return h.flatten(1)


def stencil(n_zeta, channels, boundary, radius):
    """Indices [cells, channels * taps] into the flattened macroscale of the neighbours of every coarse cell."""
    offsets = torch.arange(-radius, radius + 1)
    along = []
    for n, rule in zip(n_zeta, boundary):
        neighbour = torch.arange(n)[:, None] + offsets
        along.append(neighbour % n if rule == "periodic" else neighbour.clamp(0, n - 1))
    index = along[0]
    for n, neighbour in zip(n_zeta[1:], along[1:]):
        index = (index[:, None, :, None] * n + neighbour[None, :, None, :]).flatten(2).flatten(0, 1)
    cells = index.shape[0]
    return torch.cat([index + channel * cells for channel in range(channels)], 1)


def positions(n_zeta, boundary):
    """[cells, numbers]: cos and sin of pi k s, k = 1, 2, 4 .. up to half the cells, along every axis that has ends; s in (0, 1)."""
    numbers = [torch.empty(math.prod(n_zeta), 0, dtype=torch.float64)]
    for axis, (n, rule) in enumerate(zip(n_zeta, boundary)):
        if rule == "periodic":
            continue
        middle = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        s = middle.repeat_interleave(math.prod(n_zeta[axis + 1:])).repeat(math.prod(n_zeta[:axis]))
        for k in (2**power for power in range(n.bit_length()) if 2 * 2**power <= n):
            numbers.append(torch.stack((torch.cos(math.pi * k * s), torch.sin(math.pi * k * s)), 1))
    return torch.cat(numbers, 1).float()


def positions_of(spec):
    """Positions where the options ask for them, else no numbers."""
    o = spec["options"]
    every = positions(o["n_zeta"], spec["grid"]["boundary"])
    return every if o["position"] == "on" else every[:, :0]
