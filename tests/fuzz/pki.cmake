foreach(type certificate revocation_list pem)
  renkei_fuzz(NAME ${type} SOURCES ${type}.cc DEPS renkei_crypto_pki)
endforeach()
