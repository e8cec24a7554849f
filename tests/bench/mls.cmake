add_executable(mls_bench mls_bench.cc)
target_include_directories(mls_bench PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(mls_bench PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(mls_bench PRIVATE renkei_crypto_mls)
