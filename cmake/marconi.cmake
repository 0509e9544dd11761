# Build rules shared by all rooms.

# All programs of tests.
add_custom_target(test_programs)

# marconi_library(<room> SOURCES … [DEPS …] [TESTS …] [TEST_DEPS …] [TEST_PARTS <number>])
#   One static library per room, named marconi_<room>. TESTS are GoogleTest sources; together
#   they form one program, <room>_test, registered with CTest.
function(marconi_library room)
  cmake_parse_arguments(ARG "" "TEST_PARTS" "SOURCES;DEPS;TESTS;TEST_DEPS" ${ARGN})
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
    marconi_test(${name}_test SOURCES ${ARG_TESTS} DEPS ${library} ${ARG_TEST_DEPS}
                 PARTS ${ARG_TEST_PARTS})
  endif()
endfunction()

# marconi_compile_quickly(<sources> …)
#   Those of them that hold tests are not optimised: the code of assertions is half of all there is
#   to compile, and most of it runs once. What they test is optimised as elsewhere.
function(marconi_compile_quickly)
  set(tests ${ARGN})
  list(FILTER tests INCLUDE REGEX "_(test|contract)\\.cc$")
  set_property(SOURCE ${tests} APPEND PROPERTY COMPILE_OPTIONS -O0)
endfunction()

# marconi_test_program(<name> SOURCES … [DEPS …])
#   A GoogleTest program in <build>/tests.
function(marconi_test_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE marconi_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  marconi_compile_quickly(${ARG_SOURCES})
  add_dependencies(test_programs ${name})
endfunction()

# marconi_test(<name> SOURCES … [DEPS …] [PARTS <number>])
#   The same, registered with CTest; for a program that takes long because it waits, as so many
#   tests, which may run at the same time. Each part writes the report that GTEST_OUTPUT asks for
#   under its own name.
function(marconi_test name)
  cmake_parse_arguments(ARG "" "PARTS" "SOURCES;DEPS" ${ARGN})
  marconi_test_program(${name} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
  if(NOT ARG_PARTS)
    add_test(NAME ${name} COMMAND ${name})
    return()
  endif()
  foreach(part RANGE 1 ${ARG_PARTS})
    math(EXPR index "${part} - 1")
    set(test ${name}-${part})
    add_test(NAME ${test} COMMAND sh -c
      "GTEST_OUTPUT=\${GTEST_OUTPUT:+\${GTEST_OUTPUT}${test}.xml} exec $<TARGET_FILE:${name}>")
    set_tests_properties(${test} PROPERTIES
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${ARG_PARTS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()
