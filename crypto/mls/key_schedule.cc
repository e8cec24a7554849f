#include "crypto/mls/key_schedule.h"

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

constexpr std::string_view kExternalInitLabel = "MLS 1.0 external init secret";

// The stored order, which is the order of the struct.
template <typename Secrets, typename Visit>
void VisitSecrets(Secrets& secrets, Visit visit) {
  visit(secrets.sender_data_secret, false);
  visit(secrets.encryption_secret, true);
  visit(secrets.exporter_secret, false);
  visit(secrets.external_secret, false);
  visit(secrets.confirmation_key, false);
  visit(secrets.membership_key, false);
  visit(secrets.resumption_psk, false);
  visit(secrets.epoch_authenticator, false);
  visit(secrets.init_secret, false);
}

}  // namespace

SecretBytes JoinerSecret(const SecretBytes& init_secret, const SecretBytes& commit_secret,
                         ByteView group_context) {
  const SecretBytes extracted = HkdfExtract(init_secret.Expose(), commit_secret.Expose());
  return ExpandWithLabel(extracted, "joiner", group_context, kHashBytes);
}

JoinedSecret::JoinedSecret(const SecretBytes& joiner_secret, const SecretBytes& psk_secret)
    : secret_(HkdfExtract(joiner_secret.Expose(), psk_secret.Expose())) {}

SecretBytes JoinedSecret::WelcomeSecret() const {
  return DeriveSecret(secret_, "welcome");
}

WelcomeKeys JoinedSecret::DeriveWelcomeKeys() const {
  const SecretBytes welcome_secret = WelcomeSecret();
  return {ExpandWithLabel(welcome_secret, "key", {}, kAeadKeyBytes),
          ExpandWithLabel(welcome_secret, "nonce", {}, kAeadNonceBytes)};
}

SecretBytes JoinedSecret::EpochSecret(ByteView group_context) const {
  return ExpandWithLabel(secret_, "epoch", group_context, kHashBytes);
}

EpochSecrets EpochSecrets::FromEpochSecret(const SecretBytes& epoch_secret) {
  EpochSecrets out;
  out.sender_data_secret = DeriveSecret(epoch_secret, "sender data");
  out.encryption_secret = DeriveSecret(epoch_secret, "encryption");
  out.exporter_secret = DeriveSecret(epoch_secret, "exporter");
  out.external_secret = DeriveSecret(epoch_secret, "external");
  out.confirmation_key = DeriveSecret(epoch_secret, "confirm");
  out.membership_key = DeriveSecret(epoch_secret, "membership");
  out.resumption_psk = DeriveSecret(epoch_secret, "resumption");
  out.epoch_authenticator = DeriveSecret(epoch_secret, "authentication");
  out.init_secret = DeriveSecret(epoch_secret, "init");
  return out;
}

Hash32 EpochSecrets::ConfirmationTag(ByteView confirmed_transcript_hash) const {
  return Mac(confirmation_key, confirmed_transcript_hash);
}

Status EpochSecrets::VerifyConfirmationTag(ByteView confirmed_transcript_hash, ByteView tag) const {
  return VerifyMac(confirmation_key, confirmed_transcript_hash, tag);
}

SecretBytes EpochSecrets::Export(std::string_view label, ByteView context,
                                 std::size_t length) const {
  return ExpandWithLabel(DeriveSecret(exporter_secret, label), "exported", Sha256(context), length);
}

HpkeKeyPair EpochSecrets::ExternalKeyPair() const {
  return HpkeKeyPair::Derive(external_secret.Expose());
}

EpochSecrets EpochSecrets::Clone() const {
  EpochSecrets out;
  out.sender_data_secret = sender_data_secret.Clone();
  out.encryption_secret = encryption_secret.Clone();
  out.exporter_secret = exporter_secret.Clone();
  out.external_secret = external_secret.Clone();
  out.confirmation_key = confirmation_key.Clone();
  out.membership_key = membership_key.Clone();
  out.resumption_psk = resumption_psk.Clone();
  out.epoch_authenticator = epoch_authenticator.Clone();
  out.init_secret = init_secret.Clone();
  return out;
}

void Encode(wire::Writer& out, const EpochSecrets& value) {
  VisitSecrets(value, [&](const SecretBytes& secret, bool) { out.Opaque(secret.Expose()); });
}

Status Decode(wire::Reader& in, EpochSecrets& value) {
  Status status;
  VisitSecrets(value, [&](SecretBytes& secret, bool may_be_empty) {
    if (!status.ok()) {
      return;
    }
    status = in.OpaqueSecret(secret);
    if (status.ok() && secret.size() != kHashBytes && !(may_be_empty && secret.empty())) {
      status = Error(Code::kMalformed, "mls: stored epoch secret is not 32 bytes");
    }
  });
  return status;
}

Result<ExternalInitSecret> MakeExternalInit(ByteView external_pub, Random& random) {
  RENKEI_ASSIGN(HpkeExport exported,
                HpkeExportTo(external_pub, {}, kExternalInitLabel, kHashBytes, random));
  return ExternalInitSecret{std::move(exported.kem_output), std::move(exported.secret)};
}

Result<SecretBytes> OpenExternalInit(const HpkeKeyPair& external_key, ByteView kem_output) {
  return HpkeExportFrom(external_key, kem_output, {}, kExternalInitLabel, kHashBytes);
}

Result<SecretBytes> PskSecret(const std::vector<PskInput>& psks) {
  if (psks.size() > kMaxPsks) {
    return Error(Code::kTooLarge, "mls: more pre-shared keys than kMaxPsks");
  }
  const SecretBytes zero = ZeroSecret();
  SecretBytes out = ZeroSecret();
  for (std::size_t i = 0; i < psks.size(); ++i) {
    wire::Writer label(128);  // PSKLabel
    Encode(label, psks[i].id);
    label.U16(static_cast<std::uint16_t>(i));
    label.U16(static_cast<std::uint16_t>(psks.size()));
    const SecretBytes extracted = HkdfExtract(zero.Expose(), psks[i].psk.Expose());
    const SecretBytes input = ExpandWithLabel(extracted, "derived psk", label.view(), kHashBytes);
    out = HkdfExtract(input.Expose(), out.Expose());
  }
  return out;
}

}  // namespace renkei::mls
