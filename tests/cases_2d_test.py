"""The two-dimensional cases against programs that share nothing with msde: NumPy's own generator and plain loops."""

import h5py
import numpy

import program
from program import ProgramTest


def burgers_rate(u, viscosity=0.005):
    h = 1 / (u.shape[0] - 1)
    du = numpy.zeros_like(u)
    c = u[1:-1, 1:-1]
    slopes = (u[2:, 1:-1] - u[:-2, 1:-1] + u[1:-1, 2:] - u[1:-1, :-2]) / (2 * h)
    laplacian = (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * c) / h**2
    du[1:-1, 1:-1] = viscosity * laplacian - c * slopes
    return du


class Burgers(ProgramTest):
    def test_is_the_published_scheme(self):
        self.msde("generate", "burgers_2d", "-o", "b.h5", "--set", "n_train=1", "--set", "n_val=1", "--set", "n_test=1",
                  "--set", "n_steps=11", "--set", "noise_std=0")  # 100 steps of .001 between snapshots
        with h5py.File(self.path("b.h5")) as file:
            self.assertEqual(file.attrs["boundary"], "wall,wall")
            self.assertEqual(file.attrs["axes"], "x,y")
            numpy.testing.assert_allclose(file.attrs["spacing"], [1 / 127] * 2)
            x = file["train_x"][0, :, 0].astype(numpy.float64)
        grid = numpy.linspace(0, 1, 128)
        # Height and width of the first hump follow from its values on the grid.
        distance = (grid[:, None] - 0.3) ** 2 + (grid[None, :] - 0.3) ** 2
        slope, height = numpy.polyfit(distance.ravel(), numpy.log(x[0].ravel()), 1)
        u = numpy.exp(height) * numpy.exp(slope * distance)
        numpy.testing.assert_allclose(u, x[0], atol=1e-6)
        self.assertLess(abs(numpy.sqrt(-1 / slope) - 0.2), 0.05)
        for step in range(1, 1001):
            k1 = burgers_rate(u)
            u = u + 0.0005 * (k1 + burgers_rate(u + 0.001 * k1))
            if step % 100 == 0:
                numpy.testing.assert_allclose(x[step // 100], u, atol=5e-6)
        self.assertGreater(numpy.abs(x[-1] - x[0]).max(), 0.3)


class ShallowWater(ProgramTest):
    def test_dams_are_those_of_pdebench(self):
        self.msde("generate", "shallow_water_2d", "-o", "s.h5", "--set", "n_train=3", "--set", "n_val=2", "--set",
                  "n_test=2", "--set", "n_steps=3", "--set", "noise_std=0.01")
        centres = (numpy.arange(128) + 0.5) * 5 / 128 - 2.5
        r = numpy.hypot(centres[:, None], centres[None, :])
        with h5py.File(self.path("s.h5")) as file:
            numpy.testing.assert_allclose(file.attrs["origin"], [centres[0]] * 2)
            self.assertEqual(file.attrs["boundary"], "open,open")
            for split, first in (("train", 0), ("val", 900), ("test", 950)):
                clean, noisy = file[f"{split}_x_clean"][:], file[f"{split}_x"][:]
                self.assertAlmostEqual((noisy - clean).std(), 0.01, places=4)
                for i in range(clean.shape[0]):
                    radius = numpy.random.default_rng(first + i).uniform(0.3, 0.7)
                    numpy.testing.assert_array_equal(clean[i, 0, 0], (r <= radius).astype(numpy.float32))
                    mass = clean[i, :, 0].astype(numpy.float64).sum(axis=(1, 2))
                    numpy.testing.assert_allclose(mass, mass[0], rtol=1e-5)  # of float32 values


if __name__ == "__main__":
    program.main()
