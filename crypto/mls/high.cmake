set(RENKEI_MLS_HIGH_SOURCES
  environment.cc ratchet_tree.cc subtree.cc)
