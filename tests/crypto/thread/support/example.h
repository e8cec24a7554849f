// A case with invented members, made from a seed: what the tests of cards, records and envelopes
// need. Keys and ids only; certificates stand in by their hash.
#ifndef RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_EXAMPLE_H_
#define RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_EXAMPLE_H_

#include <functional>
#include <initializer_list>
#include <optional>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/base/sign.h"
#include "crypto/thread/card.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "crypto/thread/names.h"

namespace renkei::test {

inline constexpr Millis kExampleTime = {1717372800000};  // 2024-06-03T00:00:00Z

struct ExampleDevice {
  thread::PersonRef person;
  DeviceId id;
  SigningKey key;
  Bytes certificate;  // not a real one: bytes to be hashed
  std::uint32_t leaf = 0;

  thread::Signer Signer() const;
  thread::CardMember Member(std::uint64_t joined_epoch) const;
};

using Devices = std::vector<const ExampleDevice*>;

class ExampleCase {
 public:
  explicit ExampleCase(std::uint64_t seed);

  SeededRandom& random() { return random_; }
  thread::PersonRef NewPerson(const InstitutionId& institution);
  InstitutionId NewInstitution();
  ExampleDevice NewDevice(const thread::PersonRef& person, std::uint32_t leaf);

  // The first card, of a case that `creator` opens: steward is the creator's person.
  thread::Card FirstCard(const ExampleDevice& creator);
  // The card after `previous` with these members, everything else kept. The commit hash is that of
  // CommitBytes for the committer's leaf on the previous card (external if it has none there).
  thread::Card NextCard(const thread::SignedCard& previous, const ExampleDevice& committer,
                        const Devices& members);
  // Recipients and institutions that the card's members yield.
  void FillReaders(thread::Card& card) const;

  CaseId case_id;

 private:
  SeededRandom random_;
};

// The front of an MLS commit in a PublicMessage, and a tail that is none.
Bytes CommitBytes(ByteView group_id, std::uint64_t epoch, std::optional<std::uint32_t> leaf);

// `card` signed by `signer`, with a commit from `leaf` (none: external) whose hash is put on it.
thread::CommitPayload MakeCommit(thread::Card card, const ExampleDevice& signer,
                                 std::optional<std::uint32_t> leaf);

thread::Link MakeExampleLink(const ExampleDevice& linking, const ExampleDevice& added);

// Runs `accepts` on `bytes` with each byte changed in turn (all of its bits; its lowest bit), each
// byte left out, and one added. Returns how many of them were accepted: 0 is what one wants.
std::size_t CountAcceptedMutations(ByteView bytes, const std::function<bool(ByteView)>& accepts);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_EXAMPLE_H_
