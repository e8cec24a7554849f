#include "tests/server/rpc/hostile_call.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "crypto/base/result.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr std::size_t kOversized = std::size_t{3} << 20U;
constexpr int kMany = 100'000;

std::string StatusName(grpc::StatusCode code) {
  static constexpr std::array<const char*, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_CONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  return kNames[static_cast<std::size_t>(code)];
}

std::string OutcomeOf(const Message& response) {
  const Descriptor& type = *response.GetDescriptor();
  if (const auto* several = dynamic_cast<const relay::v1::AppendStreamResponse*>(&response);
      several != nullptr && several->outcomes_size() > 0) {
    return OutcomeOf(several->outcomes(0));
  }
  if (type.oneof_decl_count() == 0) {
    return response.ByteSizeLong() == 0 ? "nothing" : "answered";
  }
  const FieldDescriptor* arm =
      response.GetReflection()->GetOneofFieldDescriptor(response, type.oneof_decl(0));
  if (arm == nullptr) {
    return "nothing";
  }
  return arm->enum_type() != nullptr ? response.GetReflection()->GetEnum(response, arm)->name()
                                     : arm->name();
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string StringOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (buffer.Valid() && buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return out;
}

std::string PathOf(const Method& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.set_wait_for_ready(true);
}

Said Answered(const Method& method, const grpc::Status& status, const std::string& bytes) {
  if (!status.ok()) {
    return {StatusName(status.error_code()), status.error_message(), nullptr};
  }
  auto response = NewMessage(*method.output_type());
  RENKEI_CHECK(response->ParseFromString(bytes));
  std::string outcome = OutcomeOf(*response);
  return {std::move(outcome), "", std::move(response)};
}

bool Next(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

Said CallStream(const std::shared_ptr<grpc::Channel>& channel, const Method& method,
                const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  SetDeadline(context);
  auto call = stub.PrepareCall(&context, PathOf(method), &queue);
  call->StartCall(nullptr);
  bool is_good = Next(queue);
  if (is_good) {
    call->WriteLast(BufferOf(request), {}, nullptr);
    is_good = Next(queue);
  }
  std::string first;
  while (is_good) {
    grpc::ByteBuffer read;
    call->Read(&read, nullptr);
    is_good = Next(queue);
    first = is_good ? StringOf(read) : first;
    relay::v1::WatchEvent event;
    if (is_good && event.ParseFromString(first) && !event.has_ping()) {
      break;  // of pings, what is pending for the caller itself, it may have many
    }
  }
  if (is_good) {
    context.TryCancel();
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  (void)Next(queue);
  return Answered(method, is_good ? grpc::Status::OK : status, first);
}

// --- wrong requests ----------------------------------------------------------------------------

using Change = std::function<void(Message&, const FieldDescriptor&)>;

// The messages inside, by the path to each.
using Path = std::vector<const FieldDescriptor*>;

Message& At(Message& root, const Path& path) {
  Message* at = &root;
  for (const FieldDescriptor* field : path) {
    const auto& reflection = *at->GetReflection();
    if (!field->is_repeated()) {
      at = reflection.MutableMessage(at, field);
    } else if (reflection.FieldSize(*at, field) > 0) {
      at = reflection.MutableRepeatedMessage(at, field, 0);
    } else {
      at = reflection.AddMessage(at, field);
    }
  }
  return *at;
}

void CollectPaths(const Descriptor& type, const Path& here, std::vector<Path>& out) {
  out.push_back(here);
  for (int i = 0; i < type.field_count() && here.size() < 3; ++i) {
    if (type.field(i)->message_type() != nullptr) {
      Path inner = here;
      inner.push_back(type.field(i));
      CollectPaths(*type.field(i)->message_type(), inner, out);
    }
  }
}

std::string BytesOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    return reflection.GetString(message, &field);
  }
  return reflection.FieldSize(message, &field) > 0
             ? reflection.GetRepeatedString(message, &field, 0)
             : std::string();
}

void SetBytes(Message& message, const FieldDescriptor& field, std::string value) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    reflection.SetString(&message, &field, std::move(value));
  } else if (reflection.FieldSize(message, &field) > 0) {
    reflection.SetRepeatedString(&message, &field, 0, std::move(value));
  } else {
    reflection.AddString(&message, &field, std::move(value));
  }
}

std::vector<std::pair<std::string, Change>> ChangesOfBytes() {
  const auto with = [](const std::function<std::string(std::string)>& change) -> Change {
    return [change](Message& message, const FieldDescriptor& field) {
      SetBytes(message, field, change(BytesOf(message, field)));
    };
  };
  return {
      {"empty", with([](const std::string&) { return std::string(); })},
      {"one byte less", with([](const std::string& value) {
         return value.substr(0, value.empty() ? 0 : value.size() - 1);
       })},
      {"one byte more", with([](const std::string& value) { return value + '\x01'; })},
      {"zeros", with([](const std::string& value) { return std::string(value.size(), '\0'); })},
      {"all bits", with([](const std::string& value) {
         return std::string(std::max<std::size_t>(value.size(), 16), '\xFF');
       })},
      {"one bit changed", with([](std::string value) {
         if (!value.empty()) {
           value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
         }
         return value;
       })},
      {"somebody's id", with([](const std::string&) { return std::string(16, 'z'); })},
      {"oversized", with([](const std::string&) { return std::string(kOversized, 'x'); })},
  };
}

