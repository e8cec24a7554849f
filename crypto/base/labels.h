// Every label under which anything of Renkei is signed, authenticated, hashed or derived, in one
// table, so that nothing made for one purpose can pass for another. No label is a prefix of
// another; nothing outside this file spells one (tests/crypto/thread/labels_test.cc).
// MLS's own labels ("MLS 1.0 ...") stand in crypto/mls. Constants; any thread.
#ifndef RENKEI_CRYPTO_BASE_LABELS_H_
#define RENKEI_CRYPTO_BASE_LABELS_H_

#include <array>
#include <string_view>

namespace renkei::labels {

// Ed25519 signatures, in the shape of MLS's SignContent (crypto/base/sign.h).
inline constexpr std::string_view kEpochCard = "Renkei 1.0 epoch card";
inline constexpr std::string_view kThreadHead = "Renkei 1.0 thread head";
inline constexpr std::string_view kHeadBatch = "Renkei 1.0 batch of heads";
inline constexpr std::string_view kRecord = "Renkei 1.0 record";
inline constexpr std::string_view kPackNotice = "Renkei 1.0 pack notice";
inline constexpr std::string_view kRelayNote = "Renkei 1.0 relay note";
inline constexpr std::string_view kClosingNotice = "Renkei 1.0 closing notice";
inline constexpr std::string_view kDeletionCertificate = "Renkei 1.0 deletion certificate";
inline constexpr std::string_view kDeviceLink = "Renkei 1.0 device link";
inline constexpr std::string_view kLeaveRequest = "Renkei 1.0 leave request";
inline constexpr std::string_view kJoinRequest = "Renkei 1.0 join request, signing key";
inline constexpr std::string_view kJoinRequestTls = "Renkei 1.0 join request, TLS key";
inline constexpr std::string_view kJoinRequestCa = "Renkei 1.0 join request, CA key";

// SHA-256 of label || content of fixed length.
inline constexpr std::string_view kThreadStart = "Renkei 1.0 thread start";
inline constexpr std::string_view kThreadEntry = "Renkei 1.0 thread entry";
inline constexpr std::string_view kHeadLeaf = "Renkei 1.0 head in a batch";  // ends its content
inline constexpr std::string_view kHeadNode = "Renkei 1.0 node of a batch";
inline constexpr std::string_view kInvitationCheck = "Renkei 1.0 invitation checksum";

// Start of the associated data of XChaCha20-Poly1305 and of HPKE's info.
inline constexpr std::string_view kRecordData = "Renkei 1.0 sealed record";
inline constexpr std::string_view kEnvelope = "Renkei 1.0 envelope";
inline constexpr std::string_view kPack = "Renkei 1.0 archive pack";
inline constexpr std::string_view kLinkPackage = "Renkei 1.0 link package";

// HKDF-Expand's info; kArchiveExport is the label of the MLS exporter (RFC 9420 §8.5).
inline constexpr std::string_view kArchiveExport = "renkei archive v1";
inline constexpr std::string_view kEpochId = "renkei epoch id v1";
inline constexpr std::string_view kRecordKey = "renkei record key v1";
inline constexpr std::string_view kEnvelopeEphemeral = "renkei envelope eph v1";
inline constexpr std::string_view kJoinMac = "renkei join mac v1";
inline constexpr std::string_view kVaultKeyWrap = "renkei vault key wrap v1";

inline constexpr std::array kAll = {
    kEpochCard,     kThreadHead,
    kRecord,        kPackNotice,
    kHeadBatch,     kHeadLeaf,
    kHeadNode,      kRelayNote,
    kClosingNotice, kDeletionCertificate,
    kDeviceLink,    kLeaveRequest,
    kJoinRequest,   kJoinRequestTls,
    kJoinRequestCa, kThreadStart,
    kThreadEntry,   kInvitationCheck,
    kRecordData,    kEnvelope,
    kPack,          kLinkPackage,
    kArchiveExport, kEpochId,
    kRecordKey,     kEnvelopeEphemeral,
    kJoinMac,       kVaultKeyWrap,
};

}  // namespace renkei::labels

#endif  // RENKEI_CRYPTO_BASE_LABELS_H_
