// A client that keeps to no rules: any bytes to any call, and requests that are wrong in one field.
// Complete by reflection, so that a new call cannot be forgotten.
#ifndef RENKEI_TESTS_SERVER_RPC_HOSTILE_CALL_H_
#define RENKEI_TESTS_SERVER_RPC_HOSTILE_CALL_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace renkei::test {

using Method = google::protobuf::MethodDescriptor;

// Every call of every service of renkei.relay.v1, by name: "Threads.Append".
std::vector<const Method*> EveryMethod();
const Method& MethodOf(const std::string& name);
std::string NameOf(const Method& method);

// How a call ended: the status ("INVALID_ARGUMENT"), or the arm of the outcome ("not_a_member",
// "REFUSAL_POLICY", "accepted"), or, where the answer has none, "answered" or "nothing" (empty).
struct Said {
  std::string outcome;
  std::string message;  // of a status
  std::unique_ptr<google::protobuf::Message> response;

  bool is_ok() const { return response != nullptr; }
  // The relay did what was asked.
  bool is_done() const;
  // It refused: by a status or by an arm.
  bool is_refused() const;
};

// One call; of a stream the first message that is more than a sign of life.
Said Call(const std::shared_ptr<grpc::Channel>& channel, const Method& method,
          const std::string& request);

struct Wrong {
  std::string what;  // "record: one byte more"
  std::string request;
};
// The request with one field missing, empty, too short, too long, oversized, zeros, doubled, a
// hundred thousand times there, out of its range; of another wire type; cut off; not a message.
std::vector<Wrong> WrongOnes(const google::protobuf::Message& request);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_RPC_HOSTILE_CALL_H_
