# Fuzz targets, built only on request: they need clang, and instrument everything they link with.
include_guard(GLOBAL)

option(MARCONI_FUZZERS "Build the fuzz targets (clang only)" OFF)

if(MARCONI_FUZZERS)
  set(fuzz_sanitizers -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  target_compile_options(marconi_options INTERFACE ${fuzz_sanitizers})
  target_link_options(marconi_options INTERFACE -fsanitize=address,undefined)
endif()

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
endfunction()
