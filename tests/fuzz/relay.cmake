# Every call of the relay in one target: the first byte of an input chooses it. Its first corpus:
# make_relay_corpus CORPUS_DIR.
add_library(renkei_fuzz_relay_world STATIC EXCLUDE_FROM_ALL relay_rpc_world.cc)
target_compile_options(renkei_fuzz_relay_world PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_fuzz_relay_world PUBLIC renkei_server_rpc renkei_test_relay_request
                      renkei_test_support_store)
renkei_fuzz(NAME relay_rpc SOURCES relay_rpc.cc DEPS renkei_fuzz_relay_world)

add_executable(make_relay_corpus EXCLUDE_FROM_ALL make_relay_corpus.cc)
target_compile_options(make_relay_corpus PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(make_relay_corpus PRIVATE renkei_fuzz_relay_world)
