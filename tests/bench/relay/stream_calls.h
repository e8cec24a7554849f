// Calls over a stream: messages that go one after the other over one call, each answered in its
// turn.
#ifndef RENKEI_TESTS_BENCH_RELAY_STREAM_CALLS_H_
#define RENKEI_TESTS_BENCH_RELAY_STREAM_CALLS_H_

#include "tests/bench/relay/load.h"

namespace renkei::bench {

// As AppendCalls, over one Threads.AppendStream, which ends with the last copy of the issue.
Issue AppendStreamCalls(relay::v1::Threads::Stub& stub,
                        std::vector<std::unique_ptr<RecordSource>>& to);
// As EmptyCalls, over a stream on which each message is answered with nothing.
Issue EmptyStreamCalls(Empty::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to);

// The two ways to append.
struct Over {
  const char* name;
  Issue (*calls)(relay::v1::Threads::Stub&, std::vector<std::unique_ptr<RecordSource>>&);
};
inline constexpr Over kBoth[] = {{"call", AppendCalls}, {"stream", AppendStreamCalls}};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_STREAM_CALLS_H_
