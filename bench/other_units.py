"""Copies of a dataset in other units and samplings, and the bits of the models that they give: for tests and measurements."""
import json
import struct

import h5py
import numpy

SPLITS = ("train", "val", "test")
FIELDS = ("x", "x_clean")


def per_channel(values, x):
    """One number, or one per channel, against fields [N, T, C, *grid]."""
    return numpy.broadcast_to(values, x.shape[2]).reshape((-1,) + (1,) * (x.ndim - 3))


def in_other_units(source, path, field=1., offset=0., time=1., later=0., mu=1., wide=False):
    """Fields times `field` (one number, or one per channel) plus `offset`, times times `time` plus `later`, mu and f times `mu`;
    fields and times as float64 where `wide`."""
    kind = "f8" if wide else "f4"
    with h5py.File(source) as old, h5py.File(path, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        for split in SPLITS:
            for part in FIELDS:
                if f"{split}_{part}" in old:
                    x = old[f"{split}_{part}"][...].astype("f8")
                    new[f"{split}_{part}"] = (x * per_channel(field, x) + offset).astype(kind)
            new[split + "_t"] = (old[split + "_t"][...].astype("f8") * time + later).astype(kind)
            for part in ("mu", "f"):
                if f"{split}_{part}" in old:
                    new[f"{split}_{part}"] = (old[f"{split}_{part}"][...].astype("f8") * mu).astype("f4")
        if "noise_std" in old.attrs and numpy.ndim(field) == 0:
            new.attrs["noise_std"] = old.attrs["noise_std"] * field
        elif "noise_std" in old.attrs:
            del new.attrs["noise_std"]
    return path


def resampled(source, path, snapshots=slice(None), points=slice(None), trajectories=None):
    """Some of the snapshots, of the points of the last axis, and of the training trajectories."""
    with h5py.File(source) as old, h5py.File(path, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        for split in SPLITS:
            some = slice(trajectories if split == "train" else None)
            for part in FIELDS:
                if f"{split}_{part}" in old:
                    new[f"{split}_{part}"] = old[f"{split}_{part}"][some, snapshots][..., points]
            for part in ("t", "f"):
                if f"{split}_{part}" in old:
                    new[f"{split}_{part}"] = old[f"{split}_{part}"][some, snapshots]
            if f"{split}_mu" in old:
                new[split + "_mu"] = old[split + "_mu"][some]
    return path


def three_channels(source, path):
    """One channel u as three: u, u moved along the last axis, u^2; without what is known of the noise."""
    with h5py.File(source) as old, h5py.File(path, "w") as new:
        for key, value in old.attrs.items():
            if key not in ("noise_std", "channels"):
                new.attrs[key] = value
        for split in SPLITS:
            x = old[split + "_x"][...]
            new[split + "_x"] = numpy.concatenate([x, numpy.roll(x, 40, -1), x * x], 2)
            for part in ("t", "mu", "f"):
                if f"{split}_{part}" in old:
                    new[f"{split}_{part}"] = old[f"{split}_{part}"][...]
    return path


def tensors(path):
    """Bytes of every tensor of a safetensors file, by name."""
    with open(path, "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    header, values = json.loads(content[8:8 + size]), content[8 + size:]
    return {name: values[entry["data_offsets"][0]:entry["data_offsets"][1]] for name, entry in header.items() if name != "__metadata__"}
