# The upper half of crypto/mls: tree, TreeKEM, validation, group.
renkei_test(NAME crypto_mls_high
  SOURCES ratchet_tree_test.cc support/leaves.cc
  DEPS renkei_crypto_mls)
