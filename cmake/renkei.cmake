# One static library per room, sources listed by name:
#   renkei_room(NAME crypto_base SOURCES a.cc b.cc DEPS PkgConfig::SODIUM)
# Our own code gets every warning as an error; generated code (renkei_proto) gets none.
set(RENKEI_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With optimisation GCC 12 sees these inside the standard library's own code (variant in optional,
  # string); clang and the sanitizer lanes look at the same code without them.
  list(APPEND RENKEI_WARNINGS -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds
       -Wno-restrict -Wno-maybe-uninitialized)
endif()

function(renkei_room)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_library(renkei_${ROOM_NAME} STATIC ${ROOM_SOURCES})
  target_include_directories(renkei_${ROOM_NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(renkei_${ROOM_NAME} PRIVATE ${RENKEI_WARNINGS})
  target_link_libraries(renkei_${ROOM_NAME} PUBLIC ${ROOM_DEPS})
endfunction()

# One test program per room; GoogleTest registers each TEST with CTest by its own name.
#   renkei_test(NAME crypto_base SOURCES bytes_test.cc DEPS renkei_crypto_base)
function(renkei_test)
  cmake_parse_arguments(TEST "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${TEST_NAME}_test ${TEST_SOURCES})
  target_include_directories(${TEST_NAME}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${TEST_NAME}_test PRIVATE ${RENKEI_WARNINGS})
  target_link_libraries(${TEST_NAME}_test PRIVATE ${TEST_DEPS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${TEST_NAME}_test PROPERTIES TIMEOUT 120 DISCOVERY_TIMEOUT 60)
endfunction()
