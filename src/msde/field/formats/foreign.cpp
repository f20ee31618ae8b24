#include "msde/field/formats/foreign.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string_view>

namespace msde {
namespace {

struct Foreign {
  std::string_view begins_with, what, cure;  // of the cure, {0} is the file
};

constexpr std::string_view kInWords =
    "write its fields as HDF5, 'x' [T, C, *grid] with times 't' [T] (docs/formats.md)";

constexpr std::string_view kImageInWords =
    "in ParaView: Resample To Image, then Save Data as .pvd; or write its fields as HDF5 (docs/formats.md)";

constexpr Foreign kForeign[] = {
    {"MATLAB 5.0 MAT-file", "a file of MATLAB before version 7.3",
     "save it in MATLAB with save(.., '-v7.3'), or: python3 -c \"import numpy, scipy.io, h5py; "
     "f = h5py.File('{0}.h5', 'w'); "
     "[f.create_dataset(k, data=v.ravel() if v.ndim == 2 and 1 in v.shape else v) "
     "for k, v in scipy.io.loadmat('{0}').items() if isinstance(v, numpy.ndarray) and v.dtype.kind in "
     "'biuf']\""},
    {"PK\x03\x04", "a zip archive without arrays of NumPy", kInWords},
    {"<VTKFile", "a file of VTK other than ImageData (.vti) and collections of them (.pvd)", kImageInWords},
    {"<?xml", "an XML file other than VTK's ImageData (.vti) and collections of them (.pvd)", kImageInWords},
    {"# vtk DataFile", "a legacy file of VTK", kImageInWords},
    {"SIMPLE  =", "a FITS file", kInWords},
};

constexpr std::string_view kNpzCure =
    "python3 -c \"import numpy, h5py; f = h5py.File('{0}.h5', 'w'); [f.create_dataset(k, data=v) for k, v in "
    "numpy.load('{0}').items() if v.dtype.kind in 'biuf']\"";

constexpr std::string_view kZarrCure =
    "python3 -c \"import zarr, h5py; f = h5py.File('{0}.h5', 'w'); z = zarr.open('{0}', mode='r'); "
    "[f.create_dataset(k, data=v[:]) for k, v in (z.arrays() if hasattr(z, 'arrays') else [('x', z)]) "
    "if v.dtype.kind in 'biuf']\"";
// Keeps what HDF5 by itself would lose: which axis is the time, units, dates, missing values.
constexpr std::string_view kXarrayCure =
    "python3 -c \"import xarray; xarray.open_zarr('{0}').to_netcdf('{0}.nc')\"";

bool is_zarr(const FileProbe& probe) {
  if (!probe.is_folder()) return false;
  std::error_code ignored;
  for (const char* name : {"zarr.json", ".zgroup", ".zarray", ".zmetadata"})
    if (std::filesystem::exists(std::filesystem::path(probe.path()) / name, ignored)) return true;
  return false;
}

// Whether axes have names, as xarray writes them: in the description of the whole store, of either version of Zarr.
bool names_axes(const std::string& store) {
  for (const char* name : {".zmetadata", "zarr.json"}) {
    std::string text(size_t{1} << 20, '\0');
    std::ifstream file(std::filesystem::path(store) / name, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.find("\"_ARRAY_DIMENSIONS\"") != text.npos || text.find("\"dimension_names\"") != text.npos)
      return true;
  }
  return false;
}

std::string told(std::string_view what, std::string_view cure, std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return fmt::format("is {}, which msde does not read; {}", what, fmt::format(fmt::runtime(cure), path));
}

}  // namespace

std::string npz_cure(const std::string& path) {
  return fmt::format(fmt::runtime(kNpzCure), path);
}

std::string foreign_format(const FileProbe& probe) {
  if (is_zarr(probe))
    return told("a Zarr store", names_axes(probe.path()) ? kXarrayCure : kZarrCure, probe.path());
  for (const auto& [begins_with, what, cure] : kForeign)
    if (probe.begins_with(begins_with)) return told(what, cure, probe.path());
  return "";
}

}  // namespace msde
