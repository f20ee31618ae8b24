#!/usr/bin/env python3
"""Makes the corpora of the fuzzing harnesses anew: tests/fuzz/make_corpora.py

Files as other programs write them (NumPy, netCDF4, Python's json and struct; VTK's images by tests/vtk_files.py), and for the harness hdf5 programs of hdf5_program.hpp.
The same bytes every time.
"""

import io
import json
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import netCDF4
import numpy

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import vtk_files  # beside the tests
CONFIGS = HERE.parent.parent / "configs"


def toml():
    for path in sorted(CONFIGS.glob("*.toml")):
        yield path.stem, path.read_bytes()
    yield "types", b'[data]\nsplit = [900, 50, 50]\nsubtract = 1\nnoise = 1e-2\ncrop = "x=0:64,y=10:20"\nboundary = "open,wall:open"\n' \
                   b'memory = "1GiB"\n[data.generate]\nseed = 7\n[model]\nn_zeta = 16\nencoder_hidden = []\n[checkpoint]\nevery = "1.5h"\n'
    yield "inline", b'train = {lr = 1e-3, max_steps = 10}\nmodel = {n_zeta = [4, 4], preset = "paper"}\n"eval".members = 0\n'
    yield "strange", '# Wärme\ncase.name = """two\nlines"""\ndata.path = \'C:\\a\\b\'\ndata.split_time = "t=12.5,15"\nx = 1979-05-27T07:32:00Z\n'.encode()
    yield "numbers", b"[train]\nlr = +inf\nseed = 0xff\nmax_steps = 1_000\nbeta = nan\n[log]\nevery = 1e9\n"
    for number, text in enumerate(("train.lr=1e-3", "data.path=2024", "model.n_zeta=[4,4]", "checkpoint.every=10m", "data.crop=x=1:2",
                                   "eval.start_every = 5", "data.channel_weights=[1, 2.5]", "a.b.c.d=1", "=", "train.lr=[[[[")):
        yield f"set_{number}", b"\0" + text.encode()


def npy():
    wave = numpy.sin(.1 * numpy.arange(2 * 4 * 8)).reshape(2, 4, 1, 8)
    for dtype in ("<f4", "<f8", "<i4", "<i8", ">f4", "<f2", "<u1", "<c16", "<U3", "|b1"):
        yield "type_" + dtype[1:], saved(wave.astype(dtype))
    yield "fortran", saved(numpy.asfortranarray(wave[:, :, 0].astype("f4")))
    for version in ((2, 0), (3, 0)):
        buffer = io.BytesIO()
        numpy.lib.format.write_array(buffer, wave[0].astype("f4"), version)
        yield f"version_{version[0]}", buffer.getvalue()
    for shape in ((), (0,), (1,), (3, 0, 2), (1,) * 20):
        yield "shape_" + "x".join(map(str, shape)), saved(numpy.zeros(shape, "f4"))
    yield "structured", saved(numpy.zeros(2, [("a", "f4"), ("b", "i8")]))
    yield "not_finite", saved(numpy.array([[numpy.nan, numpy.inf], [-numpy.inf, 1e300]]))


def saved(array):
    buffer = io.BytesIO()
    numpy.save(buffer, array)
    return buffer.getvalue()


def tensors(arrays, metadata):
    header, body = {"__metadata__": metadata} if metadata else {}, b""
    for name, array in arrays.items():
        kind = {"f4": "F32", "f8": "F64", "i8": "I64", "u1": "U8"}[array.dtype.str[1:]]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(body), len(body) + array.nbytes]}
        body += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def safetensors():
    weights = {"encoder.weight": numpy.ones((3, 4), "f4"), "drift.rate": numpy.array([.5]), "index": numpy.arange(5, dtype="i8"),
               "nothing": numpy.zeros((0, 7), "f4"), "scalar": numpy.float32(3).reshape(())}
    yield "plain", tensors(weights, {})
    yield "with_metadata", tensors(weights, {"format": "msde 2", "spec": json.dumps(description())})
    yield "checkpoint", tensors({"model.a": numpy.ones(2, "f4"), "train.first": numpy.zeros(2, "f4")},
                                {"fingerprint": "0", "progress": json.dumps({"stage": 1, "step": 3, "seconds": 1.5})})
    yield "empty", tensors({}, {})
    yield "bytes", tensors({"b": numpy.arange(9, dtype="u1")}, {"x": "\u00e4"})


