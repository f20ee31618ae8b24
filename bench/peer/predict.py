"""A forecast from one first snapshot: the mean dynamics by RK4 and an ensemble by a stochastic Runge-Kutta scheme."""

import torch

from rollout import forcing_at, rk4_step

ROWS = 4096  # latent states decoded at a time


def decoded(model, z, maps):
    """[.., n_z] -> [.., n_y]."""
    rows = z.flatten(0, -2)
    fields = torch.empty(rows.shape[0], model.n_y, dtype=z.dtype)
    for start in range(0, rows.shape[0], ROWS):
        fields[start : start + ROWS] = model.coordinates.expand(model.decode(rows[start : start + ROWS], maps))
    return fields.view(*z.shape[:-1], -1)


def brownian(n_steps, shape, h, dtype):
    """Draws dW = W(h) and dZ, the integral of W, step by step."""
    for _ in range(n_steps):
        u, v = torch.randn(2, *shape, dtype=dtype)
        yield h**0.5 * u, h**1.5 / 2 * (u + v / 3**0.5)


@torch.inference_mode()
def forecast(model, first, mu, forcing, start_noise, noise):
    """Point [T, n_y] and members [M, T, n_y] of one trajectory, `noise` an iterable of (dW, dZ), one pair per step."""
    maps = model.filter()
    h = model.spec["dt"]
    n_steps = forcing.shape[1] - 1
    z0 = model.encode(model.coordinates.project(first)[0], maps)  # [1, n_z]

    def rate(step, z):
        lead = z.shape[:-1]
        f = forcing_at(forcing, min(step, n_steps))
        return model.drift(z, torch.full((*lead, 1), step * h, dtype=z.dtype), mu.expand(*lead, -1), f.expand(*lead, -1))

    z, path = z0, [z0]
    for step in range(n_steps):
        z = rk4_step(rate, step, h, z)
        path.append(z)
    point = decoded(model, torch.cat(path), maps)

    # What the members' integrator makes of the drift alone, less the point path.
    quiet, own = z0, [z0]
    for step in range(n_steps):
        f0 = rate(step, quiet)
        quiet = quiet + h * (f0 / 3 + 2 / 3 * rate(step + 0.75, quiet + 0.75 * h * f0))
        own.append(quiet)
    error = torch.cat(own) - torch.cat(path)

    spread = model.initial_scale * (0.5 * model.encoder.log_variance()).exp()
    z = z0 + spread * start_noise  # [M, n_z]
    paths = [z]
    for step, (dW, dZ) in zip(range(n_steps), noise):  # SRA1 of Roessler (2010)
        L0, L1 = (model.dispersion(torch.full((1,), s * h, dtype=z.dtype)) for s in (step, step + 1))
        f0 = rate(step, z)
        f1 = rate(step + 0.75, z + 0.75 * h * f0 + 1.5 / h * L1 * dZ)
        z = z + h * (f0 / 3 + 2 / 3 * f1) + L1 * dW + (L0 - L1) / h * dZ
        paths.append(z)
    members = torch.stack(paths, 1)
    departure = (members - torch.cat(own))[..., : model.encoder.zeta_mean.numel()].square().mean(-1, keepdim=True)
    return point, decoded(model, members - (1 - departure).clamp(min=0) * error, maps)
