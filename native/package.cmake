# Builds what is packaged in the jar: cmake -DSOURCE=<repository> -DBUILD=<folder> -DOUTPUT=<folder> -P native/package.cmake
#
# Leaves OUTPUT/<os>-<arch>/libleanspike_*.so and the CUDA kernels in OUTPUT/../cuda; with -DLIBRARY=leanspike_roofs, which the benchmarks'
# jar carries, that library alone. Without a C++20 compiler, or without nvcc, it says
# so once and succeeds: all of it is optional.
cmake_minimum_required(VERSION 3.22)

foreach(name SOURCE BUILD OUTPUT)
    if(NOT DEFINED ${name})
        message(FATAL_ERROR "native/package.cmake: -D${name}= is missing")
    endif()
endforeach()

# ---- names as Java derives them from os.name and os.arch ----
string(TOLOWER "${CMAKE_HOST_SYSTEM_NAME}" system)
if(system STREQUAL "darwin")
    set(os macos)
    execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
elseif(system STREQUAL "windows")
    set(os windows)
    set(machine "$ENV{PROCESSOR_ARCHITECTURE}")
else()
    set(os ${system})
    execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
string(TOLOWER "${machine}" machine)
if(machine MATCHES "^(x86_64|amd64)$")
    set(arch x86_64)
elseif(machine MATCHES "^(aarch64|arm64)$")
    set(arch aarch64)
else()
    set(arch ${machine})
endif()

# ---- is there a compiler? Asked of a program of ours, so that a failure later is a failure of our code ----
if(NOT EXISTS "${BUILD}/CMakeCache.txt")
    find_program(ninja NAMES ninja ninja-build)
    if(ninja)
        set(generator -G Ninja)
    endif()
    string(RANDOM LENGTH 8 suffix)
    set(probe "${BUILD}/probe-${suffix}") # its own, should another build run beside this one
    file(MAKE_DIRECTORY "${probe}")
    file(WRITE "${probe}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)
project(probe LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
add_library(probe SHARED probe.cpp)
")
    file(WRITE "${probe}/probe.cpp" "#include <concepts>
#include <cstdint>
template <std::integral T> T twice(T x) { return x + x; }
extern \"C\" int32_t probe(int32_t x) { return twice(x); }
")
    set(reason "")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -S "${probe}" -B "${probe}/build" ${generator}
        RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
    if(failed)
        set(reason "CMake found none that works")
    else()
        execute_process(
            COMMAND "${CMAKE_COMMAND}" --build "${probe}/build"
            RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
        if(failed)
            set(reason "the one found does not build a C++20 program")
        endif()
    endif()
    file(REMOVE_RECURSE "${probe}")
    if(reason)
        message("native CPU kernels skipped: no C++20 compiler found (${reason}); the plain-Java backend serves")
        return()
    endif()
endif()

# ---- configure and build ----
get_filename_component(kernels "${OUTPUT}/../cuda" ABSOLUTE)
if(DEFINED LIBRARY)
    set(parts -DLEANSPIKE_CUDA_KERNELS=OFF -DLEANSPIKE_SOFTGPU=OFF)
    set(target --target ${LIBRARY})
else()
    set(parts -DLEANSPIKE_ROOFS=OFF -DLEANSPIKE_CUDA_OUTPUT=${kernels})
    set(LIBRARY leanspike_cpu)
endif()
execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" ${generator} -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF ${parts}
    RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(failed)
    message(FATAL_ERROR "configuring the native libraries failed:\n${log}")
endif()
string(REGEX MATCH "CUDA kernels are not built[^\n]*" notice "${log}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --config Release --parallel 2 ${target}
    RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(failed)
    message(FATAL_ERROR "building the native libraries failed:\n${log}")
endif()

# ---- copy, only if different and never half-written ----
set(folder "${OUTPUT}/${os}-${arch}")
file(MAKE_DIRECTORY "${folder}")
set(built "")
foreach(room native bench/native)
    file(GLOB_RECURSE found "${BUILD}/${room}/libleanspike_*.so" "${BUILD}/${room}/libleanspike_*.dylib" "${BUILD}/${room}/*leanspike_*.dll")
    list(APPEND built ${found})
endforeach()
if(NOT built MATCHES "${LIBRARY}")
    message(FATAL_ERROR "the build left no ${LIBRARY} library in ${BUILD}")
endif()
foreach(library IN LISTS built)
    get_filename_component(name "${library}" NAME)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${library}" "${folder}/${name}" RESULT_VARIABLE different OUTPUT_QUIET ERROR_QUIET)
    if(different)
        string(RANDOM LENGTH 8 suffix)
        file(COPY_FILE "${library}" "${folder}/${name}.${suffix}")
        file(RENAME "${folder}/${name}.${suffix}" "${folder}/${name}")
    endif()
    message("native library: ${os}-${arch}/${name}")
endforeach()
if(notice)
    message("${notice}")
elseif(NOT target)
    message("CUDA kernels: io/leanspike/cuda")
endif()
