# The relay's store in memory: for core's tests, the fuzz targets and the simulation.
add_library(renkei_test_support_store STATIC
  memory_alerts.cc memory_audit.cc memory_directory.cc memory_enrolment.cc memory_mail.cc
  memory_retention.cc memory_store.cc memory_threads.cc)
target_include_directories(renkei_test_support_store PUBLIC ${PROJECT_SOURCE_DIR})
target_compile_options(renkei_test_support_store PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_test_support_store PUBLIC renkei_server_core)

# A region as its relay sees it.
add_library(renkei_test_relay_world STATIC relay_world.cc)
target_compile_options(renkei_test_relay_world PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_test_relay_world PUBLIC renkei_test_region renkei_server_core)

# Its requests as messages.
add_library(renkei_test_relay_request STATIC relay_request.cc)
target_compile_options(renkei_test_relay_request PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_test_relay_request PUBLIC renkei_test_relay_world renkei_proto_relay)
