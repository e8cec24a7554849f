// relay.v1 requests of a fictitious region (relay_world.h).
#ifndef RENKEI_TESTS_SUPPORT_RELAY_REQUEST_H_
#define RENKEI_TESTS_SUPPORT_RELAY_REQUEST_H_

#include "renkei/relay/v1/threads.pb.h"
#include "tests/support/relay_world.h"

namespace renkei::test {

relay::v1::CommitRequest RequestOf(const CommitParts& parts);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_RELAY_REQUEST_H_
