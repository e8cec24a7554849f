# The upper half of crypto/mls: tree, TreeKEM, validation, group.
renkei_test(NAME crypto_mls_high
  SOURCES
    commit_draft_test.cc environment_test.cc external_proposal_test.cc grease_test.cc group_commit_test.cc
    group_continue_test.cc group_external_test.cc group_join_test.cc group_load_test.cc
    group_process_test.cc group_property_test.cc group_state_test.cc group_store_test.cc group_test.cc
    own_leaf_test.cc parent_hash_test.cc proposal_list_test.cc ratchet_tree_test.cc saved_state_test.cc
    state_codec_test.cc subtree_test.cc treekem_test.cc validation_commit_test.cc
    validation_join_test.cc validation_leaf_test.cc validation_proposals_test.cc
    validation_tree_test.cc
    support/frankenstein.cc support/leaves.cc support/world.cc
  DEPS renkei_crypto_mls)
