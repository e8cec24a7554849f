add_test(NAME Lint.RelayHoldsNoSealingCode
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/relay_symbols.sh $<TARGET_FILE:renkei-relay>)
