"""The floating-point operations that each piece of work of bench/run needs, from the sizes of the networks: the numerator of mfu.

Only sums of products count: n inputs to m outputs are 2 n m operations forward, 2 n m more for the gradient of the weights and
2 n m more for that of the inputs, each only where training asks for it. Activations, element-wise work and noise count nothing. What
may be computed in several ways counts as the cheapest known one: a filter is a product of Fourier transforms, not the sum over
its taps nor a product with its matrix; a layer that many rows enter with one common part sees that part once.
"""

import math

FORWARD, AND_WEIGHTS, AND_BOTH = 1, 2, 3  # forward; with the gradient of weights or of inputs; with both


def product(rows, inputs, outputs):
    return 2.0 * rows * inputs * outputs


def mlp(rows, inputs, hidden, outputs, shared=0, shared_rows=0):
    """Forward. `shared` of the inputs are common to rows / shared_rows rows each."""
    sizes = [*hidden, outputs]
    total = product(rows, inputs - shared, sizes[0]) + product(shared_rows, shared, sizes[0])
    return total + sum(product(rows, a, b) for a, b in zip(sizes, sizes[1:]))


class Sizes:
    def __init__(self, spec):
        o, grid = spec["options"], spec["grid"]
        self.spec, self.o, self.grid = spec, o, grid
        self.axes, self.channels, self.points = len(grid["shape"]), grid["channels"], math.prod(grid["shape"])
        self.n_y, self.paper = self.channels * self.points, o["preset"] == "paper"
        self.n = spec["n_reduced"] or self.n_y
        self.cells, self.n_eta = math.prod(o["n_zeta"]), o["n_eta"]
        self.n_zeta = self.channels * self.cells
        self.n_z, self.taps = self.n_zeta + self.n_eta, self.channels * (2 * o["stencil_radius"] + 1) ** self.axes
        self.extra = spec["n_mu"] + spec["n_f"]

    # --- parts, operations forward per row (snapshot or latent state)

    def convolutions(self, taps):
        """Three layers of stride 2 between the fine grid and its eighth."""
        widths = {1: (4, 16, 64), 2: (64, 32, 16), 3: (16, 16, 16)}[self.axes]
        total, points, before = 0, self.points, self.channels
        for width in widths:
            points /= 2**self.axes
            total += product(points, before * taps**self.axes, width)
            before = width
        return total, before * points  # and the values of the coarsest layer

    def fourier_filter(self):
        """Transform, product, transform back, of a real field (2.5 N log2 N each), with zeros beyond ends that are not periodic."""
        half = [0 if rule == "periodic" else self.o["n_sigma"] * n // coarse
                for n, coarse, rule in zip(self.grid["shape"], self.o["n_zeta"], self.grid["boundary"])]
        N = math.prod(n + h for n, h in zip(self.grid["shape"], half))
        return self.channels * (5 * N * math.log2(N) + 3 * N)

    def encoder_net(self):
        if self.paper:
            total, coarsest = self.convolutions({1: 25, 2: 9, 3: 5}[self.axes])
            return total + product(1, coarsest, self.n_eta)
        return mlp(1, self.n, self.o["encoder_hidden"], self.n_eta)

    def decoder_net(self):
        inputs = self.n_eta + (self.n_zeta if self.o["micro_decoder"] == "eta_zeta" else 0)
        if self.paper:
            total, coarsest = self.convolutions({1: 9, 2: 9, 3: 5}[self.axes])
            return total + product(1, inputs, coarsest)
        return mlp(1, inputs, self.o["decoder_hidden"], self.n)

    def local_net(self):
        q = self.o["local_modes"]
        return mlp(self.cells, self.taps + self.n_eta, self.o["local_hidden"], q, self.n_eta, 1) if q else 0

    def local_modes(self):
        return product(1, self.cells * self.o["local_modes"], self.n)

    def drift(self):
        shared = self.n_eta + self.extra
        macro = mlp(self.cells, self.taps + shared, self.o["macro_drift_hidden"], self.channels, shared, 1)
        n_psi, psi = self.n_zeta, 0
        if self.o["psi"] == "linear":
            n_psi, psi = self.n_eta, product(1, self.n_zeta, self.n_eta)
        elif self.o["psi"] == "mlp":
            psi = mlp(1, self.n_zeta, (128, 128), self.n_zeta)
        phi = mlp(1, self.n_eta, (128, 128), self.n_eta) if self.o["phi"] == "mlp" else 0
        inputs = (self.o["micro_time"] == "on") + n_psi + shared
        return macro + phi + psi + mlp(1, inputs, self.o["micro_drift_hidden"], self.n_eta)

    # --- one way through, per row; `passes` is 1 forward alone, 3 with gradients

    def encode(self, passes):
        """Maps of data, which need no gradient: one pass fewer where there are gradients."""
        of_maps = min(passes, AND_WEIGHTS)
        maps = self.fourier_filter() if self.paper else product(1, self.n, self.n_zeta) + product(1, self.n, self.n)
        return of_maps * maps + passes * self.encoder_net()

    def decode(self, passes):
        if self.paper:  # prolongation by a filter
            return passes * (self.fourier_filter() + self.decoder_net())
        prolong = product(1, self.n_zeta, self.n)
        projections = 2 * prolong  # of the micro part: restriction and prolongation
        return passes * (prolong + projections + self.decoder_net() + self.local_net()) + min(passes, AND_WEIGHTS) * self.local_modes()

    def maps(self, passes):
        """Once per step: the mixture of filters (its gradient is one more product with each) and the dual of R S."""
        if self.paper:
            return passes * self.fourier_filter()
        kernels, m = 3, self.n_zeta
        mixture = product(kernels, self.n, self.n) + product(kernels, self.n, m)
        return min(passes, AND_WEIGHTS) * mixture + passes * (2 * product(m, m, self.n) + 2 / 3 * m**3)

    def posterior(self, W):
        """Once per step: Cholesky factor and solution for two right-hand sides of W, with gradients; the warp is negligible."""
        return AND_BOTH * (W**3 / 3 + 2 * 2 * W**3)


def train_step(spec, windows, W):
    s = Sizes(spec)
    smoothing = AND_BOTH * 2 * product(W, W, s.n_z)  # value and derivative of every window
    per_window = W * (s.encode(AND_BOTH) + s.decode(AND_BOTH) + AND_BOTH * s.drift()) + smoothing
    return windows * per_window + s.maps(AND_BOTH) + s.posterior(W)


def rollout_step(spec, trajectories, rk4_steps):
    s = Sizes(spec)
    drifts = 4 * rk4_steps * AND_BOTH * s.drift()
    return trajectories * (s.encode(AND_BOTH) + drifts + (rk4_steps + 1) * s.decode(AND_BOTH)) + s.maps(AND_BOTH)


def expanded(s):
    return 0 if s.paper else product(1, s.n, s.n_y)


def predict(spec, members, steps):
    """The point prediction by RK4 and the members by a scheme of two drifts a step, every frame decoded."""
    s = Sizes(spec)
    drifts = steps * (4 + 2 * members) * s.drift()
    frames = (steps + 1) * (1 + members) * (s.decode(FORWARD) + expanded(s))
    return drifts + frames + expanded(s) + s.encode(FORWARD) + s.maps(FORWARD)


def project(spec, snapshots):
    """Coordinates, and the field that they give, for what is left of it."""
    return 2 * snapshots * expanded(Sizes(spec))
