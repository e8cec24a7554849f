// The end of a case (server/README.md "Retention"): saying it, taking over what others and the
// relay said of it. Ending locks nothing: who writes all the same is heard. One thread.
#ifndef RENKEI_CLIENT_CORE_CLOSING_H_
#define RENKEI_CLIENT_CORE_CLOSING_H_

#include "client/core/accept.h"
#include "client/core/core.h"
#include "crypto/thread/closing.h"

namespace renkei::client {

// A steward ends the case, or lets it go on; needs the relay, and reads the thread before and
// after. `keep_years`: to be kept at least, 0..100; the relay's own years count where they are
// more.
//   kDenied    not a member, or not a steward
//   kConflict  it is so already, or others keep changing the case
//   kNotFound  the relay has deleted the case
//   others as the relay's; after kUnavailable the next sync shows whether it arrived
Status SayClosing(Core& core, Relay& relay, OpenCase& open, thread::ClosingAction action,
                  std::uint32_t keep_years, Changes& changes);

// A notice that counted. `open.row` is changed, the caller saves it.
void TakeClosing(const Core& core, OpenCase& open, const thread::EntryView& entry,
                 const thread::ClosingNotice& notice, Changes& changes);
// The relay's note that it will delete the case.
void TakeDeletionAnnounced(OpenCase& open, const thread::EntryView& entry, Changes& changes);
// Instead of the thread the relay gave its certificate. What is here stays; a certificate that does
// not hold, or is of another thread than ours, is a warning. In a transaction of its own.
Status TakeDeletion(Core& core, OpenCase& open, ByteView signed_certificate, Changes& changes);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CLOSING_H_
