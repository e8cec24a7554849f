#include "client/core/evidence.h"

#include <utility>

#include "crypto/pki/revocation.h"

namespace renkei::client {
namespace {

Result<std::optional<thread::Link>> JudgeLink(ByteView signed_link, Millis at,
                                              Certificates& certificates) {
  const std::optional<thread::Link> none;
  if (signed_link.empty()) {
    return none;
  }
  const auto parsed = thread::ParseSignedLink(signed_link);
  if (!parsed.ok()) {
    return none;
  }
  auto linking = certificates.SignerOf(Sha256(parsed->linking_certificate), at);
  if (!linking.ok()) {
    if (linking.error().code() != Code::kAuthFailed) {
      return linking.error();
    }
    return none;
  }
  if (!thread::VerifyLink(*parsed, *linking).ok()) {
    return none;
  }
  return std::optional<thread::Link>(parsed->link);
}

// The lists of the card that the issuers of this member's certificate have signed.
pki::RevocationSet ListsOf(const KnownCertificate& known,
                           const std::vector<pki::RevocationList>& lists) {
  pki::RevocationSet out;
  for (const pki::RevocationList& list : lists) {
    for (const pki::Certificate& issuer : known.issuers) {
      if (issuer.subject_key_id() == list.fields().issuer_key_id) {
        (void)out.Add(list, issuer);  // not signed by it: proves nothing
      }
    }
  }
  return out;
}

Result<std::vector<DeviceId>> JudgeRevocations(const thread::Card& previous,
                                               const std::vector<Bytes>& ders, Millis at,
                                               const Certificates& certificates) {
  std::vector<pki::RevocationList> lists;
  for (const Bytes& der : ders) {
    auto list = pki::RevocationList::Parse(der);
    if (list.ok()) {
      lists.push_back(std::move(*list));
    }
  }
  std::vector<DeviceId> out;
  if (lists.empty()) {
    return out;
  }
  for (const thread::CardMember& member : previous.members) {
    RENKEI_ASSIGN(const auto known, certificates.source().Find(member.signing_certificate_hash));
    if (!known.has_value()) {
      return Error(Code::kNotFound, "directory: certificate not known here");
    }
    const pki::RevocationSet set = ListsOf(*known, lists);
    bool revoked = set.IsRevoked(known->certificate, at);
    for (const pki::Certificate& issuer : known->issuers) {
      revoked = revoked || set.IsRevoked(issuer, at);
    }
    if (revoked) {
      out.push_back(member.device);
    }
  }
  return out;
}

Result<std::vector<thread::LeaveRequest>> JudgeLeaving(const thread::Card& previous,
                                                       const std::vector<Bytes>& requests,
                                                       Millis at, Certificates& certificates) {
  std::vector<thread::LeaveRequest> out;
  for (const Bytes& bytes : requests) {
    const auto request = thread::ParseLeaveRequest(bytes);
    if (!request.ok()) {
      continue;
    }
    const thread::CardMember* member = thread::FindMember(previous, request->request.device);
    if (member == nullptr) {
      continue;
    }
    auto signer = certificates.SignerOf(member->signing_certificate_hash, at);
    if (!signer.ok() && signer.error().code() != Code::kAuthFailed) {
      return signer.error();
    }
    if (signer.ok() && thread::VerifyLeaveRequest(*request, *signer).ok()) {
      out.push_back(request->request);
    }
  }
  return out;
}

}  // namespace

Result<thread::JudgedEvidence> JudgeEvidence(const thread::Card* previous, const thread::Card& card,
                                             Millis at, Certificates& certificates) {
  thread::JudgedEvidence out;
  RENKEI_ASSIGN(out.link, JudgeLink(card.evidence.link, at, certificates));
  if (previous == nullptr) {
    return out;
  }
  RENKEI_ASSIGN(out.revoked,
                JudgeRevocations(*previous, card.evidence.revocation_lists, at, certificates));
  RENKEI_ASSIGN(out.leaving,
                JudgeLeaving(*previous, card.evidence.leave_requests, at, certificates));
  return out;
}

}  // namespace renkei::client