def description(axes=1, **changes):
    """As docs/formats.md has it."""
    spec = {"schema": 2, "case": "kdv_1d", "n_reduced": 6, "n_mu": 1, "n_f": 0, "dt": .01, "t_begin": 0., "t_end": 1., "noise_std": .02,
            "grid": {"channels": 1, "shape": [32, 16][:axes], "length": [1., .5][:axes], "boundary": ["periodic", "wall:open"][:axes],
                     "origin": [], "spacing": [], "axes": ["x", "y"][:axes]},
            "seen": {"mu": [[.02, .03]], "f": []},
            "options": {"preset": "reduced", "n_zeta": [8, 4][:axes], "n_eta": 2, "n_sigma": 2, "local_modes": 0, "rank": 0, "max_rank": 20,
                        "encoder_hidden": [8], "decoder_hidden": [8], "macro_drift_hidden": [8], "micro_drift_hidden": [8]},
            "units": {"centre": [.1], "scale": [2.], "time_origin": 0., "time_scale": .1, "noise": [.01], "constant": [False]}}
    spec.update(changes)
    return spec


def model():
    yield "line", json.dumps(description()).encode()
    yield "plane", json.dumps(description(2), indent=1).encode()
    old = description(schema=1)
    del old["units"], old["seen"]
    yield "schema_1", json.dumps(old).encode()
    paper = description(n_reduced=0)
    paper["options"] = {"preset": "paper", "n_zeta": [8], "n_eta": 2, "macro_drift_hidden": [8], "micro_drift_hidden": [8]}
    yield "paper", json.dumps(paper).encode()
    symmetric = description(2)
    symmetric["grid"].update(shape=[16, 16], boundary=["open", "periodic"], symmetry=["reflect y", "reflect x at 0"])
    yield "symmetric", json.dumps(symmetric).encode()
    symmetric["grid"].update(boundary=["wall", "wall"], symmetry=["swap y x reflect y"], mask=[0, 1, 14, 1, 224, 1, 14, 1])
    symmetric["options"]["n_zeta"] = [4, 4]
    yield "symmetric_mask", json.dumps(symmetric).encode()
    framed = description(frame_period=[31])
    framed["options"]["frame"] = "start"
    yield "framed", json.dumps(framed).encode()
    known = description(n_first=2, prior_period=[31])
    known["options"].update({"micro_decoder": "linear", "prior.terms": ["-u*dx(u)", "mu[0]*sin(u)/(1 + x^2)"], "prior.candidates": ["dx(dx(u))"]})
    known["n_reduced"] = known["options"]["n_zeta"][0] + known["options"]["n_eta"]
    yield "known", json.dumps(known).encode()
    known = description(2)
    known["options"].update({"prior.terms": ["(t + u)^2*dy(u)"], "prior.at": "macro", "closure": "none"})
    yield "known_macro", json.dumps(known).encode()
    forced = description(n_mu=0, n_f=2, seen={"mu": [], "f": [[0., 0.], [-1., 1.]]})
    forced["grid"].update(channels=2, origin=[.5], spacing=[.25], boundary=["open"])
    forced["units"].update(centre=[0., 1.], scale=[1., 1e-3], noise=[0., .1])
    del forced["units"]["constant"]
    yield "forced", json.dumps(forced).encode()
    forced["grid"]["shape"] = [342949672962]  # whose divisors are not to be looked for one by one
    yield "large", json.dumps(forced).encode()


def results():
    manifest = {"schema": 1, "data": {"path": "/data/kdv_1d.h5", "hash": "0123456789abcdef", "bytes": 1000, "changed": 1700000000000000000},
                "train": {"fingerprint": "fedcba9876543210", "seconds": 12.5, "solver_free_rel_l2": .1, "best_rel_l2": .02,
                          "steps": {"window": 16, "stride": 4, "stride_min": 1, "horizon_start": 8, "horizon_end": 40}},
                "evaluate": {"key": "00"}, "environment": {"msde": "0.1.0"}}
    yield "manifest", json.dumps(manifest).encode()
    yield "manifest_short", json.dumps({key: manifest[key] for key in ("data", "train", "evaluate")}).encode()
    score = {"mean": .02, "std": .001}
    metrics = {"schema": 1, "case": "kdv_1d", "split": "test", "n_zeta": 20, "n_eta": 5,
               "metrics": {"rel_l2": score, "rel_l2_clean": score, "rmse": .1, "vrmse": None, "rel_l2_per_channel": [.02],
                           "rel_l2_per_time": [None, .02], "coverage": {"50": .5, "90": .9}, "coverage_per_channel": {"90": [.9]}},
               "cost": {"train_seconds": 12.5, "parameters": 1000}, "protocol": "from the first snapshot", "channels": ["u"],
               "lead_times": [{"frames": [1, 10], "rel_l2": .02}], "setup": {"members": 39},
               "reference": {"persistence": {"rel_l2": score, "rmse": .3}, "mean": {"rel_l2": score}}}
    yield "metrics", json.dumps(metrics, indent=1).encode()
    for number, text in enumerate((b"null", b"[]", b"{}", b"3", b"[" * 50, b'{"a":' * 50, b'{"metrics": {"rel_l2": {}}}')):
        yield f"other_{number}", text


