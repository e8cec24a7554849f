foreach(type invitation join_request sealed_content)
  renkei_fuzz(NAME ${type} SOURCES ${type}.cc DEPS renkei_crypto_seal)
endforeach()

# Corpora of these and of thread.cmake's: make_seal_corpus CORPUS_DIR, from the same seeds as the
# vectors.
add_executable(make_seal_corpus EXCLUDE_FROM_ALL make_seal_corpus.cc)
target_compile_options(make_seal_corpus PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(make_seal_corpus PRIVATE renkei_test_seal_vectors)
