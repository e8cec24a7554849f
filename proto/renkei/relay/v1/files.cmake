renkei_proto(relay ON
  renkei/relay/v1/enrolment.proto
  renkei/relay/v1/directory.proto
  renkei/relay/v1/status.proto
  renkei/relay/v1/threads.proto
  renkei/relay/v1/mailbox.proto
  renkei/relay/v1/envelopes.proto
  renkei/relay/v1/alerts.proto)
target_link_libraries(renkei_proto_relay PUBLIC renkei_proto_seal)
