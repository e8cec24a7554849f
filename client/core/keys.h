// Keys and values of the vault's rows: how keys are put together so that they sort as wanted, and
// how stored messages are read (client/core/README.md "Tables"). Functions; any thread.
#ifndef RENKEI_CLIENT_CORE_KEYS_H_
#define RENKEI_CLIENT_CORE_KEYS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/result.h"
#include "crypto/thread/names.h"

namespace renkei::client {

// Builds a row key. Numbers go in big-endian, so that byte order is their order.
class RowKey {
 public:
  RowKey() = default;
  explicit RowKey(std::string_view name) : bytes_(ToBytes(name)) {}
  explicit RowKey(ByteView start) : bytes_(ToBytes(start)) {}

  RowKey& Add(ByteView part);
  RowKey& AddText(std::string_view part) { return Add(AsBytes(part)); }
  RowKey& AddU8(std::uint8_t number);
  RowKey& AddU32(std::uint32_t number);
  RowKey& AddU64(std::uint64_t number);
  RowKey& AddEpoch(const thread::EpochRef& at) { return AddU32(at.generation).AddU64(at.epoch); }
  RowKey& AddPerson(const thread::PersonRef& person);

  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// The number in the last 8 bytes of a key. kCorrupt if the key is shorter.
Result<std::uint64_t> LastU64(ByteView key);

// 32 bytes out of a stored message, else kCorrupt.
Result<Hash32> StoredHash(std::string_view bytes);
// A 16-byte id out of a stored message, else kCorrupt.
template <typename AnyId>
Result<AnyId> StoredId(std::string_view bytes) {
  auto id = AnyId::FromBytes(AsBytes(bytes));
  if (!id.ok()) {
    return Error(Code::kCorrupt, "vault: damaged id in a row");
  }
  return id;
}

// A stored message, else kCorrupt.
template <typename Message>
Result<Message> ParseRow(ByteView value) {
  Message out;
  if (value.size() > std::numeric_limits<int>::max() ||
      !out.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return Error(Code::kCorrupt, "vault: damaged row");
  }
  return out;
}

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_KEYS_H_
