add_executable(pki_bench pki_bench.cc)
target_include_directories(pki_bench PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(pki_bench PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(pki_bench PRIVATE renkei_test_region renkei_crypto_pki)
