"""The evidence lower bound without a solver, in nats per window (docs/method.md sections 3, 5 and 6)."""

import math

import torch
from torch.nn.functional import softplus


def log_likelihood(model, a, off_norm2, macro, micro):
    """The terms of log p(a | z) of the product of experts, summed over the window and averaged over the batch."""
    macro_variance, micro_variance = model.decoder.variances()
    precision = 1 / macro_variance + 1 / micro_variance
    residual, pull = a - macro, micro / micro_variance
    terms = {
        "macro_residual": -0.5 * ((residual**2 * precision).sum(-1) + off_norm2 * precision.mean()),
        "micro_correlation": (residual * pull).sum(-1),
        "micro_norm": -0.5 * (pull**2 / precision).sum(-1),
    }
    terms = {name: term.sum(-1).mean() for name, term in terms.items()}
    W = a.shape[1]
    terms["log_determinant"] = 0.5 * W * model.n_y / precision.numel() * precision.log().sum()
    terms["constant"] = -0.5 * W * model.n_y * math.log(2 * math.pi)
    return terms


def elbo(model, batch, likelihood_noise, drift_noise, published=False):
    """batch: inputs, a [B, W, n], off_norm2, t [B, W], mu [B, n_mu], f [B, W, n_f]. Returns the terms by name."""
    B, W, _ = batch["a"].shape
    dt = model.spec["dt"]
    maps = model.filter()
    encoded = model.encode(batch["inputs"], maps)
    log_s = model.encoder.log_variance().expand(W, -1)
    marginals = model.posterior.published_marginals if published else model.posterior.marginals
    m, log_var, dm, dlog_var = marginals(encoded, log_s, dt)
    var = log_var.exp()
    std = var.sqrt()

    macro, micro = model.decoder.experts(m + std * likelihood_noise, maps, model.encoder)
    terms = log_likelihood(model, batch["a"], batch["off_norm2"], macro, micro)

    z, t = m + std * drift_noise, batch["t"].unsqueeze(-1)
    drift = model.drift(z, t, batch["mu"][:, None].expand(B, W, -1), batch["f"])
    L2 = model.dispersion(t) ** 2
    r = 0.5 * (L2 / var - dlog_var) * (m - z) + dm - drift
    terms["drift_residual"] = dt * (W - 1) * (0.5 * r**2 / L2).sum(-1).mean(-1).mean()

    prior = softplus(model.initial_raw)
    ratio = var[0] / prior
    terms["kl_initial"] = 0.5 * (ratio + (m[:, 0] - model.initial_mean) ** 2 / prior - 1 - ratio.log()).sum(-1).mean()
    terms["elbo"] = (sum(terms[name] for name in ("macro_residual", "micro_correlation", "micro_norm", "log_determinant", "constant"))
                     - terms["drift_residual"] - terms["kl_initial"])
    return terms
