set(RENKEI_MLS_LOW_SOURCES
  authenticate.cc commit.cc credential.cc extension.cc framing.cc group_context.cc group_info.cc
  hpke.cc key_package.cc key_schedule.cc leaf_node.cc message.cc private_message.cc proposal.cc
  psk.cc public_message.cc secret_tree.cc suite.cc transcript.cc tree_math.cc tree_node.cc types.cc
  welcome.cc)
