// What the encodings of alert plans and of the relay's notes about them share: who is meant.
// Functions; any thread.
#ifndef RENKEI_CRYPTO_THREAD_ALERT_ENCODING_H_
#define RENKEI_CRYPTO_THREAD_ALERT_ENCODING_H_

#include "crypto/thread/alert_plan.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {

// kMalformed: neither a person with their institution nor a profession.
Status ValidateTarget(const AlertTarget& target);
// Fields 1 institution, 2 person, 3 profession.
void WriteTarget(FieldWriter& out, const AlertTarget& target);
AlertTarget ReadTarget(FieldReader& in);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_ALERT_ENCODING_H_
