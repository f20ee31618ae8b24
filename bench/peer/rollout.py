"""Free-running roll-outs by RK4 and their relative error (docs/method.md section 7)."""

import torch


def forcing_at(f, position):
    """f [B, K, n_f] at a fractional snapshot, linear in between."""
    last = f.shape[1] - 1
    k = min(int(position), last)
    return torch.lerp(f[:, k], f[:, min(k + 1, last)], position - k)


def rk4_step(rate, s, h, z):
    """From step s to s + 1 of length h; rate(s, z)."""
    k1 = rate(s, z)
    k2 = rate(s + 0.5, z + 0.5 * h * k1)
    k3 = rate(s + 0.5, z + 0.5 * h * k2)
    k4 = rate(s + 1, z + h * k3)
    return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def roll_out(model, z, batch, frames, snapshots_per_frame, dt, substeps):
    """z(t_k) of `frames` frames dt apart, [B, frames, n_z]."""
    h = dt / substeps
    t0 = batch["t"][:, :1]

    def rate(step, state):
        return model.drift(state, t0 + step * h, batch["mu"], forcing_at(batch["f"], step / substeps * snapshots_per_frame))

    path = [z]
    for step in range((frames - 1) * substeps):
        z = rk4_step(rate, step, h, z)
        if (step + 1) % substeps == 0:
            path.append(z)
    return torch.stack(path, 1)


def relative_square_error(model, z, batch, maps):
    """Per frame, [B, K]; frames of almost no energy count by the mean of the others."""
    error = (model.decode(z, maps) - batch["a"]).square().sum(-1) + batch["off_norm2"]
    norm2 = batch["a"].square().sum(-1) + batch["off_norm2"]
    return error / torch.maximum(norm2, 1e-6 * norm2.mean())
