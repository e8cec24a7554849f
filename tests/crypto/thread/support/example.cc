#include "tests/crypto/thread/support/example.h"

#include <algorithm>
#include <set>

#include "crypto/base/hash.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/succession.h"

namespace renkei::test {

using thread::Card;
using thread::CardRecipient;

thread::Signer ExampleDevice::Signer() const {
  return {person, id, key.public_key(), Sha256(certificate)};
}

thread::CardMember ExampleDevice::Member(std::uint64_t joined_epoch) const {
  return {leaf, person, id, Sha256(certificate), joined_epoch};
}

ExampleCase::ExampleCase(std::uint64_t seed) : random_(seed) {
  case_id = CaseId::Generate(random_);
}

InstitutionId ExampleCase::NewInstitution() {
  return InstitutionId::Generate(random_);
}

thread::PersonRef ExampleCase::NewPerson(const InstitutionId& institution) {
  return {institution, PersonId::Generate(random_)};
}

ExampleDevice ExampleCase::NewDevice(const thread::PersonRef& person, std::uint32_t leaf) {
  return {person, DeviceId::Generate(random_), SigningKey::Generate(random_),
          random_.NextBytes(300), leaf};
}

namespace {

// The same stand-in for the same name on every card.
Hash32 KeyIdFor(const InstitutionId& institution, const std::optional<PersonId>& person) {
  return Sha256({AsBytes("archive key of"), institution.view(),
                 person ? person->view() : ByteView(institution.view())});
}

PublicKey CaKeyFor(const InstitutionId& institution) {
  return Sha256({AsBytes("CA key of"), institution.view()});
}

}  // namespace

void ExampleCase::FillReaders(Card& card) const {
  std::set<thread::PersonRef> persons;
  std::set<InstitutionId> institutions;
  for (const thread::CardMember& member : card.members) {
    persons.insert(member.person);
    institutions.insert(member.person.institution);
  }
  card.institutions.clear();
  card.recipients.clear();
  for (const InstitutionId& institution : institutions) {
    card.institutions.push_back({institution, CaKeyFor(institution)});
    card.recipients.push_back({institution, std::nullopt, KeyIdFor(institution, {}), 1});
    for (const thread::PersonRef& person : persons) {
      if (person.institution == institution) {
        card.recipients.push_back(
            {institution, person.person, KeyIdFor(institution, person.person), 1});
      }
    }
  }
}

Card ExampleCase::FirstCard(const ExampleDevice& creator) {
  Card card;
  card.case_id = case_id;
  card.epoch_id = random_.NextArray<kHashBytes>();
  card.policy.stewards = {creator.person};
  card.group_info_hash = random_.NextArray<kHashBytes>();
  card.mls_group_id = random_.NextBytes(32);
  card.committer_device = creator.id;
  card.members = {creator.Member(0)};
  FillReaders(card);
  return card;
}

Card ExampleCase::NextCard(const thread::SignedCard& previous, const ExampleDevice& committer,
                           const Devices& members) {
  Card card = previous.card;
  card.at.epoch += 1;
  card.epoch_id = random_.NextArray<kHashBytes>();
  card.group_info_hash = random_.NextArray<kHashBytes>();
  card.previous_card_hash = previous.hash;
  card.committer_device = committer.id;
  card.evidence = {};
  card.members.clear();
  for (const ExampleDevice* device : members) {
    card.members.push_back(
        device->Member(thread::JoinedEpoch(&previous.card, device->id, card.at.epoch)));
  }
  std::sort(card.members.begin(), card.members.end(),
            [](const auto& a, const auto& b) { return a.leaf_index < b.leaf_index; });
  FillReaders(card);
  return card;
}

Bytes CommitBytes(ByteView group_id, std::uint64_t epoch, std::optional<std::uint32_t> leaf) {
  RENKEI_CHECK(group_id.size() < 64);
  Bytes out = {0, 1, 0, 1, static_cast<std::uint8_t>(group_id.size())};
  Append(out, group_id);
  thread::AppendU64(out, epoch);
  thread::AppendU8(out, leaf ? 1 : 4);
  if (leaf) {
    thread::AppendU32(out, *leaf);
  }
  thread::AppendU8(out, 0);  // authenticated_data
  thread::AppendU8(out, 3);  // commit
  Append(out, AsBytes("the rest is of no interest here"));
  return out;
}

thread::CommitPayload MakeCommit(Card card, const ExampleDevice& signer,
                                 std::optional<std::uint32_t> leaf) {
  Bytes commit;
  if (card.at.epoch > 0) {
    commit = CommitBytes(card.mls_group_id, card.at.epoch - 1, leaf);
    card.commit_hash = Sha256(commit);
  }
  return {thread::SignCard(card, signer.key).value(), commit};
}

thread::Link MakeExampleLink(const ExampleDevice& linking, const ExampleDevice& added) {
  thread::Link link;
  link.person = linking.person;
  link.new_device = added.id;
  link.signing_key = added.key.public_key();
  link.device_key = Sha256(AsBytes("device key"));
  link.tls_key = Sha256(AsBytes("TLS key"));
  link.linking_device = linking.id;
  link.created_at = kExampleTime;
  link.package_hash = Sha256(AsBytes("package"));
  return link;
}

std::size_t CountAcceptedMutations(ByteView bytes, const std::function<bool(ByteView)>& accepts) {
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const unsigned mask : {0xFFU, 0x01U}) {
      Bytes changed = ToBytes(bytes);
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ mask);
      accepted += accepts(changed) ? 1 : 0;
    }
    Bytes shorter = ToBytes(bytes);
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    accepted += accepts(shorter) ? 1 : 0;
  }
  for (const int more : {0x00, 0x01, 0x80}) {
    Bytes longer = ToBytes(bytes);
    longer.push_back(static_cast<std::uint8_t>(more));
    accepted += accepts(longer) ? 1 : 0;
  }
  return accepted;
}

}  // namespace renkei::test
