"""The multiscale model of both presets as plain PyTorch modules (mathematics: docs/method.md)."""

import math

import torch
from torch import nn
from torch.nn.functional import softplus

from filters import KernelFilter, ReducedFilter
from networks import ConvDecoder, ConvEncoder, mlp, positions_of, stencil
from posterior import Posterior


def constants(module, **shapes):
    for name, shape in shapes.items():
        module.register_buffer(name, torch.ones(shape))


class Coordinates(nn.Module):
    """The fine grid itself, or an orthonormal basis [n_y, n] of a part of it."""

    def __init__(self, n_y, n_reduced):
        super().__init__()
        self.register_buffer("basis", torch.zeros(n_y, n_reduced) if n_reduced else None)

    def project(self, fields):
        if self.basis is None:
            return fields, fields.new_zeros(fields.shape[:-1])
        a = fields @ self.basis
        return a, (fields - a @ self.basis.T).square().sum(-1)

    def expand(self, a):
        return a if self.basis is None else a @ self.basis.T


class Encoder(nn.Module):
    def __init__(self, spec, n, n_zeta):
        super().__init__()
        o = spec["options"]
        if o["preset"] == "paper":
            self.conv = ConvEncoder(spec["grid"], o["n_eta"])
        else:
            self.dense = mlp(n, o["encoder_hidden"], o["n_eta"], nn.SiLU)
        self.variance_raw = nn.Parameter(torch.zeros(n_zeta + o["n_eta"]))
        constants(self, zeta_mean=n_zeta, zeta_std=n_zeta, residual_scale=1)

    def forward(self, a, maps):
        zeta, residual = maps.separate(a)
        net = self.dense if hasattr(self, "dense") else self.conv
        eta = net((residual / self.residual_scale).flatten(0, -2)).view(*a.shape[:-1], -1)
        return torch.cat(((zeta - self.zeta_mean) / self.zeta_std, eta), -1)

    def log_variance(self):
        return softplus(self.variance_raw).log()


class LocalDecoder(nn.Module):
    """A network shared by all coarse cells gives coefficients of local modes."""

    def __init__(self, spec, n, n_zeta):
        super().__init__()
        o, grid = spec["options"], spec["grid"]
        self.register_buffer("index", stencil(o["n_zeta"], grid["channels"], grid["boundary"], o["stencil_radius"]))
        self.register_buffer("positions", positions_of(spec))
        cells, taps = self.index.shape
        self.net = mlp(taps + self.positions.shape[1] + o["n_eta"], o["local_hidden"], o["local_modes"], nn.SiLU)
        constants(self, modes=(cells * o["local_modes"], n), scale=1)

    def forward(self, zeta, eta):
        neighbours = zeta.index_select(-1, self.index.flatten()).view(-1, *self.index.shape)
        where = self.positions.expand(len(zeta), -1, -1)
        inputs = torch.cat((neighbours, where, eta[:, None].expand(-1, self.index.shape[0], -1)), -1)
        return (self.net(inputs) * self.scale).flatten(1) @ self.modes


class Decoder(nn.Module):
    def __init__(self, spec, n, n_zeta):
        super().__init__()
        o = spec["options"]
        self.n_zeta, self.sees_zeta = n_zeta, o["micro_decoder"] == "eta_zeta"
        inputs = o["n_eta"] + (n_zeta if self.sees_zeta else 0)
        paper = o["preset"] == "paper"
        if paper:
            self.conv = ConvDecoder(spec["grid"], inputs)
        else:
            self.dense = mlp(inputs, o["decoder_hidden"], n, nn.SiLU)
        self.local = LocalDecoder(spec, n, n_zeta) if o["local_modes"] > 0 else None
        self.macro_variance_raw = nn.Parameter(torch.zeros(n if paper else 1))
        self.micro_variance_raw = nn.Parameter(torch.zeros(n if paper else 1))
        constants(self, micro_scale=1)

    def variances(self):
        return softplus(self.macro_variance_raw), softplus(self.micro_variance_raw)

    def experts(self, z, maps, units):
        """Macro and micro mean, [.., n] each."""
        macro = maps.prolong(z[..., : self.n_zeta] * units.zeta_std + units.zeta_mean)
        rows = z.flatten(0, -2)
        net = self.dense if hasattr(self, "dense") else self.conv
        micro = net(rows if self.sees_zeta else rows[:, self.n_zeta :]) * self.micro_scale
        if self.local is not None:
            micro = micro + self.local(rows[:, : self.n_zeta], rows[:, self.n_zeta :])
        micro = micro.view(macro.shape)
        return macro, micro - maps.prolong(maps.restrict(micro)) if maps.is_orthogonal else micro

    def forward(self, z, maps, units):
        macro, micro = self.experts(z, maps, units)
        macro_variance, micro_variance = self.variances()
        return macro + macro_variance / (macro_variance + micro_variance) * micro


