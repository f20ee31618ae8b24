# What `cmake --install` and `cpack -G DEB` put where. Three components, of which each is one Debian package (packages.cmake):
#   program      bin/msde, libexec/msde/msde-engine, configurations, documentation, completion for bash
#   runtime      lib/libmsde.so.0
#   development  include/msde, lib/libmsde.so, lib/cmake/msde, lib/pkgconfig/msde.pc, examples
include(CMakePackageConfigHelpers)

install(TARGETS msde RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS msde-engine RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/msde COMPONENT program)
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/msde/configs COMPONENT program)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT program)
install(CODE "execute_process(COMMAND \"$<TARGET_FILE:msde>\" completion OUTPUT_FILE \"${PROJECT_BINARY_DIR}/completion/msde\"
                              COMMAND_ERROR_IS_FATAL ANY)" COMPONENT program)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/completion)
install(FILES ${PROJECT_BINARY_DIR}/completion/msde DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        COMPONENT program)

set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/msde)
install(TARGETS msde_library EXPORT msdeConfig
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
install(FILES src/msde/library/msde.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/msde COMPONENT development)
install(FILES src/msde/core/error.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/msde/core COMPONENT development)
# The target needs nothing but itself, so the file that defines it is the whole package.
install(EXPORT msdeConfig NAMESPACE msde:: DESTINATION ${cmake_folder} COMPONENT development)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/msdeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/msdeConfigVersion.cmake DESTINATION ${cmake_folder} COMPONENT development)
# Found from its own folder: the tree may be moved.
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig "${prefix_from_pkgconfig}")
foreach(folder IN ITEMS LIBDIR INCLUDEDIR)
  set(pc_${folder} "\${prefix}/${CMAKE_INSTALL_${folder}}")
  if(IS_ABSOLUTE ${CMAKE_INSTALL_${folder}})
    set(pc_${folder} ${CMAKE_INSTALL_${folder}})
  endif()
endforeach()
configure_file(cmake/msde.pc.in ${PROJECT_BINARY_DIR}/msde.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/msde.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT development)
