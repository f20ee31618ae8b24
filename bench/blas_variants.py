"""The libraries of Debian that can stand in the place of libblas.so.3, each in a folder of its own."""

from pathlib import Path

LIBRARIES = Path("/usr/lib")
FOLDERS = ("openblas-openmp", "openblas-pthread", "openblas-serial", "blis-serial", "blis-pthread", "blis-openmp", "atlas", "blas")


def installed_variants():
    """{name: value of LD_LIBRARY_PATH that puts it first}, of all that are installed."""
    found = {}
    for name in FOLDERS:
        for folder in sorted(LIBRARIES.glob(f"*/{name}")):
            if (folder / "libblas.so.3").exists():
                # A library without a LAPACK of its own gets the reference one, as with Debian's alternatives.
                lapack = folder if (folder / "liblapack.so.3").exists() else folder.parent / "lapack"
                found[name] = f"{folder}:{lapack}"
    return found


def mapped_libraries(pid):
    """The files of the BLAS and LAPACK that a process has mapped."""
    files = {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if "/" in line}
    return sorted(file for file in files if any(word in Path(file).name for word in ("blas", "blis", "lapack", "atlas", "mkl")))
