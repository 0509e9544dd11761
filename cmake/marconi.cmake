# Build rules shared by all rooms.

# marconi_library(<room> SOURCES … [DEPS …] [TESTS …] [TEST_DEPS …])
#   One static library per room, named marconi_<room>. TESTS are GoogleTest sources; together
#   they form one program, <room>_test, registered with CTest.
function(marconi_library room)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;TESTS;TEST_DEPS" ${ARGN})
  string(REPLACE "/" "_" name ${room})
  set(library marconi_${name})
  if(ARG_SOURCES)
    add_library(${library} STATIC ${ARG_SOURCES})
    target_link_libraries(${library} PUBLIC marconi_options ${ARG_DEPS})
  else()
    add_library(${library} INTERFACE)
    target_link_libraries(${library} INTERFACE marconi_options ${ARG_DEPS})
  endif()
  if(ARG_TESTS AND MARCONI_TESTS)
    marconi_test(${name}_test SOURCES ${ARG_TESTS} DEPS ${library} ${ARG_TEST_DEPS})
  endif()
endfunction()

# marconi_test(<name> SOURCES … [DEPS …])
function(marconi_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE marconi_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
