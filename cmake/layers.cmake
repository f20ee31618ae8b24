# A layer is a folder of src/msde with the folders in it: x.cpp files make the library msde_<name>, x_test.cpp files make
# its test program. TORCH layers share one precompiled torch/torch.h (13 s otherwise, per file).
# The last two let loops with square roots and choices become vector code; nothing here reads errno or traps.
add_compile_options(-Wall -Wextra -fPIC -fno-math-errno -fno-trapping-math)
if(MSDE_SANITIZE)
  add_compile_options(-fsanitize=${MSDE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MSDE_SANITIZE})
endif()

function(msde_use_torch target)
  target_include_directories(${target} SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  if(target STREQUAL "msde_tensor")
    target_precompile_headers(${target} PRIVATE <torch/torch.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM msde_tensor)
  endif()
endfunction()

function(msde_add_layer name)
  cmake_parse_arguments(LAYER "TORCH" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/msde/${name}/*.cpp
       ${PROJECT_SOURCE_DIR}/src/msde/${name}/*/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(NOT sources)  # a layer that is not written yet
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty_layer.cpp)
  endif()
  add_library(msde_${name} STATIC ${sources})
  target_include_directories(msde_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM LAYER_LINK REPLACE "^([a-z]+)$" "msde_\\1")
  target_link_libraries(msde_${name} PUBLIC ${LAYER_LINK})
  if(LAYER_TORCH)
    msde_use_torch(msde_${name})
  endif()

  if(MSDE_BUILD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE msde_${name} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE MSDE_GOLDEN_SOURCE_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
    if(LAYER_TORCH)
      target_precompile_headers(${name}_test REUSE_FROM msde_tensor)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 600 ENVIRONMENT OMP_NUM_THREADS=1)
  endif()
endfunction()
