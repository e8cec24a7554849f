renkei_fuzz(NAME form_json SOURCES form_json.cc DEPS renkei_client_documents)
renkei_fuzz(NAME care_content SOURCES care_content.cc DEPS renkei_client_documents)
renkei_fuzz(NAME jahis SOURCES jahis.cc DEPS renkei_client_documents)
