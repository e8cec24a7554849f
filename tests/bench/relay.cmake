find_package(Protobuf REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(GRPCPP REQUIRED IMPORTED_TARGET grpc++)
renkei_proto(bench ON relay/empty.proto)
add_executable(relay_load
  relay/against.cc relay/append.cc relay/catch_up.cc relay/empty.cc relay/fan_out.cc
  relay/growth.cc relay/idle.cc relay/load.cc relay/main.cc relay/process.cc relay/region.cc relay/side_by_side.cc
  relay/stream_calls.cc relay/synced_writes.cc relay/watch.cc)
target_include_directories(relay_load PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(relay_load PRIVATE ${RENKEI_WARNINGS})
target_compile_definitions(relay_load PRIVATE RENKEI_RELAY_PROGRAM="$<TARGET_FILE:renkei-relay>")
target_link_libraries(relay_load PRIVATE renkei_server_main renkei_test_relay_world
                      renkei_proto_bench CLI11::CLI11)
add_dependencies(relay_load renkei-relay)

# Not a measurement: that the program still measures. Its figures are for whoever runs it by hand.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME Bench.RelayLoadPrintsBothFigures
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/relay/smoke_test.py
          $<TARGET_FILE:relay_load> $<TARGET_FILE:renkei-relay>)
set_tests_properties(Bench.RelayLoadPrintsBothFigures PROPERTIES TIMEOUT 600)

find_package(OpenSSL REQUIRED)
add_executable(relay_flood flood/attacks.cc flood/main.cc flood/peer.cc flood/victim.cc)
target_include_directories(relay_flood PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(relay_flood PRIVATE ${RENKEI_WARNINGS})
target_compile_definitions(relay_flood PRIVATE RENKEI_RELAY_PROGRAM="$<TARGET_FILE:renkei-relay>")
target_link_libraries(relay_flood PRIVATE renkei_server_main renkei_test_relay_request OpenSSL::SSL
                      CLI11::CLI11)
add_dependencies(relay_flood renkei-relay)
# For a moment, to see that it still attacks: the relay lives, stays below its bound, and answers.
add_test(NAME Bench.ARelayUnderAttackStaysBelowItsBound
         COMMAND relay_flood --seconds 1 --connections 16 --streams 8 --devices 4 --backlog 4 --bound 2048 --check)
set_tests_properties(Bench.ARelayUnderAttackStaysBelowItsBound PROPERTIES TIMEOUT 900)
