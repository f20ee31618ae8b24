"""Trajectories of kdv_1d and shallow_water_2d, float64, batched: the equations and schemes of src/msde/pde."""

import math

import numpy
import torch


def kdv_initial(A, s, n=1000, length=10.0):
    """[B, n] of amplitudes and widths [B]."""
    x = torch.linspace(0, length, n, dtype=torch.float64)
    return A[:, None] * torch.cos(math.pi * x) * torch.exp(-((x - 7.5) ** 2) / s[:, None] ** 2)


def kdv(u, t_end, n_snapshots, length=10.0, dispersion=0.02, max_step=5e-4):
    """[B, n] -> [B, T, n] by ETDRK4 (Kassam & Trefethen 2005) of the benchmark's central differences."""
    n = u.shape[-1]
    dx = length / n
    spacing = t_end / (n_snapshots - 1)
    steps = max(1, math.ceil(spacing / max_step * (1 - 1e-12)))
    h = spacing / steps
    theta = torch.arange(n // 2 + 1, dtype=torch.float64) * (2 * math.pi / n)

    def shift(m):
        return torch.exp(1j * m * theta)

    L = -dispersion / dx**3 * (shift(2) - 3 * shift(1) + 3 - shift(-1))
    circle = torch.exp(2j * math.pi * (torch.arange(64, dtype=torch.float64) + 0.5) / 64)
    r = h * L[:, None] + circle
    E, E2 = torch.exp(h * L), torch.exp(h * L / 2)
    Q = h * ((torch.exp(r / 2) - 1) / r).mean(1)
    f1 = h * ((-4 - r + torch.exp(r) * (4 - 3 * r + r**2)) / r**3).mean(1)
    f2 = 2 * h * ((2 + r + torch.exp(r) * (r - 2)) / r**3).mean(1)
    f3 = h * ((-4 - 3 * r - r**2 + torch.exp(r) * (4 - r)) / r**3).mean(1)

    def N(v):
        w = torch.fft.irfft(v, n)
        return torch.fft.rfft(-w * (w.roll(-1, -1) - w.roll(1, -1)) / (2 * dx))

    v, path = torch.fft.rfft(u), [u]
    for _ in range(n_snapshots - 1):
        for _ in range(steps):
            Nv = N(v)
            a = E2 * v + Q * Nv
            Na = N(a)
            b = E2 * v + Q * Na
            Nb = N(b)
            c = E2 * a + Q * (2 * Nb - Nv)
            v = E * v + f1 * Nv + f2 * (Na + Nb) + f3 * N(c)
        path.append(torch.fft.irfft(v, n))
    return torch.stack(path, 1)


def dam(radius, n=128, side=5.0):
    """Depth, momenta [B, 3, n, n] of water twice as deep within the radii [B]."""
    x = (torch.arange(n, dtype=torch.float64) + 0.5) * (side / n) - side / 2
    inside = torch.hypot(x[:, None], x)[None] <= radius[:, None, None]
    u = torch.zeros(radius.shape[0], 3, n, n, dtype=torch.float64)
    u[:, 0] = 1 + inside.to(torch.float64)
    return u


def limited(a, b):
    size = torch.minimum(2 * torch.minimum(a.abs(), b.abs()), 0.5 * (a + b).abs())
    return torch.where(a * b > 0, torch.copysign(size, a), torch.zeros_like(a))


def hllc(left, right, normal):
    """Flux [B, 3, ..] through faces; `normal` is the component of the momentum across them, g = 1."""
    hl, hr, ml, mr = left[:, 0], right[:, 0], left[:, normal], right[:, normal]
    ul, ur, cl, cr = ml / hl, mr / hr, hl.sqrt(), hr.sqrt()
    middle = (0.5 * (cl + cr) + 0.25 * (ul - ur)).clamp_min(0) ** 2

    def shock(h):
        return torch.where(middle > h, (0.5 * (middle + h) * middle).sqrt() / h, torch.ones_like(h))

    sl, sr = ul - cl * shock(hl), ur + cr * shock(hr)
    contact = (sl * hr * (ur - sr) - sr * hl * (ul - sl)) / (hr * (ur - sr) - hl * (ul - sl))
    a, b = sl.clamp_max(0), sr.clamp_min(0)

    def hll(flux_l, flux_r, jump):
        return (b * flux_l - a * flux_r + a * b * jump) / (b - a)

    transverse = 3 - normal
    mass = hll(ml, mr, hr - hl)
    force = hll(ml * ul + 0.5 * hl**2, mr * ur + 0.5 * hr**2, mr - ml)
    carried = mass * torch.where(contact > 0, left[:, transverse] / hl, right[:, transverse] / hr)
    return torch.stack((mass, force, carried) if normal == 1 else (mass, carried, force), 1)


def shallow_water_rate(u, spacing):
    """MUSCL with the monotonised-central limiter and HLLC; everything leaves. [B, 3, n, n]."""
    rate = torch.zeros_like(u)
    for axis in (2, 3):
        n = u.shape[axis]
        ends = (u.narrow(axis, i, 1).repeat_interleave(2, axis) for i in (0, n - 1))
        p = torch.cat((next(ends), u, next(ends)), axis)
        d = p.diff(dim=axis)
        half = 0.5 * limited(d.narrow(axis, 0, n + 2), d.narrow(axis, 1, n + 2))  # of cells 1 .. n + 2
        left = p.narrow(axis, 1, n + 1) + half.narrow(axis, 0, n + 1)
        right = p.narrow(axis, 2, n + 1) - half.narrow(axis, 1, n + 1)
        rate -= hllc(left, right, axis - 1).diff(dim=axis) / spacing
    return rate


def shallow_water(u, t_end, n_snapshots, side=5.0):
    """Depth - 1 of [B, 3, n, n], [B, T, n, n], by Heun steps as long as each trajectory's stability allows."""
    spacing, dt = side / u.shape[-1], t_end / (n_snapshots - 1)
    path = [u[:, 0]]
    for _ in range(n_snapshots - 1):
        left = torch.full((u.shape[0],), dt, dtype=u.dtype)
        while left.max() > 0:
            speed = ((u[:, 1:] / u[:, :1]).abs() + u[:, :1].sqrt()).sum(1).amax((1, 2))
            step = left / (left * speed / (0.45 * spacing) * (1 - 1e-12)).ceil().clamp_min(1)
            h = step[:, None, None, None]
            predicted = u + h * shallow_water_rate(u, spacing)
            u = 0.5 * (u + predicted + h * shallow_water_rate(predicted, spacing))
            left = torch.where(left - step < 1e-12 * dt, torch.zeros_like(left), left - step)
        path.append(u[:, 0])
    return torch.stack(path, 1) - 1


def draw(case, count, seed):
    """First states of `count` trajectories."""
    generator = numpy.random.default_rng(seed)
    if case == "kdv_1d":
        return kdv_initial(torch.from_numpy(generator.normal(2, 0.1, count)), torch.from_numpy(generator.normal(1, 0.1, count)))
    return dam(torch.from_numpy(generator.uniform(0.3, 0.7, count)))


def simulated(case, first, t_end, n_snapshots):
    """Clean fields [B, T, 1, *grid]."""
    solve = kdv if case == "kdv_1d" else shallow_water
    return solve(first, t_end, n_snapshots).unsqueeze(2)
