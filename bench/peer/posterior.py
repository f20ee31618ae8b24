"""The amortised Gaussian-process posterior over a window: two matrices for its mean and its derivative in time."""

import torch
from torch import nn
from torch.nn.functional import softplus

from networks import mlp


class Posterior(nn.Module):
    def __init__(self, learned_warp):
        super().__init__()
        self.length_raw, self.amplitude_raw, self.noise_raw = (nn.Parameter(torch.zeros(1)) for _ in range(3))
        self.warp = mlp(1, (128, 128), 1, nn.LeakyReLU) if learned_warp else None

    def warped(self, r):
        return r if self.warp is None else r + self.warp(r[:, None])[:, 0]

    def solved(self, query, nodes):
        """k(query, nodes) (K + noise)^-1 of times in [-1, 1], [Q, W]."""
        W = nodes.shape[0]
        length = softplus(self.length_raw) + 2 / W

        def k(a, b):
            return softplus(self.amplitude_raw) * torch.exp(-0.5 * (a[:, None] - b[None, :]) ** 2 / length**2)

        tau = self.warped(nodes)
        noisy = k(tau, tau) + softplus(self.noise_raw) * torch.eye(W, dtype=nodes.dtype)
        return torch.cholesky_solve(k(tau, self.warped(query)), torch.linalg.cholesky(noisy)).T

    def operators(self, W, dt, dtype):
        """Value and derivative about the window's mean, [W, W] each.

        The derivative of row i depends on query time i alone, so one product with ones holds them all.
        """
        nodes = torch.linspace(-1, 1, W, dtype=dtype)
        value, slope = torch.autograd.functional.jvp(lambda query: self.solved(query, nodes), nodes, torch.ones_like(nodes),
                                                     create_graph=True)
        slope = slope / (0.5 * (W - 1) * dt)
        return value - value.mean(1, keepdim=True) + 1 / W, slope - slope.mean(1, keepdim=True)

    def marginals(self, encoded, log_s, dt):
        """Of mean and log-variance [.., W, d]: both and their derivatives in time."""
        value, derivative = self.operators(encoded.shape[-2], dt, encoded.dtype)
        return value @ encoded, value @ log_s, derivative @ encoded, derivative @ log_s

    def published_marginals(self, encoded, log_s, dt):
        """The same with the paths themselves as functions of time, whose derivatives are Jacobian products."""
        W = encoded.shape[-2]
        nodes = torch.linspace(-1, 1, W, dtype=encoded.dtype)

        def paths(query):
            operator = self.solved(query, nodes)
            return tuple(x.mean(-2, keepdim=True) + operator @ (x - x.mean(-2, keepdim=True)) for x in (encoded, log_s))

        values, slopes = torch.autograd.functional.jvp(paths, nodes, torch.ones_like(nodes), create_graph=True)
        return (*values, *(slope / (0.5 * (W - 1) * dt) for slope in slopes))