def hdf5():
    """Each layout alone, with steps of every kind after it, and programs of random bytes."""
    for layout in range(8):
        yield f"layout_{layout}", bytes([layout])
    random = numpy.random.default_rng(7)
    for step in range(12):
        for layout in (0, 1, 2, 3, 5):
            steps = b"".join(bytes([step]) + random.integers(0, 256, 12, "u1").tobytes() for _ in range(4))
            yield f"step_{step}_{layout}", bytes([layout]) + steps
    for number in range(24):
        yield f"random_{number}", random.integers(0, 256, 200, "u1").tobytes()


def netcdf3():
    """All three formats; records of one variable and of several, packed values, members, every type of CDF-5."""
    field = numpy.sin(.3 * numpy.arange(6)[:, None, None] + .7 * numpy.arange(3)[:, None] - .2 * numpy.arange(4))
    for kind in ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"):
        for records in (True, False):
            yield f"{kind[8:].lower()}_{'records' if records else 'fixed'}", classic(kind, records, {"u": ("f4", field), "v": ("f8", -field)})
    packed = numpy.round(100 * field).astype("i2")
    yield "packed", classic("NETCDF3_CLASSIC", True, {"u": ("i2", packed)}, scale_factor=.01, add_offset=2., missing_value=numpy.int16(-99))
    yield "bytes", classic("NETCDF3_CLASSIC", True, {"u": ("i1", packed.astype("i1"))}, _Unsigned="true", valid_range=numpy.array([0, 100], "i1"))
    for dtype in ("u1", "u2", "u4", "i8", "u8"):
        yield "type_" + dtype, classic("NETCDF3_64BIT_DATA", True, {"u": (dtype, abs(packed).astype(dtype)), "flag": ("i1", packed.astype("i1"))})
    yield "calendar", classic("NETCDF3_CLASSIC", False, {"u": ("f4", field)}, times=numpy.array([0, 31, 59, 90, 120, 151.]))


def classic(kind, records, variables, times=None, **attributes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.nc"
        with netCDF4.Dataset(path, "w", format=kind) as file:
            file.set_auto_maskandscale(False)
            for name, size in (("time", None if records else 6), ("y", 3), ("x", 4)):
                file.createDimension(name, size)
            for name, (dtype, values) in variables.items():
                variable = file.createVariable(name, dtype, ("time", "y", "x"))
                variable.set_auto_maskandscale(False)
                variable.setncatts({"units": "m s-1", **attributes})
                variable[:] = values
            time = file.createVariable("time", "f8", ("time",))
            time.setncatts({"units": "days since 1990-01-01", "calendar": "noleap"})
            time[:] = numpy.arange(6.) if times is None else times
            file.createVariable("x", "f4", ("x",))[:] = 10. + numpy.arange(4)
            file.setncatts({"Conventions": "CF-1.8", "title": "demo"})
        return path.read_bytes()


def vti():
    """A series along z in every form of data, images with cells and vectors, collections of files."""
    field = numpy.sin(.3 * numpy.arange(5)[:, None, None] + .7 * numpy.arange(3)[:, None] - .2 * numpy.arange(4))
    arrays = {"u": field.astype("f4"), "v": field.astype("f8")}
    for how in ("ascii", "base64", "raw"):
        for compressed in (False, True):
            for header, order in (("UInt32", "<"), ("UInt64", ">")):
                if how == "ascii" and (compressed or order == ">"):
                    continue
                yield f"{how}_{header}{'_zlib' if compressed else ''}", vtk_files.vti(arrays, how=how, compressed=compressed, header=header, order=order)
    for dtype in ("i1", "u1", "i2", "i8", "u8"):
        yield "type_" + dtype, vtk_files.vti({"u": (10 * field).astype(dtype)}, how="raw")
    yield "collection", vtk_files.pvd([(0., "image.vti"), (.5, "image.vti")]).encode()


def npz():
    arrays = {"x": numpy.sin(.1 * numpy.arange(2 * 6 * 8)).reshape(2, 6, 1, 8).astype("f4"), "t": numpy.arange(6.), "mu": numpy.ones((2, 1))}
    for name, save in (("stored", numpy.savez), ("deflated", numpy.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, **arrays)
        yield name, buffer.getvalue()
    buffer = io.BytesIO()
    numpy.savez(buffer, train_x=arrays["x"], train_t=numpy.asfortranarray(numpy.arange(12.).reshape(2, 6)), other=numpy.zeros(3, ">f8"))
    yield "splits", buffer.getvalue()


def main():
    for make in (toml, npy, npz, safetensors, model, results, hdf5, netcdf3, vti):
        folder = HERE / "corpora" / make.__name__
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in make():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
