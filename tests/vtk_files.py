"""VTK image files written and read by hand, after the VTK File Formats (www.vtk.org/VTK/img/file-formats.pdf): independent of
msde and of VTK's own library."""

import base64
import os
import re
import struct
import zlib

import numpy

TYPES = {"i1": "Int8", "u1": "UInt8", "i2": "Int16", "u2": "UInt16", "i4": "Int32", "u4": "UInt32", "i8": "Int64", "u8": "UInt64",
         "f4": "Float32", "f8": "Float64"}


def vti(arrays, how="raw", compressed=False, header="UInt32", order="<", origin=(0, 0, 0), spacing=(1, 1, 1), first=(0, 0, 0),
        cells=False, time=None, block=100, piece=None, more="", compressor="vtkZLibDataCompressor"):
    """The bytes of a file of `arrays`: name -> [z, y, x] or [z, y, x, components]. how: ascii, binary, raw, base64."""
    word = order + ("I" if header == "UInt32" else "Q")
    shape = next(iter(arrays.values())).shape[:3]
    points = [n + (cells and n > 1) for n in shape[::-1]]
    extent = " ".join(f"{lo} {lo + n - 1}" for lo, n in zip(first, points))
    appended = b""

    def encoded(data, as_base64):
        wrap = base64.b64encode if as_base64 else bytes
        if not compressed:
            return wrap(struct.pack(word, len(data)) + data)
        blocks = [data[i:i + block] for i in range(0, len(data), block)]
        packed = [zlib.compress(one) for one in blocks]
        last = len(blocks[-1]) % block
        head = b"".join(struct.pack(word, n) for n in (len(blocks), block, last, *map(len, packed)))
        return wrap(head) + wrap(b"".join(packed))

    def element(name, values, count=""):
        nonlocal appended
        kind = TYPES[values.dtype.str[1:]]
        components = values.shape[3] if values.ndim == 4 else 1
        start = f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}"{count} '
        values = numpy.ascontiguousarray(values)
        if how == "ascii":
            text = " ".join(repr(value) for value in values.ravel().tolist())
            return start + f'format="ascii">\n  {text}\n</DataArray>'
        data = values.astype(values.dtype.newbyteorder(order)).tobytes()
        if how == "binary":
            return start + f'format="binary">\n  {encoded(data, True).decode()}\n</DataArray>'
        offset = len(appended)
        appended += encoded(data, how == "base64")
        # VTK keeps facts about arrays within their elements.
        return start + f'format="appended" offset="{offset}">\n<InformationKey name="L2"><Value index="0">1.5</Value></InformationKey></DataArray>'

    body = "\n".join(element(name, values) for name, values in arrays.items())
    field = "" if time is None else "<FieldData>" + element("TimeValue", numpy.array([time], "f8"), ' NumberOfTuples="1"') + "</FieldData>"
    group = "CellData" if cells else "PointData"
    kind = f' compressor="{compressor}"' if compressed else ""
    text = (f'<?xml version="1.0"?>\n<!-- by hand -->\n<VTKFile type="ImageData" version="1.0" byte_order="{"LittleEndian" if order == "<" else "BigEndian"}" '
            f'header_type="{header}"{kind}>\n<ImageData WholeExtent="{extent}" Origin="{" ".join(map(repr, origin))}" '
            f'Spacing="{" ".join(map(repr, spacing))}" {more}>\n{field}\n<Piece Extent="{piece or extent}">\n<{group}>\n{body}\n</{group}>\n</Piece>\n'
            '</ImageData>\n').encode()
    if appended:
        text += f'<AppendedData encoding="{how}">\n _'.encode() + appended + b"\n</AppendedData>\n"
    return text + b"</VTKFile>\n"


def pvd(files, tail=""):
    """A collection of (time, file)."""
    return ('<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n' +
            "".join(f'<DataSet timestep="{time!r}" group="" part="0" file="{file}"/>\n' for time, file in files) + tail +
            "</Collection>\n</VTKFile>\n")


def read_pvd(path):
    with open(path) as file:
        found = re.findall(r'<DataSet timestep="([^"]*)"[^>]* file="([^"]*)"', file.read())
    return [(float(time), os.path.join(os.path.dirname(path), name)) for time, name in found]


def read_vti(path):
    """Of a file with appended raw data, not compressed: attributes of <ImageData>, name -> array as vti() takes it."""
    with open(path, "rb") as file:
        text, _, appended = file.read().partition(b"<AppendedData encoding=\"raw\">")
    text, appended = text.decode(), appended[appended.index(b"_") + 1:]
    word = {"UInt32": "<I", "UInt64": "<Q"}[re.search(r'header_type="(\w+)"', text)[1]]
    image = dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"<ImageData ([^>]*)>", text)[1]))
    extent = list(map(int, image["WholeExtent"].split()))
    assert re.search(r'<Piece Extent="([^"]*)"', text)[1] == image["WholeExtent"]
    shape = [extent[2 * i + 1] - extent[2 * i] + 1 for i in (2, 1, 0)]
    arrays = {}
    for attributes, inline in re.findall(r"<DataArray ([^>]*)>([^<]*)", text):
        array = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        if array["format"] == "ascii":
            arrays[array["Name"]] = numpy.array(inline.split(), float)
            continue
        kind = "<" + {name: code for code, name in TYPES.items()}[array["type"]]
        at, size = int(array["offset"]), struct.calcsize(word)
        length, = struct.unpack(word, appended[at:at + size])
        values = numpy.frombuffer(appended[at + size:at + size + length], kind)
        arrays[array["Name"]] = values.reshape(shape)
    return image, arrays
