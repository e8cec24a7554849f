// What tells a retry from a new entry (rows.h EntryKey). Functions; any thread.
#ifndef RENKEI_SERVER_CORE_ENTRY_KEYS_H_
#define RENKEI_SERVER_CORE_ENTRY_KEYS_H_

#include "crypto/thread/record_header.h"
#include "server/core/rows.h"

namespace renkei::server {

EntryKey KeyOfRecord(const thread::RecordHeader& header);
// `notice`: bytes of SignedPackNotice as the thread keeps them.
EntryKey KeyOfPack(ByteView notice);
// Likewise, of SignedClosingNotice.
EntryKey KeyOfClosing(ByteView notice);
EntryKey KeyOfCommit(const Hash32& card_hash);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ENTRY_KEYS_H_
