# Fuzz targets. They need clang, and all that they link with is instrumented. The preset `asan` builds
# them, whose run time has empty hooks for the programs that are no fuzz targets; so does a build of
# their own that measures coverage.
include_guard(GLOBAL)

option(MARCONI_FUZZERS "Build the fuzz targets (clang only)" OFF)
option(MARCONI_COVERAGE "Count what runs, for llvm-cov" OFF)

if(MARCONI_FUZZERS)
  target_compile_options(marconi_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(MARCONI_COVERAGE)
  target_compile_options(marconi_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(marconi_options INTERFACE -fprofile-instr-generate)
endif()

add_custom_target(fuzzers)

# marconi_fuzzer(<name> SOURCES … [DEPS …])
#   A libFuzzer program in <build>/fuzz; no target at all unless MARCONI_FUZZERS is on.
function(marconi_fuzzer name)
  if(NOT MARCONI_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE marconi_options ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(fuzzers ${name})
endfunction()