class Drift(nn.Module):
    def __init__(self, spec, n_zeta):
        super().__init__()
        o, grid = spec["options"], spec["grid"]
        self.register_buffer("index", stencil(o["n_zeta"], grid["channels"], grid["boundary"], o["stencil_radius"]))
        self.register_buffer("positions", positions_of(spec))
        n_eta, extra, channels = o["n_eta"], spec["n_mu"] + spec["n_f"], grid["channels"]
        self.n_zeta, self.with_time = n_zeta, o["micro_time"] == "on"
        paper = o["preset"] == "paper"
        of_macro = nn.LeakyReLU if paper else nn.SiLU
        of_micro = nn.SiLU if not paper else nn.ReLU if len(grid["shape"]) == 1 else nn.LeakyReLU
        n_psi = n_eta if o["psi"] == "linear" else n_zeta
        self.macro = mlp(self.index.shape[1] + self.positions.shape[1] + n_eta + extra, o["macro_drift_hidden"], channels, of_macro)
        self.micro = mlp(self.with_time + n_psi + n_eta + extra, o["micro_drift_hidden"], n_eta, of_micro)
        self.phi = mlp(n_eta, (128, 128), n_eta, of_macro) if o["phi"] == "mlp" else nn.Identity()
        self.psi = {"identity": nn.Identity, "linear": lambda: mlp(n_zeta, (), n_eta, of_micro),
                    "mlp": lambda: mlp(n_zeta, (128, 128), n_zeta, of_micro)}[o["psi"]]()
        constants(self, rate=1, t_middle=1, t_half=1, mu_mean=spec["n_mu"], mu_std=spec["n_mu"], f_mean=spec["n_f"],
                  f_std=spec["n_f"])

    def forward(self, z, t, mu, f):
        """z [.., n_z], t [.., 1], mu [.., n_mu], f [.., n_f] -> dz/dt."""
        zeta, eta = z[..., : self.n_zeta], z[..., self.n_zeta :]
        mu, f = (mu - self.mu_mean) / self.mu_std, (f - self.f_mean) / self.f_std
        cells, taps = self.index.shape
        neighbours = zeta.index_select(-1, self.index.flatten()).view(*zeta.shape[:-1], cells, taps)
        shared = torch.cat((self.phi(eta), mu, f), -1).unsqueeze(-2)
        where = self.positions.expand(*neighbours.shape[:-1], -1)
        d_zeta = self.macro(torch.cat((neighbours, where, shared.expand(*shared.shape[:-2], cells, -1)), -1))
        state = ([(t - self.t_middle) / self.t_half] if self.with_time else []) + [self.psi(zeta), eta, mu, f]
        d_eta = self.micro(torch.cat(state, -1))
        return torch.cat((d_zeta.transpose(-1, -2).flatten(-2), d_eta), -1) * self.rate


class Dispersion(nn.Module):
    def __init__(self, n_z, linear):
        super().__init__()
        self.raw = nn.Parameter(torch.zeros(n_z))
        self.slope = nn.Parameter(torch.zeros(n_z)) if linear else None
        constants(self, scale=n_z, t_middle=1, t_half=1)

    def forward(self, t):
        raw = self.raw if self.slope is None else self.raw + self.slope * (t - self.t_middle) / self.t_half
        return softplus(raw) * self.scale


class Model(nn.Module):
    """`spec` is msde's model.json; parts have its names."""

    def __init__(self, spec):
        super().__init__()
        o, grid = spec["options"], spec["grid"]
        self.spec, self.n_y = spec, grid["channels"] * math.prod(grid["shape"])
        n = spec["n_reduced"] or self.n_y
        self.n_zeta = grid["channels"] * math.prod(o["n_zeta"])
        self.n_z = self.n_zeta + o["n_eta"]
        self.coordinates = Coordinates(self.n_y, spec["n_reduced"])
        self.filter = ReducedFilter(n, self.n_zeta) if spec["n_reduced"] else KernelFilter(grid, o["n_zeta"], o["n_sigma"])
        self.encoder = Encoder(spec, n, self.n_zeta)
        self.decoder = Decoder(spec, n, self.n_zeta)
        self.drift = Drift(spec, self.n_zeta)
        self.dispersion = Dispersion(self.n_z, o["dispersion"] == "linear")
        self.posterior = Posterior(learned_warp=o["preset"] == "paper" and len(grid["shape"]) == 1)
        self.initial_mean = nn.Parameter(torch.zeros(self.n_z))
        self.initial_raw = nn.Parameter(torch.zeros(self.n_z))
        constants(self, integration_step=1, observation_variance=self.n_y, initial_scale=1)

    def encode(self, a, maps):
        return self.encoder(a, maps)

    def decode(self, z, maps):
        return self.decoder(z, maps, self.encoder)
