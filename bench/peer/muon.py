"""Muon (Jordan et al. 2024) for weight matrices; everything else is Adam's."""

import torch


def is_matrix(w):
    return w.dim() >= 2 and min(w.shape[0], w.flatten(1).shape[1]) > 1


def orthogonalised(G):
    """Newton-Schulz iteration towards U V^T of G = U S V^T."""
    X = G.T if G.shape[0] > G.shape[1] else G
    X = X / (X.norm() + 1e-12)
    for _ in range(5):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
    return X.T if G.shape[0] > G.shape[1] else X


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr, momentum=0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                momentum = self.state[w].setdefault("momentum", torch.zeros_like(w))
                momentum.lerp_(w.grad, 1 - group["momentum"])
                update = orthogonalised(w.grad.lerp(momentum, group["momentum"]).flatten(1))
                w.sub_(update.view_as(w), alpha=group["lr"] * 0.2 * max(update.shape) ** 0.5)


def optimisers(model, lr_matrices, lr_others):
    parameters = list(model.parameters())
    return (Muon([w for w in parameters if is_matrix(w)], lr_matrices),
            torch.optim.Adam([w for w in parameters if not is_matrix(w)], lr_others, betas=(0.9, 0.99)))
