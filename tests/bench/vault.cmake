add_executable(vault_bench vault_bench.cc)
target_include_directories(vault_bench PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(vault_bench PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(vault_bench PRIVATE renkei_client_vault)
