#include "client/core/enrolment_store.h"

#include "client/core/keys.h"
#include "renkei/vault/v1/enrolment.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kInvite = "invite/";
constexpr std::string_view kJoin = "join";
constexpr std::string_view kJoinSigning = "join/signing";
constexpr std::string_view kJoinTls = "join/tls";
constexpr std::string_view kJoinDevice = "join/device";
constexpr std::string_view kJoinArchive = "join/archive";
constexpr std::string_view kJoinInstitution = "join/institution";
constexpr std::string_view kJoinInstitutionArchive = "join/institution-archive";
constexpr std::string_view kUnpublished = "unpublished";

Bytes InviteKey(const TicketId& ticket) {
  return RowKey(kInvite).Add(ticket.view()).bytes();
}

void Set(std::string* field, ByteView bytes) {
  field->assign(AsText(bytes));
}

Status PutRow(Vault& vault, Table table, ByteView key, const google::protobuf::MessageLite& row) {
  return vault.Put(table, key, AsBytes(row.SerializeAsString()));
}

Status PutKey(Vault& vault, std::string_view name, const SecretBytes& key) {
  return key.empty() ? Ok() : vault.Put(Table::kKeys, AsBytes(name), key.Expose());
}

// Empty if there is none.
Result<SecretBytes> GetKey(Vault& vault, ByteView name) {
  RENKEI_ASSIGN(auto key, vault.GetSecret(Table::kKeys, name));
  return key.has_value() ? std::move(*key) : SecretBytes();
}

Result<SigningKey> GetSigningKey(Vault& vault, std::string_view name) {
  RENKEI_ASSIGN(const SecretBytes seed, GetKey(vault, AsBytes(name)));
  auto key = SigningKey::FromSeed(seed.Expose());
  if (!key.ok()) {
    return Error(Code::kCorrupt, "vault: damaged key");
  }
  return key;
}

Result<seal::InvitationPurpose> PurposeOf(std::uint32_t number) {
  if (number < 1 || number > 3) {
    return Error(Code::kCorrupt, "vault: damaged row");
  }
  return static_cast<seal::InvitationPurpose>(number);
}

}  // namespace

Status SaveInvitation(Vault& vault, const MadeInvitation& invitation) {
  vault::v1::StoredInvitation row;
  row.set_purpose(static_cast<std::uint32_t>(invitation.purpose));
  Set(row.mutable_institution(), invitation.institution.view());
  Set(row.mutable_person(), invitation.person.view());
  row.set_name(invitation.name);
  row.set_detail(invitation.detail);
  row.set_expires_at(invitation.expires_at.value);
  row.set_linked(invitation.linked);
  const Bytes key = InviteKey(invitation.ticket);
  RENKEI_TRY(PutRow(vault, Table::kEnrolment, key, row));
  return vault.Put(Table::kKeys, key, invitation.secret.Expose());
}

Result<std::optional<MadeInvitation>> LoadInvitation(Vault& vault, const TicketId& ticket) {
  const Bytes key = InviteKey(ticket);
  RENKEI_ASSIGN(const auto value, vault.Get(Table::kEnrolment, key));
  if (!value.has_value()) {
    return std::optional<MadeInvitation>();
  }
  RENKEI_ASSIGN(const auto row, ParseRow<vault::v1::StoredInvitation>(*value));
  MadeInvitation out;
  RENKEI_ASSIGN(out.purpose, PurposeOf(row.purpose()));
  out.ticket = ticket;
  RENKEI_ASSIGN(out.institution, StoredId<InstitutionId>(row.institution()));
  RENKEI_ASSIGN(out.person, StoredId<PersonId>(row.person()));
  out.name = row.name();
  out.detail = row.detail();
  out.expires_at = {row.expires_at()};
  out.linked = row.linked();
  RENKEI_ASSIGN(out.secret, GetKey(vault, key));
  return std::optional(std::move(out));
}

Status EraseInvitation(Vault& vault, const TicketId& ticket) {
  const Bytes key = InviteKey(ticket);
  RENKEI_TRY(vault.Erase(Table::kKeys, key));
  return vault.Erase(Table::kEnrolment, key);
}

