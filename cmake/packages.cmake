# `cpack -G DEB`: the packages msde, libmsde0 and libmsde-dev, one for each component of install.cmake.
set(CPACK_PACKAGE_NAME msde)
set(CPACK_PACKAGE_CONTACT "msde developers <msde@example.org>")
set(CPACK_PACKAGE_HOMEPAGE_URL ${PROJECT_HOMEPAGE_URL})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program runtime development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# A library is found in the list of what it provides, and its cache is renewed, where the package says so.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# Before 1.0 the next version may break the binary interface: what is linked against one needs that one.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")
# dpkg-shlibdeps asks for some BLAS; this one also shares large products out among threads.
set(blas libopenblas0-openmp)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME msde)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ${blas})
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "The program: it trains on snapshots of fields, predicts whole trajectories with their uncertainty, and scores predictions.")

set(runtime libmsde${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ${blas})
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "The shared library, for programs that train and predict themselves.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmsde-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_GENERATE_SHLIBS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime} (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "Header, CMake and pkg-config files, and examples.")

foreach(package IN ITEMS "program;msde" "runtime;${runtime}" "development;libmsde-dev")
  list(GET package 0 component)
  list(GET package 1 name)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} RENAME copyright COMPONENT ${component})
endforeach()
include(CPack)
