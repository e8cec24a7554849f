# The lower half of crypto/mls: structures, suite, key schedule, secret tree, framing.
renkei_test(NAME crypto_mls_low
  SOURCES authenticate_test.cc commit_test.cc credential_test.cc extension_test.cc framing_test.cc
          group_context_test.cc group_info_test.cc hpke_test.cc key_package_test.cc
          key_schedule_test.cc leaf_node_test.cc message_test.cc private_message_test.cc
          proposal_test.cc psk_test.cc public_message_test.cc secret_tree_test.cc suite_test.cc
          transcript_test.cc tree_math_test.cc tree_node_test.cc types_test.cc welcome_test.cc
          support/examples.cc support/one_epoch.cc
  DEPS renkei_crypto_mls)
