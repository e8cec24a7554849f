renkei_fuzz(NAME vault_header SOURCES vault_header.cc DEPS renkei_client_vault)
renkei_fuzz(NAME sealed_device_key SOURCES sealed_device_key.cc DEPS renkei_client_vault)
renkei_fuzz(NAME doc_set SOURCES doc_set.cc DEPS renkei_client_vault)
renkei_fuzz(NAME text_fold SOURCES text_fold.cc DEPS renkei_client_core_base)
