"""The separation of scales: smoothing S, restriction R S and prolongation, of the two presets."""

import math

import torch
from torch import nn


class KernelFilter(nn.Module):
    """paper: one free kernel per channel on the fine grid at unit gain, by FFT; calling it gives the maps of this step."""

    def __init__(self, grid, n_zeta, n_sigma):
        super().__init__()
        self.grid, self.n_zeta = grid, n_zeta
        self.sigma = [n // coarse for n, coarse in zip(grid["shape"], n_zeta)]
        self.kernel = nn.Parameter(torch.ones(grid["channels"], *(2 * n_sigma * s + 1 for s in self.sigma)))

    def forward(self):
        return KernelMaps(self.grid, self.n_zeta, self.kernel)


class KernelMaps:
    is_orthogonal = False

    def __init__(self, grid, n_zeta, kernel):
        shape, boundary = grid["shape"], grid["boundary"]
        self.field, self.coarse = (grid["channels"], *shape), (grid["channels"], *n_zeta)
        self.axes = tuple(range(2, 2 + len(shape)))
        self.sigma = [n // coarse for n, coarse in zip(shape, n_zeta)]
        self.first = [0 if rule == "periodic" else s // 2 for rule, s in zip(boundary, self.sigma)]
        kernel = kernel / kernel.flatten(1).sum(1).view(-1, *(1 for _ in shape))
        half = [k // 2 for k in kernel.shape[1:]]
        # Zeros beyond the ends of axes that are not periodic.
        self.padded = [n if rule == "periodic" else n + h for n, h, rule in zip(shape, half, boundary)]
        padding = [p for n, k in zip(reversed(self.padded), reversed(kernel.shape[1:])) for p in (0, n - k)]
        kernel = nn.functional.pad(kernel, padding).roll([-h for h in half], [axis - 1 for axis in self.axes])
        self.spectrum = torch.fft.rfftn(kernel, dim=[axis - 1 for axis in self.axes])
        self.gain, self.weight = None, float(math.prod(self.sigma))
        if any(rule != "periodic" for rule in boundary):
            ones = {"dtype": kernel.dtype}
            self.gain = self.convolved(torch.ones(1, *self.field, **ones), self.spectrum.conj())
            self.weight = 1 / self.transposed(torch.ones(1, *self.coarse, **ones))

    def convolved(self, x, spectrum):
        x = torch.fft.irfftn(torch.fft.rfftn(x, self.padded, self.axes) * spectrum, self.padded, self.axes)
        return x[(..., *(slice(n) for n in self.field[1:]))]

    def smooth(self, y):
        smoothed = self.convolved(y.reshape(-1, *self.field), self.spectrum.conj())
        return smoothed if self.gain is None else smoothed / self.gain

    def coarse_points(self, fields):
        return fields[(..., *(slice(first, None, s) for first, s in zip(self.first, self.sigma)))]

    def transposed(self, zeta):  # (R S)^T
        spread = zeta.new_zeros(zeta.shape[0], *self.field)
        self.coarse_points(spread).copy_(zeta)
        return self.convolved(spread if self.gain is None else spread / self.gain, self.spectrum)

    def restrict(self, y):
        return self.coarse_points(self.smooth(y)).reshape(*y.shape[:-1], -1)

    def prolong(self, zeta):
        fields = self.transposed(zeta.reshape(-1, *self.coarse)) * self.weight
        return fields.reshape(*zeta.shape[:-1], -1)

    def separate(self, y):
        smoothed = self.smooth(y)
        return self.coarse_points(smoothed).reshape(*y.shape[:-1], -1), y - smoothed.reshape(y.shape)


class ReducedFilter(nn.Module):
    """reduced: a learned mixture of a few Gaussians in reduced coordinates."""

    def __init__(self, n, n_zeta, kernels=3):
        super().__init__()
        self.theta_raw = nn.Parameter(torch.zeros(kernels))
        self.register_buffer("smooth", torch.zeros(kernels, n, n))
        self.register_buffer("restriction", torch.zeros(kernels, n_zeta, n))

    def forward(self):
        theta = torch.softmax(self.theta_raw, 0)
        return MatrixMaps(torch.einsum("k,kij->ij", theta, self.smooth), torch.einsum("k,kij->ij", theta, self.restriction))


class MatrixMaps:
    is_orthogonal = True  # R S D_zeta = 1

    def __init__(self, smooth, restriction):
        self.S, self.RS = smooth, restriction
        self.D = torch.linalg.solve(restriction @ restriction.T, restriction)

    def restrict(self, y):
        return y @ self.RS.T

    def prolong(self, zeta):
        return zeta @ self.D

    def separate(self, y):
        return self.restrict(y), y - y @ self.S.T
