renkei_fuzz(NAME codec SOURCES codec.cc DEPS renkei_crypto_wire)
foreach(type mls_message key_package leaf_node group_info group_secrets welcome ratchet_tree)
  renkei_fuzz(NAME ${type} SOURCES ${type}.cc DEPS renkei_crypto_mls)
endforeach()
renkei_fuzz(NAME secret_tree SOURCES secret_tree.cc DEPS renkei_crypto_mls)

add_executable(mls_corpus EXCLUDE_FROM_ALL mls_corpus.cc ../crypto/mls/support/examples.cc)
target_compile_options(mls_corpus PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(mls_corpus PRIVATE renkei_crypto_mls GTest::gtest)
