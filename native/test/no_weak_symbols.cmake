# cmake -DNM=<nm> -DOBJECTS=<list> -P no_weak_symbols.cmake
#
# A weak definition in a variant's object file could be the one the linker keeps for the whole library, and then code for AVX-512
# would run on a machine without it.
foreach(object IN LISTS OBJECTS)
    execute_process(COMMAND "${NM}" "${object}" OUTPUT_VARIABLE symbols RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "${NM} cannot read ${object}")
    endif()
    string(REGEX MATCHALL "[0-9a-f]+ [WVu] [^\n]+" weak "${symbols}")
    if(weak)
        message(SEND_ERROR "${object} defines weak symbols: ${weak}")
    endif()
endforeach()
