// One record over an append stream of its own, for who otherwise makes a call of it.
#ifndef RENKEI_TESTS_CRASH_APPEND_OVER_STREAM_H_
#define RENKEI_TESTS_CRASH_APPEND_OVER_STREAM_H_

#include "renkei/relay/v1/threads.grpc.pb.h"

namespace renkei::crash {

// Whose outcome came is answered, however the stream ends. Blocks; any thread.
grpc::Status AppendOverStream(relay::v1::Threads::Stub& stub, grpc::ClientContext& context,
                              const relay::v1::AppendRequest& request,
                              relay::v1::AppendResponse& response);

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_APPEND_OVER_STREAM_H_
