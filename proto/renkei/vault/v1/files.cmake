renkei_proto(vault OFF
  renkei/vault/v1/identity.proto)
