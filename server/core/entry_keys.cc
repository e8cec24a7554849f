#include "server/core/entry_keys.h"

#include <algorithm>

namespace renkei::server {
namespace {

EntryKey Truncate(const Hash32& hash) {
  EntryKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

}  // namespace

EntryKey KeyOfRecord(const thread::RecordHeader& header) {
  return Truncate(
      Sha256({AsBytes("record"), header.sender_device.view(), header.record_id.view()}));
}

EntryKey KeyOfPack(ByteView notice) {
  return Truncate(Sha256({AsBytes("pack"), notice}));
}

EntryKey KeyOfClosing(ByteView notice) {
  return Truncate(Sha256({AsBytes("closing"), notice}));
}

EntryKey KeyOfCommit(const Hash32& card_hash) {
  return Truncate(Sha256({AsBytes("commit"), card_hash}));
}

}  // namespace renkei::server
