renkei_proto(seal OFF
  renkei/seal/v1/alert.proto
  renkei/seal/v1/card.proto
  renkei/seal/v1/record.proto
  renkei/seal/v1/thread.proto
  renkei/seal/v1/archive.proto
  renkei/seal/v1/enrolment.proto)
