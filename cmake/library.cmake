# libmsde.so: the files of src/msde/library over the layers below, which are linked into it. It exports what msde.hpp
# declares (libmsde.map) and nothing of the layers, so that names of LibTorch, of the BLAS or of a user may equal theirs.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/msde/library/*.cpp)
set(tests ${sources})
list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

add_library(msde_library SHARED ${sources})
add_library(msde::msde ALIAS msde_library)
set_target_properties(msde_library PROPERTIES
  OUTPUT_NAME msde EXPORT_NAME msde VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} INSTALL_RPATH_USE_LINK_PATH ON
  DEFINE_SYMBOL "" LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/libmsde.map)  # the precompiled header knows no such symbol
target_compile_features(msde_library INTERFACE cxx_std_20)
target_link_libraries(msde_library PRIVATE msde_run)
target_link_options(msde_library PRIVATE LINKER:--exclude-libs,ALL LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/libmsde.map)
target_precompile_headers(msde_library REUSE_FROM msde_tensor)
msde_compile_together(msde_library)

# The public headers as they are installed, and no others.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/msde/core)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/msde/library/msde.hpp ${PROJECT_BINARY_DIR}/include/msde/msde.hpp SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/msde/core/error.hpp ${PROJECT_BINARY_DIR}/include/msde/core/error.hpp SYMBOLIC)
target_include_directories(msde_library INTERFACE $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

if(MSDE_BUILD_TESTS AND tests)
  add_executable(library_test ${tests})
  target_link_libraries(library_test PRIVATE msde::msde GTest::gtest GTest::gtest_main)
  gtest_discover_tests(library_test DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 600 ENVIRONMENT OMP_NUM_THREADS=1)
endif()
