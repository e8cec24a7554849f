#include "client/core/revoke.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "client/core/certify.h"
#include "client/core/directory.h"
#include "client/core/enrol_connect.h"
#include "renkei/relay/v1/directory.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;

// When a list is to be asked for again; nobody refuses an older one.
constexpr Millis kNextUpdate = Days(30);
// Two administrators may publish at once: then the later one adds to the other's list.
constexpr int kTries = 3;

bool IsOfDevice(const pki::Certificate& certificate) {
  switch (certificate.role()) {
    case pki::CertRole::kDeviceSigning:
    case pki::CertRole::kDeviceKey:
    case pki::CertRole::kDeviceTls:
      return true;
    default:
      return false;
  }
}

thread::PersonRef PersonOf(const pki::Certificate& certificate) {
  return {certificate.ids().institution, certificate.ids().person};
}

// The issuer's list as it is, and these too. kConflict: it names them all.
Result<pki::RevocationList> Extend(const pki::Issuer& issuer, const pki::RevocationSet& held,
                                   const std::vector<pki::Certificate>& certificates,
                                   pki::RevocationReason reason, Millis now) {
  const auto newest = held.ListOf(issuer.certificate().subject_key_id());
  std::vector<pki::Revocation> revoked;
  std::uint64_t number = 1;
  Millis this_update = now;
  if (newest.has_value()) {
    revoked = newest->fields().revoked;
    number = newest->fields().number + 1;
    this_update = std::max(now, newest->fields().this_update);
  }
  const std::size_t before = revoked.size();
  for (const pki::Certificate& certificate : certificates) {
    const bool is_there = std::any_of(revoked.begin(), revoked.end(), [&](const auto& each) {
      return each.serial == certificate.serial();
    });
    if (!is_there) {
      revoked.push_back({certificate.serial(), now, reason});
    }
  }
  if (revoked.size() == before) {
    return Error(Code::kConflict, "revocation: revoked already");
  }
  return pki::CreateCrl(issuer, std::move(revoked), number, this_update, this_update + kNextUpdate);
}

bool Holds(const Directory& directory, const pki::RevocationList& list) {
  const auto held = directory.revoked().ListOf(list.fields().issuer_key_id);
  return held.has_value() && held->fields().number >= list.fields().number;
}

// A relay that takes a list and gives it to nobody would leave the lost device to read on.
Status ExpectPassedOn(const Environment& environment, Directory& directory,
                      const pki::RevocationList& list) {
  if (Holds(directory, list)) {
    return Ok();
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(environment.vault));
  RENKEI_TRY(directory.Take({}, {list.der()}, environment.clock.Now()));
  RENKEI_TRY(transaction.Commit());
  return Error(Code::kUnavailable, "revocation: the relay does not pass the list on");
}

Result<bool> Offer(Relay& relay, const pki::RevocationList& list) {
  v1::PublishRevocationsRequest request;
  request.set_revocation_list(ToString(list.der()));
  RENKEI_ASSIGN(const auto response, relay.PublishRevocations(request));
  return response.outcome_case() == v1::PublishRevocationsResponse::kPublished;
}

Status Publish(const Environment& environment, Relay& relay, Directory& directory,
               const pki::Issuer& issuer, const std::vector<pki::Certificate>& certificates,
               pki::RevocationReason reason) {
  const Millis now = environment.clock.Now();
  for (int i = 0; i < kTries; ++i) {
    const auto list = Extend(issuer, directory.revoked(), certificates, reason, now);
    if (!list.ok()) {
      // What this device alone may know by now is offered again.
      const auto held = directory.revoked().ListOf(issuer.certificate().subject_key_id());
      if (list.error().code() == Code::kConflict && held.has_value()) {
        RENKEI_TRY(Offer(relay, *held));
      }
      return list.error();
    }
    RENKEI_ASSIGN(const bool is_taken, Offer(relay, *list));
    RENKEI_TRY(directory.Sync(relay, now));
    if (is_taken) {
      return ExpectPassedOn(environment, directory, *list);
    }
  }
  return Error(Code::kDenied, "revocation: the relay does not take the list");
}

// What both ways to revoke have in common.
struct Hand {
  Identity identity;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<Relay> relay;
};

Result<Hand> Open(const Environment& environment) {
  RENKEI_ASSIGN(Identity identity, LoadIdentity(environment.vault));
  RENKEI_ASSIGN(auto directory, Directory::Open(environment.vault, identity.root_der));
  return Hand{std::move(identity), std::move(directory), nullptr};
}

