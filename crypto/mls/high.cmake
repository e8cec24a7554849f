set(RENKEI_MLS_HIGH_SOURCES
  commit_draft.cc environment.cc external_proposal.cc grease.cc group.cc group_commit.cc group_continue.cc group_external.cc group_join.cc group_load.cc
  group_process.cc group_state.cc group_store.cc own_leaf.cc parent_hash.cc proposal_list.cc ratchet_tree.cc saved_state.cc state_codec.cc
  subtree.cc treekem.cc validation_commit.cc validation_join.cc validation_leaf.cc
  validation_proposals.cc validation_tree.cc)
