set(RENKEI_MLS_HIGH_SOURCES
  environment.cc parent_hash.cc proposal_list.cc ratchet_tree.cc subtree.cc treekem.cc validation_leaf.cc
  validation_proposals.cc validation_tree.cc)
