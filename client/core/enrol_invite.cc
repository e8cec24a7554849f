// Invitations: Enrolment::InviteInstitution, InviteStaff, InviteDevice.
#include "client/core/enrol_connect.h"
#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "crypto/pki/names.h"
#include "crypto/pki/profession.h"
#include "renkei/relay/v1/enrolment.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;

Status RegisterTicket(Relay& relay, const MadeInvitation& invitation) {
  v1::CreateTicketRequest request;
  request.set_ticket(ToString(invitation.ticket.view()));
  request.set_purpose(static_cast<renkei::seal::v1::TicketPurpose>(invitation.purpose));
  request.set_expires_at(invitation.expires_at.value);
  RENKEI_ASSIGN(const auto response, relay.CreateTicket(request));
  if (!response.has_accepted()) {
    return Error(Code::kDenied, "the relay does not allow this invitation");
  }
  return Ok();
}

Hash32 InstitutionKeyHash(const Identity& identity) {
  const auto certificate = identity.chain.empty()
                               ? Result<pki::Certificate>(Error(Code::kCorrupt, "no chain"))
                               : pki::Certificate::Parse(identity.chain.front());
  return certificate.ok() ? Sha256(certificate->public_key()) : Hash32{};
}

Result<std::string> Invite(const Environment& environment, const Identity& identity,
                           MadeInvitation invitation) {
  Random& random = environment.random;
  invitation.ticket = TicketId::Generate(random);
  invitation.secret = random.NextSecret(seal::kInvitationSecretBytes);
  invitation.expires_at = environment.clock.Now() + seal::kInvitationLifetime;
  RENKEI_ASSIGN(const auto relay, ConnectAs(environment, identity));
  // Saved first: a ticket that the relay knows and we do not could never be approved.
  RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(environment.vault));
  RENKEI_TRY(SaveInvitation(environment.vault, invitation));
  RENKEI_TRY(RegisterTicket(*relay, invitation));
  RENKEI_TRY(transaction.Commit());

  seal::Invitation code;
  code.purpose = invitation.purpose;
  code.region = identity.region;
  code.root_fingerprint = Sha256(identity.root_der);
  code.institution = invitation.institution;
  code.person = invitation.person;
  if (invitation.purpose != seal::InvitationPurpose::kInstitution) {
    code.institution_key_hash = InstitutionKeyHash(identity);
  }
  code.ticket = invitation.ticket;
  code.secret = invitation.secret.Clone();
  code.expires_at = invitation.expires_at;
  code.relay_address = identity.relay_address;
  return seal::FormatInvitation(code);
}

}  // namespace

Result<std::string> Enrolment::InviteInstitution(std::string_view name, std::string_view kind) {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment_.vault));
  if (!identity.region_issuer.has_value()) {
    return Error(Code::kDenied, "only the region's operator invites institutions");
  }
  const auto known = pki::InstitutionKindFromInput(kind);
  if (!known.has_value()) {
    return Error(Code::kMalformed, "no such kind of institution");
  }
  RENKEI_TRY(pki::CheckName(name));
  MadeInvitation invitation;
  invitation.purpose = seal::InvitationPurpose::kInstitution;
  invitation.institution = InstitutionId::Generate(environment_.random);
  invitation.person = PersonId::Generate(environment_.random);
  invitation.name = name;
  invitation.detail = pki::NamesOf(*known).certificate;
  return Invite(environment_, identity, std::move(invitation));
}

Result<std::string> Enrolment::InviteStaff(std::string_view name, std::string_view profession) {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment_.vault));
  if (!identity.institution_issuer.has_value()) {
    return Error(Code::kDenied, "only the institution's administrator invites colleagues");
  }
  const auto known = pki::ProfessionFromInput(profession);
  if (!known.has_value()) {
    return Error(Code::kMalformed, "no such profession");
  }
  RENKEI_TRY(pki::CheckName(name));
  MadeInvitation invitation;
  invitation.purpose = seal::InvitationPurpose::kStaff;
  invitation.institution = identity.institution;
  invitation.person = PersonId::Generate(environment_.random);
  invitation.name = name;
  invitation.detail = pki::NamesOf(*known).certificate;
  return Invite(environment_, identity, std::move(invitation));
}

Result<std::string> Enrolment::InviteDevice() {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment_.vault));
  MadeInvitation invitation;
  invitation.purpose = seal::InvitationPurpose::kDevice;
  invitation.institution = identity.institution;
  invitation.person = identity.person;
  return Invite(environment_, identity, std::move(invitation));
}

}  // namespace renkei::client