// The newest list is the one to add to.
Status Connect(const Environment& environment, Hand& hand) {
  RENKEI_ASSIGN(hand.relay, ConnectAs(environment, hand.identity));
  RENKEI_TRY(hand.directory->Sync(*hand.relay, environment.clock.Now()));
  return Ok();
}

}  // namespace

Result<std::vector<DeviceView>> Revoking::Devices() {
  RENKEI_ASSIGN(const Hand hand, Open(environment_));
  RENKEI_ASSIGN(const auto certificates,
                hand.directory->Select([](const pki::Certificate& certificate) {
                  return certificate.role() == pki::CertRole::kDeviceSigning;
                }));
  std::map<DeviceId, DeviceView> by_device;
  for (const pki::Certificate& certificate : certificates) {
    const DeviceId& device = certificate.ids().device;
    DeviceView& view = by_device[device];
    if (view.certified_at.value != 0 && view.certified_at <= certificate.not_before()) {
      continue;
    }
    RENKEI_ASSIGN(const auto person, hand.directory->FindPerson(PersonOf(certificate)));
    RENKEI_ASSIGN(const auto known, hand.directory->Find(certificate.fingerprint()));
    if (!person.has_value() || !known.has_value()) {
      by_device.erase(device);
      continue;
    }
    view = {*person, device, certificate.not_before(), hand.directory->RevokedAt(*known),
            device == hand.identity.device};
  }
  std::vector<DeviceView> out;
  out.reserve(by_device.size());
  for (auto& [device, view] : by_device) {
    out.push_back(std::move(view));
  }
  std::sort(out.begin(), out.end(), [](const DeviceView& a, const DeviceView& b) {
    return std::tie(a.person.institution, a.person.name, a.person.person_id, a.certified_at) <
           std::tie(b.person.institution, b.person.name, b.person.person_id, b.certified_at);
  });
  return out;
}

Result<std::vector<DeviceId>> Revoking::RevokeDevices(const thread::PersonRef& person,
                                                      const std::optional<DeviceId>& device,
                                                      pki::RevocationReason reason) {
  RENKEI_ASSIGN(Hand hand, Open(environment_));
  if (!hand.identity.institution_issuer.has_value() ||
      hand.identity.institution != person.institution) {
    return Error(Code::kDenied, "revocation: only the institution's administrator revokes devices");
  }
  RENKEI_ASSIGN(const pki::Issuer issuer, OpenIssuer(*hand.identity.institution_issuer));
  RENKEI_TRY(Connect(environment_, hand));
  RENKEI_ASSIGN(const auto certificates,
                hand.directory->Select([&](const pki::Certificate& certificate) {
                  return IsOfDevice(certificate) && PersonOf(certificate) == person &&
                         (!device || certificate.ids().device == *device);
                }));
  if (certificates.empty()) {
    return Error(Code::kNotFound, "revocation: no such device");
  }
  std::vector<DeviceId> out;
  for (const pki::Certificate& certificate : certificates) {
    const DeviceId& of = certificate.ids().device;
    if (of == hand.identity.device) {
      return Error(Code::kMalformed, "revocation: this very device");
    }
    const bool is_new = !hand.directory->revoked().Find(certificate).has_value();
    if (is_new && std::find(out.begin(), out.end(), of) == out.end()) {
      out.push_back(of);
    }
  }
  RENKEI_TRY(Publish(environment_, *hand.relay, *hand.directory, issuer, certificates, reason));
  return out;
}

Status Revoking::RevokeInstitution(const InstitutionId& institution) {
  RENKEI_ASSIGN(Hand hand, Open(environment_));
  if (!hand.identity.region_issuer.has_value()) {
    return Error(Code::kDenied, "revocation: only the region's operator revokes institutions");
  }
  if (hand.identity.institution == institution) {
    return Error(Code::kMalformed, "revocation: the operator's own institution");
  }
  RENKEI_ASSIGN(const pki::Issuer issuer, OpenIssuer(*hand.identity.region_issuer));
  RENKEI_TRY(Connect(environment_, hand));
  RENKEI_ASSIGN(const auto certificates,
                hand.directory->Select([&](const pki::Certificate& certificate) {
                  return certificate.role() == pki::CertRole::kInstitution &&
                         certificate.ids().institution == institution;
                }));
  if (certificates.empty()) {
    return Error(Code::kNotFound, "revocation: no such institution");
  }
  return Publish(environment_, *hand.relay, *hand.directory, issuer, certificates,
                 pki::RevocationReason::kCessation);
}

}  // namespace renkei::client
