renkei_fuzz(NAME mls_group_process SOURCES mls_group_process.cc mls_live_group.cc
            DEPS renkei_crypto_mls)
renkei_fuzz(NAME mls_group_script SOURCES mls_group_script.cc mls_live_group.cc
            DEPS renkei_crypto_mls MUTATIONS 500)
renkei_fuzz(NAME mls_group_state SOURCES mls_group_state.cc DEPS renkei_crypto_mls)

# mls_group_corpus tests/fuzz/corpus writes the first inputs of both.
add_executable(mls_group_corpus mls_group_corpus.cc mls_live_group.cc)
target_include_directories(mls_group_corpus PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(mls_group_corpus PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(mls_group_corpus PRIVATE renkei_crypto_mls)
add_test(NAME fuzz.mls_group_corpus_is_current
         COMMAND mls_group_corpus --check ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
