#include "client/core/keys.h"

namespace renkei::client {
namespace {

void AppendBigEndian(Bytes& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>((number >> shift) & 0xFFU));
  }
}

}  // namespace

RowKey& RowKey::Add(ByteView part) {
  Append(bytes_, part);
  return *this;
}

RowKey& RowKey::AddU8(std::uint8_t number) {
  bytes_.push_back(number);
  return *this;
}

RowKey& RowKey::AddU32(std::uint32_t number) {
  AppendBigEndian(bytes_, number, 4);
  return *this;
}

RowKey& RowKey::AddU64(std::uint64_t number) {
  AppendBigEndian(bytes_, number, 8);
  return *this;
}

RowKey& RowKey::AddPerson(const thread::PersonRef& person) {
  return Add(person.institution.view()).Add(person.person.view());
}

Result<std::uint64_t> LastU64(ByteView key) {
  if (key.size() < 8) {
    return Error(Code::kCorrupt, "vault: damaged key");
  }
  std::uint64_t out = 0;
  for (const std::uint8_t byte : key.last(8)) {
    out = (out << 8U) | byte;
  }
  return out;
}

Result<Hash32> StoredHash(std::string_view bytes) {
  auto hash = ToArray<kHashBytes>(AsBytes(bytes));
  if (!hash.ok()) {
    return Error(Code::kCorrupt, "vault: damaged hash in a row");
  }
  return hash;
}

}  // namespace renkei::client
