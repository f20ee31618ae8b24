// A file as a whole: opened, created, closed.
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"

namespace msde::hdf5 {
namespace {

// The mark of a program that writes, in a superblock of version 3 (HDF5 file format, III.A): bit 0, or bit 2 where
// others may read meanwhile.
bool has_a_writer(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char block[12] = "";
  return file.read(block, sizeof block) && std::memcmp(block, "\x89HDF\r\n\x1a\n", 8) == 0 && block[8] >= 3 &&
         (block[11] & 5) != 0;
}

}  // namespace

std::string version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

File::File(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

bool File::recognises(const std::string& path) {
  silence();
  return H5Fis_hdf5(path.c_str()) > 0;
}

File File::open(const std::string& path) {
  silence();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw DataError(path + ": cannot be read: " + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw DataError(path + ": is a folder; expected an HDF5 file");
  if (!S_ISREG(status.st_mode))
    throw DataError(path + ": is a pipe, a socket or a device; expected an HDF5 file");
  if (access(path.c_str(), R_OK) != 0) throw DataError(path + ": cannot be read: " + std::strerror(errno));
  if (status.st_size == 0) throw DataError(path + ": is empty; expected an HDF5 file");
  if (H5Fis_hdf5(path.c_str()) <= 0) throw DataError(path + ": is not an HDF5 file");
  if (has_a_writer(path))
    throw DataError(
        path +
        ": a program writes it, or was killed while it did; wait until it is closed or, where no one "
        "writes it, give it free: h5clear -s " +
        path);
  Id file = open_for_reading(path);
  if (!file.valid()) throw DataError(path + ": damaged or cut short HDF5 file: " + reason());
  return File(std::unique_ptr<Handles>(new Handles{path, std::move(file)}));
}

File File::create(const std::string& path, Kind kind) {
  silence();
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);
  const Id properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);  // equal content gives equal bytes
  if (kind == Kind::netcdf) {
    H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  }
  Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties, access), H5Fclose);
  if (!file.valid()) throw DataError(path + ": cannot be created: " + reason());
  File created(std::unique_ptr<Handles>(new Handles{path, std::move(file)}));
  created.handles_->keeps_order = kind == Kind::netcdf;
  // Version 2 of the mark (netcdf-c, docs/attribute_conventions.md), by which libraries know such files.
  if (kind == Kind::netcdf) created.set_attribute("/", "_NCProperties", "version=2,msde=1,hdf5=" + version());
  return created;
}

const std::string& File::path() const {
  return handles_->path;
}

void File::close() {
  silence();
  if (!handles_->file.valid()) return;
  handles_->open_datasets.clear();  // which would keep the file open
  const bool flushed = H5Fflush(handles_->file, H5F_SCOPE_GLOBAL) >= 0;
  const std::string why = flushed ? "" : reason();
  if (handles_->file.close() < 0 || !flushed)
    fail(path(), "", "could not be written: " + (flushed ? reason() : why));
}

}  // namespace msde::hdf5
