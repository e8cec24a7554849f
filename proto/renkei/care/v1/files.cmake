renkei_proto(care OFF
  renkei/care/v1/options.proto
  renkei/care/v1/common.proto
  renkei/care/v1/patient.proto
  renkei/care/v1/note.proto
  renkei/care/v1/discharge_summary.proto
  renkei/care/v1/admission_info.proto
  renkei/care/v1/medication.proto
  renkei/care/v1/medication_note.proto
  renkei/care/v1/urgent_report.proto
  renkei/care/v1/reply.proto
  renkei/care/v1/content.proto)
