renkei_proto(vault OFF
  renkei/vault/v1/case.proto
  renkei/vault/v1/directory.proto
  renkei/vault/v1/enrolment.proto
  renkei/vault/v1/identity.proto
  renkei/vault/v1/link.proto
  renkei/vault/v1/record.proto)
