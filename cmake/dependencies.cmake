# Every third-party component, all from Debian bookworm's packages (packages.txt).
# The code is also kept compatible with LibTorch 2.x: point CMAKE_PREFIX_PATH at it.
find_package(Torch REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)  # without it at::parallel_for of our own code runs on one thread
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
# LibTorch 2 brings headers of an fmt of its own. Those that spdlog was built with come first.
get_target_property(fmt_include_dir fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/first)
file(CREATE_LINK ${fmt_include_dir}/fmt ${PROJECT_BINARY_DIR}/first/fmt SYMBOLIC)
include_directories(BEFORE SYSTEM ${PROJECT_BINARY_DIR}/first)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
if(MSDE_BUILD_PROGRAM)
  find_package(CLI11 REQUIRED)
  find_package(Boost REQUIRED)  # headers only: Odeint
endif()

pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
find_library(HDF5_HL_LIBRARY hdf5_hl HINTS ${HDF5_LIBRARY_DIRS} REQUIRED)  # dimension scales; has no .pc file
add_library(msde_hdf5 INTERFACE)
target_link_libraries(msde_hdf5 INTERFACE ${HDF5_HL_LIBRARY} PkgConfig::HDF5)
add_library(msde::hdf5 ALIAS msde_hdf5)
add_library(msde::xxhash ALIAS PkgConfig::XXHASH)
add_library(msde::highway ALIAS PkgConfig::HWY)
add_library(msde::pugixml ALIAS PkgConfig::PUGIXML)
add_library(msde::sodium ALIAS PkgConfig::SODIUM)
add_library(msde::zlib ALIAS PkgConfig::ZLIB)

find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
add_library(msde_random123 INTERFACE)
target_include_directories(msde_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})
add_library(msde::random123 ALIAS msde_random123)

if(MSDE_BUILD_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
