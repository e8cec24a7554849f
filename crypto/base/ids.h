// The 16-byte random identifiers (UUID version 4 in text) and their distinct types, so that a
// record id never goes where a case id is meant. Values; any thread.
#ifndef RENKEI_CRYPTO_BASE_IDS_H_
#define RENKEI_CRYPTO_BASE_IDS_H_

#include <compare>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"

namespace renkei {

inline constexpr std::size_t kIdBytes = 16;

// Lowercase 8-4-4-4-12. ParseUuid: kMalformed for anything else (upper case is accepted).
std::string FormatUuid(const ByteArray<kIdBytes>& bytes);
Result<ByteArray<kIdBytes>> ParseUuid(std::string_view text);
// Random bytes with the version and variant bits of UUID version 4.
ByteArray<kIdBytes> RandomUuid(Random& random);

template <typename Tag>
struct Id {
  ByteArray<kIdBytes> bytes{};

  friend auto operator<=>(const Id&, const Id&) = default;

  static Id Generate(Random& random) { return {RandomUuid(random)}; }
  // kMalformed unless 16 bytes.
  static Result<Id> FromBytes(ByteView view) {
    RENKEI_ASSIGN(const auto array, ToArray<kIdBytes>(view));
    return Id{array};
  }
  static Result<Id> Parse(std::string_view text) {
    RENKEI_ASSIGN(const auto array, ParseUuid(text));
    return Id{array};
  }
  std::string Text() const { return FormatUuid(bytes); }
  ByteView view() const { return bytes; }
  bool IsZero() const { return *this == Id{}; }
};

using RegionId = Id<struct RegionTag>;
using InstitutionId = Id<struct InstitutionTag>;
using PersonId = Id<struct PersonTag>;
using DeviceId = Id<struct DeviceTag>;
using CaseId = Id<struct CaseTag>;
using RecordId = Id<struct RecordTag>;
using TicketId = Id<struct TicketTag>;

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_IDS_H_