Status SavePendingJoin(Vault& vault, const PendingJoin& join) {
  vault::v1::StoredJoin row;
  row.set_purpose(static_cast<std::uint32_t>(join.purpose));
  Set(row.mutable_ticket(), join.ticket.view());
  Set(row.mutable_region(), join.region.view());
  Set(row.mutable_root_certificate(), join.root_der);
  row.set_relay_address(join.relay_address);
  Set(row.mutable_institution(), join.institution.view());
  Set(row.mutable_person(), join.person.view());
  Set(row.mutable_device(), join.keys.device.view());
  Set(row.mutable_institution_key_hash(), join.institution_key_hash);
  row.set_name(join.name);
  row.set_profession(join.profession);
  Set(row.mutable_signed_request(), join.signed_request);
  row.set_submitted(join.submitted);
  RENKEI_TRY(PutRow(vault, Table::kEnrolment, AsBytes(kJoin), row));
  RENKEI_TRY(PutKey(vault, kJoinSigning, join.keys.signing.Seed()));
  RENKEI_TRY(PutKey(vault, kJoinTls, join.keys.tls.Seed()));
  RENKEI_TRY(PutKey(vault, kJoinDevice, join.keys.device_key));
  RENKEI_TRY(PutKey(vault, kJoinArchive, join.keys.person_archive));
  if (join.institution_key.has_value()) {
    RENKEI_TRY(PutKey(vault, kJoinInstitution, join.institution_key->Seed()));
  }
  return PutKey(vault, kJoinInstitutionArchive, join.institution_archive);
}

Status MarkSubmitted(Vault& vault) {
  RENKEI_ASSIGN(const auto value, vault.Get(Table::kEnrolment, AsBytes(kJoin)));
  if (!value.has_value()) {
    return Error(Code::kNotFound, "enrolment: no join under way");
  }
  RENKEI_ASSIGN(auto row, ParseRow<vault::v1::StoredJoin>(*value));
  row.set_submitted(true);
  return PutRow(vault, Table::kEnrolment, AsBytes(kJoin), row);
}

Result<std::optional<PendingJoin>> LoadPendingJoin(Vault& vault) {
  RENKEI_ASSIGN(const auto value, vault.Get(Table::kEnrolment, AsBytes(kJoin)));
  if (!value.has_value()) {
    return std::optional<PendingJoin>();
  }
  RENKEI_ASSIGN(const auto row, ParseRow<vault::v1::StoredJoin>(*value));
  RENKEI_ASSIGN(SigningKey signing, GetSigningKey(vault, kJoinSigning));
  RENKEI_ASSIGN(SigningKey tls, GetSigningKey(vault, kJoinTls));
  RENKEI_ASSIGN(SecretBytes device_key, GetKey(vault, AsBytes(kJoinDevice)));
  RENKEI_ASSIGN(SecretBytes archive, GetKey(vault, AsBytes(kJoinArchive)));
  RENKEI_ASSIGN(const DeviceId device, StoredId<DeviceId>(row.device()));
  PendingJoin out{.keys = {device, std::move(signing), std::move(tls), std::move(device_key),
                           std::move(archive)}};
  RENKEI_ASSIGN(out.purpose, PurposeOf(row.purpose()));
  RENKEI_ASSIGN(out.ticket, StoredId<TicketId>(row.ticket()));
  RENKEI_ASSIGN(out.region, StoredId<RegionId>(row.region()));
  out.root_der = ToBytes(row.root_certificate());
  out.relay_address = row.relay_address();
  RENKEI_ASSIGN(out.institution, StoredId<InstitutionId>(row.institution()));
  RENKEI_ASSIGN(out.person, StoredId<PersonId>(row.person()));
  RENKEI_ASSIGN(out.institution_key_hash, StoredHash(row.institution_key_hash()));
  out.name = row.name();
  out.profession = row.profession();
  out.signed_request = ToBytes(row.signed_request());
  out.submitted = row.submitted();
  if (out.purpose == seal::InvitationPurpose::kInstitution) {
    RENKEI_ASSIGN(out.institution_key, GetSigningKey(vault, kJoinInstitution));
    RENKEI_ASSIGN(out.institution_archive, GetKey(vault, AsBytes(kJoinInstitutionArchive)));
  }
  return std::optional(std::move(out));
}

Status ErasePendingJoin(Vault& vault) {
  for (const std::string_view name : {kJoinSigning, kJoinTls, kJoinDevice, kJoinArchive,
                                      kJoinInstitution, kJoinInstitutionArchive}) {
    RENKEI_TRY(vault.Erase(Table::kKeys, AsBytes(name)));
  }
  return vault.Erase(Table::kEnrolment, AsBytes(kJoin));
}

Status MarkUnpublished(Vault& vault, bool unpublished) {
  const ByteView key = AsBytes(kUnpublished);
  static constexpr std::uint8_t kYes = 1;
  return unpublished ? vault.Put(Table::kMeta, key, ByteView(&kYes, 1))
                     : vault.Erase(Table::kMeta, key);
}

Result<bool> IsUnpublished(Vault& vault) {
  RENKEI_ASSIGN(const auto value, vault.Get(Table::kMeta, AsBytes(kUnpublished)));
  return value.has_value();
}

}  // namespace renkei::client
