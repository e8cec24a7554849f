# The upper half of crypto/mls: tree, TreeKEM, validation, group.
renkei_test(NAME crypto_mls_high
  SOURCES
    external_proposal_test.cc grease_test.cc group_continue_test.cc group_property_test.cc
    group_refusal_test.cc own_leaf_test.cc group_test.cc ratchet_tree_test.cc saved_state_test.cc treekem_test.cc validation_commit_test.cc validation_join_test.cc validation_leaf_test.cc
    validation_proposals_test.cc validation_tree_test.cc
    support/frankenstein.cc support/leaves.cc support/world.cc
  DEPS renkei_crypto_mls)
