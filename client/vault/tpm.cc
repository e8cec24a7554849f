#include "client/vault/tpm.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "client/vault/device_key_store.h"
#include "client/vault/files.h"

namespace renkei::client {
namespace {

constexpr Error kCannotBeUsed(Code::kUnavailable, "vault: the TPM cannot be used");
constexpr std::string_view kDeviceTcti = "device:";

// What the library hands out. Freed without wiping: secrets are wiped by whoever gets one.
struct FreeByLibrary {
  void operator()(void* memory) const { Esys_Free(memory); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeByLibrary>;

// What the sealed object and its parent have in common.
constexpr TPMA_OBJECT kStaysHere =
    TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;

// A storage key over P-256, as the TCG's Provisioning Guidance (7.5.1) has it. The TPM derives the
// same key from it until its owner seed changes. Both templates are part of the format of
// SealedKey: a change here is a new format there.
TPM2B_PUBLIC PrimaryTemplate() {
  TPM2B_PUBLIC out{};
  TPMT_PUBLIC& area = out.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes =
      kStaysHere | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  TPMS_ECC_PARMS& curve = area.parameters.eccDetail;
  curve.symmetric.algorithm = TPM2_ALG_AES;
  curve.symmetric.keyBits.aes = 128;
  curve.symmetric.mode.aes = TPM2_ALG_CFB;
  curve.scheme.scheme = TPM2_ALG_NULL;
  curve.curveID = TPM2_ECC_NIST_P256;
  curve.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

// 32 bytes of data that stay with their parent. No lockout counts here (NODA): there is no password
// to guess, and a user who is locked out of the TPM by another program still reads the records.
TPM2B_PUBLIC SealedTemplate() {
  TPM2B_PUBLIC out{};
  out.publicArea.type = TPM2_ALG_KEYEDHASH;
  out.publicArea.nameAlg = TPM2_ALG_SHA256;
  out.publicArea.objectAttributes = kStaysHere;
  out.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return out;
}

// One connection with what it made in the TPM; everything is given back when it goes. One thread.
class Conversation {
 public:
  Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  Status Connect(const std::string& tcti);
  // SHA-256 of the primary's public area.
  Result<Hash32> PrimaryDigest();
  Status Create(const SecretBytes& key, SealedKey& out);
  Result<SecretBytes> LoadAndUnseal(const SealedKey& sealed);

 private:
  Status MakePrimary();
  Status StartSession();
  // The next command's first parameter (DECRYPT) or its answer's (ENCRYPT) is encrypted.
  bool Protect(TPMA_SESSION direction);
  Status Load(const SealedKey& sealed);
  void OverwriteLastAnswer();

  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
  ESYS_TR primary_ = ESYS_TR_NONE;
  ESYS_TR session_ = ESYS_TR_NONE;
  ESYS_TR object_ = ESYS_TR_NONE;
};

Conversation::~Conversation() {
  for (const ESYS_TR handle : {object_, session_, primary_}) {
    if (handle != ESYS_TR_NONE) {
      static_cast<void>(Esys_FlushContext(esys_, handle));
    }
  }
  if (esys_ != nullptr) {
    Esys_Finalize(&esys_);
  }
  if (tcti_ != nullptr) {
    Tss2_TctiLdr_Finalize(&tcti_);
  }
}

Status Conversation::Connect(const std::string& tcti) {
  if (Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_) != TSS2_RC_SUCCESS ||
      Esys_Initialize(&esys_, tcti_, nullptr) != TSS2_RC_SUCCESS) {
    return kCannotBeUsed;
  }
  RENKEI_TRY(MakePrimary());
  return StartSession();
}

// Nothing secret goes over here: owner's password (empty) and a template.
Status Conversation::MakePrimary() {
  const TPM2B_SENSITIVE_CREATE nothing{};
  const TPM2B_PUBLIC shape = PrimaryTemplate();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION no_registers{};
  TPM2B_PUBLIC* made = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  const TSS2_RC code = Esys_CreatePrimary(esys_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                          ESYS_TR_NONE, &nothing, &shape, &outside, &no_registers,
                                          &primary_, &made, &data, &hash, &ticket);
  const Owned<TPM2B_PUBLIC> made_owner(made);
  const Owned<TPM2B_CREATION_DATA> data_owner(data);
  const Owned<TPM2B_DIGEST> hash_owner(hash);
  const Owned<TPMT_TK_CREATION> ticket_owner(ticket);
  return code == TSS2_RC_SUCCESS ? Ok() : kCannotBeUsed;
}

Status Conversation::StartSession() {
  TPMT_SYM_DEF aes{};
  aes.algorithm = TPM2_ALG_AES;
  aes.keyBits.aes = 128;
  aes.mode.aes = TPM2_ALG_CFB;
  const TSS2_RC code =
      Esys_StartAuthSession(esys_, primary_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                            nullptr, TPM2_SE_HMAC, &aes, TPM2_ALG_SHA256, &session_);
  return code == TSS2_RC_SUCCESS ? Ok() : kCannotBeUsed;
}

bool Conversation::Protect(TPMA_SESSION direction) {
  return Esys_TRSess_SetAttributes(esys_, session_, direction | TPMA_SESSION_CONTINUESESSION,
                                   TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT |
                                       TPMA_SESSION_CONTINUESESSION) == TSS2_RC_SUCCESS;
}

Result<Hash32> Conversation::PrimaryDigest() {
  TPM2B_NAME* name = nullptr;
  const TSS2_RC code = Esys_TR_GetName(esys_, primary_, &name);
  const Owned<TPM2B_NAME> owner(name);
  // A name is two bytes that say the hash (SHA-256 by the template), then the hash.
  Hash32 digest{};
  if (code != TSS2_RC_SUCCESS || name->size != 2 + digest.size()) {
    return kCannotBeUsed;
  }
  std::copy_n(name->name + 2, digest.size(), digest.begin());
  return digest;
}

Status Conversation::Create(const SecretBytes& key, SealedKey& out) {
  const TPM2B_PUBLIC shape = SealedTemplate();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION no_registers{};
  TPM2B_PRIVATE* sealed = nullptr;
  TPM2B_PUBLIC* made = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  TPM2B_SENSITIVE_CREATE secret{};
  secret.sensitive.data.size = static_cast<UINT16>(key.size());
  std::copy(key.Expose().begin(), key.Expose().end(), secret.sensitive.data.buffer);
  const TSS2_RC code =
      Protect(TPMA_SESSION_DECRYPT)
          ? Esys_Create(esys_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &secret, &shape,
                        &outside, &no_registers, &sealed, &made, &data, &hash, &ticket)
          : TSS2_ESYS_RC_GENERAL_FAILURE;
  Wipe({reinterpret_cast<std::uint8_t*>(&secret), sizeof(secret)});
  const Owned<TPM2B_PRIVATE> sealed_owner(sealed);
  const Owned<TPM2B_PUBLIC> made_owner(made);
  const Owned<TPM2B_CREATION_DATA> data_owner(data);
  const Owned<TPM2B_DIGEST> hash_owner(hash);
  const Owned<TPMT_TK_CREATION> ticket_owner(ticket);
  if (code != TSS2_RC_SUCCESS || sealed->size == 0 || sealed->size > SealedKey::kMaxSealedBytes ||
      made->publicArea.unique.keyedHash.size != out.unique.size()) {
    return kCannotBeUsed;
  }
  out.sealed.assign(sealed->buffer, sealed->buffer + sealed->size);
  std::copy_n(made->publicArea.unique.keyedHash.buffer, out.unique.size(), out.unique.begin());
  return Ok();
}

Status Conversation::Load(const SealedKey& sealed) {
  TPM2B_PRIVATE content{};
  static_assert(SealedKey::kMaxSealedBytes <= sizeof(content.buffer));
  content.size = static_cast<UINT16>(sealed.sealed.size());
  std::copy(sealed.sealed.begin(), sealed.sealed.end(), content.buffer);
  TPM2B_PUBLIC shape = SealedTemplate();
  shape.publicArea.unique.keyedHash.size = static_cast<UINT16>(sealed.unique.size());
  std::copy(sealed.unique.begin(), sealed.unique.end(), shape.publicArea.unique.keyedHash.buffer);
  if (!Protect(0)) {
    return kCannotBeUsed;
  }
  const TSS2_RC code =
      Esys_Load(esys_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &content, &shape, &object_);
  if (code == TSS2_RC_SUCCESS) {
    return Ok();
  }
  // The TPM's own answer (no layer) about a parameter (Part 2, 6.6): it
  // has looked at the bytes, and they are not its own.
  const bool about_the_bytes = (code & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER &&
                               (code & TPM2_RC_FMT1) != 0 && (code & TPM2_RC_P) != 0;
  return about_the_bytes ? Error(Code::kCorrupt, "vault: device key damaged") : kCannotBeUsed;
}

Result<SecretBytes> Conversation::LoadAndUnseal(const SealedKey& sealed) {
  RENKEI_TRY(Load(sealed));
  if (!Protect(TPMA_SESSION_ENCRYPT)) {
    return kCannotBeUsed;
  }
  TPM2B_SENSITIVE_DATA* data = nullptr;
  const TSS2_RC code = Esys_Unseal(esys_, object_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &data);
  const Owned<TPM2B_SENSITIVE_DATA> owner(data);
  if (code != TSS2_RC_SUCCESS) {
    return kCannotBeUsed;
  }
  SecretBytes key =
      SecretBytes::CopyOf({data->buffer, std::min<std::size_t>(data->size, sizeof(data->buffer))});
  Wipe({reinterpret_cast<std::uint8_t*>(data), sizeof(*data)});
  OverwriteLastAnswer();
  if (key.size() != kDeviceKeyBytes) {
    return Error(Code::kCorrupt, "vault: device key damaged");
  }
  return key;
}

// The library decrypts the answer inside its own buffer and frees that as it is. Another answer of
// the same shape takes the key's place; should it fail, the opened vault holds worse anyway.
void Conversation::OverwriteLastAnswer() {
  TPM2B_DIGEST* noise = nullptr;
  static_cast<void>(
      Esys_GetRandom(esys_, session_, ESYS_TR_NONE, ESYS_TR_NONE, kDeviceKeyBytes, &noise));
  const Owned<TPM2B_DIGEST> owner(noise);
}

}  // namespace

bool Tpm::Present() const {
  const std::string_view tcti = tcti_;
  return Wanted() && (tcti.substr(0, kDeviceTcti.size()) != kDeviceTcti ||
                      FileExists(tcti_.substr(kDeviceTcti.size())));
}

Result<SealedKey> Tpm::Seal(const VaultId& id, const SecretBytes& key) {
  RENKEI_CHECK(key.size() == kDeviceKeyBytes);
  if (!Present()) {
    return kCannotBeUsed;
  }
  Conversation tpm;
  RENKEI_TRY(tpm.Connect(tcti_));
  SealedKey out;
  out.id = id;
  RENKEI_ASSIGN(out.parent, tpm.PrimaryDigest());
  RENKEI_TRY(tpm.Create(key, out));
  // The library keeps a copy of what it was asked to seal and frees that as it is. Another question
  // takes its place; what becomes of it does not matter.
  SealedKey of_zeros;
  static_cast<void>(tpm.Create(SecretBytes(kDeviceKeyBytes), of_zeros).ok());
  return out;
}

Result<SecretBytes> Tpm::Unseal(const SealedKey& sealed) {
  if (!Present()) {
    return kCannotBeUsed;
  }
  Conversation tpm;
  RENKEI_TRY(tpm.Connect(tcti_));
  RENKEI_ASSIGN(const Hash32 parent, tpm.PrimaryDigest());
  if (parent != sealed.parent) {
    return Error(Code::kDenied, "vault: sealed by another TPM");
  }
  return tpm.LoadAndUnseal(sealed);
}

}  // namespace renkei::client
