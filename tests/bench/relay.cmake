find_package(CLI11 REQUIRED)
add_executable(relay_load relay_load.cc)
target_include_directories(relay_load PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(relay_load PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(relay_load PRIVATE renkei_server_main renkei_test_relay_world CLI11::CLI11)

find_package(OpenSSL REQUIRED)
add_executable(relay_flood flood/attacks.cc flood/main.cc flood/peer.cc flood/victim.cc)
target_include_directories(relay_flood PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(relay_flood PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(relay_flood PRIVATE renkei_server_main renkei_test_relay_request OpenSSL::SSL
                      CLI11::CLI11)
# Short and generous: everything at once on a machine that does other things too. By hand, longer:
# server/README.md "Bounds".
add_test(NAME bench.ARelayUnderAttackStaysBounded
         COMMAND relay_flood --relay $<TARGET_FILE:renkei-relay> --seconds 2 --connections 100
                 --streams 16 --devices 16 --check 1500)
set_tests_properties(bench.ARelayUnderAttackStaysBounded PROPERTIES TIMEOUT 600)
