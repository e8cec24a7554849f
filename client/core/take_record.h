// Takes a judged record over into the vault: its row, what it says about other records (received,
// opened, acknowledged, responding, corrected), the case's counters, the search index. Order does
// not matter: a newcomer opens old records late. In the caller's transaction. One thread.
#ifndef RENKEI_CLIENT_CORE_TAKE_RECORD_H_
#define RENKEI_CLIENT_CORE_TAKE_RECORD_H_

#include "client/core/accept.h"
#include "client/core/core.h"

namespace renkei::client {

// A record that comes for the first time. `row` is changed, the caller saves it.
Status TakeNewRecord(Core& core, CaseRow& row, const thread::EntryView& entry,
                     const AcceptedRecord& record, Changes& changes);
// One that was kept sealed until its secret came.
Status TakeOpenedRecord(Core& core, CaseRow& row, const RecordRow& before,
                        const AcceptedRecord& record, Changes& changes);

// The user has been shown this record on this device, whether or not a receipt could be sent yet.
// True if that is news.
Result<bool> TakeOpenedHere(Core& core, CaseRow& row, const RecordRow& record);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TAKE_RECORD_H_
