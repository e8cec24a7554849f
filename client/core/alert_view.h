// Puts together what the faces are shown of an urgent alert. Changes nothing. One thread.
#ifndef RENKEI_CLIENT_CORE_ALERT_VIEW_H_
#define RENKEI_CLIENT_CORE_ALERT_VIEW_H_

#include <functional>

#include "client/core/record_store.h"
#include "client/core/views.h"
#include "crypto/thread/notice.h"

namespace renkei::client {

using PersonLookup = std::function<Result<PersonView>(const thread::PersonRef&)>;
// Whose device it is, as far as is known here.
using OwnerLookup = std::function<Result<std::optional<thread::PersonRef>>(const DeviceId&)>;

// `notes`: what the relay said of this record's alert, in thread order. What does not fit the
// record (a plan of another hash) is left out.
Result<AlertView> MakeAlertView(const RecordRow& record,
                                const std::vector<thread::RelayNote>& notes,
                                const PersonLookup& person_of, const OwnerLookup& owner_of);
// Of a record that waits in the outbox.
Result<AlertView> MakeWaitingAlert(ByteView plan, const PersonLookup& person_of);

// How long the relay has for its next step from its last word on, if the alert is open.
struct AlertProgress {
  bool open = true;
  bool begun = false;
  std::uint32_t step = 0;  // done so far
  Millis last_at;          // received_at of the record or `at` of the newest note
  Millis wait;
};
AlertProgress ProgressOf(const RecordRow& record, const std::vector<thread::RelayNote>& notes);

// What is new with one note, for `self`.
Result<AlertNews> MakeAlertNews(const RecordRow& record, const thread::RelayNote& note,
                                const thread::PersonRef& self, const PersonLookup& person_of,
                                const OwnerLookup& owner_of);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ALERT_VIEW_H_
