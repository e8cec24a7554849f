#include "tests/crash/append_over_stream.h"

namespace renkei::crash {

grpc::Status AppendOverStream(relay::v1::Threads::Stub& stub, grpc::ClientContext& context,
                              const relay::v1::AppendRequest& request,
                              relay::v1::AppendResponse& response) {
  const auto stream = stub.AppendStream(&context);
  (void)(stream->Write(request) && stream->WritesDone());
  relay::v1::AppendStreamResponse message;
  bool is_answered = false;
  while (stream->Read(&message)) {
    for (const relay::v1::AppendResponse& outcome : message.outcomes()) {
      response = outcome;
      is_answered = true;
    }
  }
  const grpc::Status status = stream->Finish();
  if (is_answered || !status.ok()) {
    return is_answered ? grpc::Status::OK : status;
  }
  return {grpc::StatusCode::UNKNOWN, "an append stream ended without an outcome"};
}

}  // namespace renkei::crash
