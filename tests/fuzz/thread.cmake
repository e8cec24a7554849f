foreach(type alert_note alert_plan case_policy commit_frame commit_payload envelope link pack sealed_record signed_card
             signed_notice thread_entry)
  renkei_fuzz(NAME ${type} SOURCES ${type}.cc DEPS renkei_crypto_thread)
endforeach()
