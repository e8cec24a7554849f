// What a watch sends, as bytes: an entry is encoded once for all who watch (core/live_entries.h),
// so here it is only copied, never parsed. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_WATCH_ENCODING_H_
#define RENKEI_SERVER_RPC_WATCH_ENCODING_H_

#include <grpcpp/support/byte_buffer.h>

#include <vector>

#include "server/core/watch_session.h"

namespace renkei::server {

// Messages of renkei.relay.v1.WatchEvent in the order in which they are sent: entries, pings,
// caught up.
std::vector<grpc::ByteBuffer> EncodeOutput(const WatchOutput& output);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_WATCH_ENCODING_H_