void SetNumber(Message& message, const FieldDescriptor& field, std::uint64_t value) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
        return reflection.SetInt32(&message, &field, static_cast<std::int32_t>(value));
      }
      return reflection.SetInt64(&message, &field, static_cast<std::int64_t>(value));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, &field, static_cast<std::uint32_t>(value));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&message, &field, value);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, &field, value % 2 == 1);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(&message, &field, static_cast<int>(value));
    default:
      return;
  }
}

std::vector<std::pair<std::string, Change>> ChangesOfNumber() {
  std::vector<std::pair<std::string, Change>> out;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{99},
                                    std::uint64_t{INT64_MAX}, UINT64_MAX}) {
    out.emplace_back(std::to_string(value),
                     [value](Message& message, const FieldDescriptor& field) {
                       if (field.is_repeated()) {
                         message.GetReflection()->AddUInt64(&message, &field, value);
                       } else {
                         SetNumber(message, field, value);
                       }
                     });
  }
  return out;
}

void Double(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (field.message_type() != nullptr) {
      const auto copy =
          std::unique_ptr<Message>(reflection.GetRepeatedMessage(message, &field, i).New());
      copy->CopyFrom(reflection.GetRepeatedMessage(message, &field, i));
      reflection.AddMessage(&message, &field)->CopyFrom(*copy);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(&message, &field, reflection.GetRepeatedString(message, &field, i));
    } else {
      reflection.AddUInt64(&message, &field, reflection.GetRepeatedUInt64(message, &field, i));
    }
  }
}

void AddMany(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < kMany; ++i) {
    if (field.message_type() != nullptr) {
      reflection.AddMessage(&message, &field);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(&message, &field, "x");
    } else {
      reflection.AddUInt64(&message, &field, static_cast<std::uint64_t>(i));
    }
  }
}

std::vector<std::pair<std::string, Change>> ChangesOf(const FieldDescriptor& field) {
  std::vector<std::pair<std::string, Change>> out = {
      {"missing", [](Message& message, const FieldDescriptor& changed) {
         message.GetReflection()->ClearField(&message, &changed);
       }}};
  const auto add = [&out](std::vector<std::pair<std::string, Change>> more) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
  };
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    add(ChangesOfBytes());
  } else if (field.message_type() == nullptr) {
    add(ChangesOfNumber());
  }
  if (field.is_repeated()) {
    out.emplace_back("each twice", Double);
    out.emplace_back("very often", AddMany);
  }
  return out;
}

// A field's number under another wire type, in front of the rest.
std::string Mistyped(const FieldDescriptor& field, const std::string& rest) {
  const bool is_length = field.message_type() != nullptr ||
                         field.cpp_type() == FieldDescriptor::CPPTYPE_STRING || field.is_packed();
  std::string out(1, static_cast<char>((field.number() << 3) | (is_length ? 0 : 2)));
  out += is_length ? std::string(1, '\x07') : std::string("\x03xyz");
  return out + rest;
}

}  // namespace

std::vector<const Method*> EveryMethod() {
  std::vector<const Method*> out;
  for (const FileDescriptor* file : {relay::v1::CreateTicketRequest::descriptor()->file(),
                                     relay::v1::PublishRequest::descriptor()->file(),
                                     relay::v1::CommitRequest::descriptor()->file(),
                                     relay::v1::MailboxFetchRequest::descriptor()->file(),
                                     relay::v1::FetchPacksRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        out.push_back(file->service(s)->method(m));
      }
    }
  }
  return out;
}

std::string NameOf(const Method& method) {
  return method.service()->name() + "." + method.name();
}

const Method& MethodOf(const std::string& name) {
  const Method* method =
      DescriptorPool::generated_pool()->FindMethodByName("renkei.relay.v1." + name);
  RENKEI_CHECK(method != nullptr);
  return *method;
}

bool Said::is_done() const {
  return outcome == "accepted" || outcome == "published" || outcome == "approved" ||
         outcome == "standing" || outcome == "answered";
}

bool Said::is_refused() const {
  return !is_ok() || outcome.starts_with("REFUSAL_") || outcome == "not_a_member" ||
         outcome == "stale_epoch" || outcome == "unknown_ticket";
}

Said Call(const std::shared_ptr<grpc::Channel>& channel, const Method& method,
          const std::string& request) {
  if (method.server_streaming()) {
    return CallStream(channel, method, request);
  }
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  SetDeadline(context);
  auto call = stub.PrepareUnaryCall(&context, PathOf(method), BufferOf(request), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  (void)Next(queue);
  return Answered(method, status, StringOf(response));
}

std::vector<Wrong> WrongOnes(const Message& request) {
  std::vector<Wrong> out;
  std::vector<Path> paths;
  CollectPaths(*request.GetDescriptor(), {}, paths);
  const std::string right = request.SerializeAsString();
  for (const Path& path : paths) {
    const Descriptor& type = path.empty() ? *request.GetDescriptor() : *path.back()->message_type();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      for (const auto& [what, change] : ChangesOf(field)) {
        auto changed = std::unique_ptr<Message>(request.New());
        changed->CopyFrom(request);
        change(At(*changed, path), field);
        out.push_back({field.full_name() + ": " + what, changed->SerializeAsString()});
      }
    }
  }
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *request.GetDescriptor()->field(i);
    out.push_back({field.full_name() + ": of another type", Mistyped(field, "")});
  }
  out.push_back({"nothing at all", ""});
  out.push_back({"not a message", std::string(64, '\xFF')});
  out.push_back({"cut off", right.substr(0, right.size() / 2)});
  std::erase_if(out, [&](const Wrong& wrong) {
    return wrong.request == right || wrong.request.size() > (std::size_t{8} << 20U);
  });
  return out;
}

}  // namespace renkei::test
