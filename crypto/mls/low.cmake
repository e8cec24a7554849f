set(RENKEI_MLS_LOW_SOURCES
  commit.cc credential.cc extension.cc framing.cc group_context.cc group_info.cc key_package.cc
  leaf_node.cc message.cc proposal.cc psk.cc tree_node.cc types.cc welcome.cc)
