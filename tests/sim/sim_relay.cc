#include "tests/sim/sim_relay.h"

#include <optional>
#include <string_view>
#include <utility>

#include "renkei/relay/v1/alerts.pb.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "renkei/relay/v1/threads.pb.h"
#include "server/rpc/alerts_handler.h"
#include "server/rpc/directory_handler.h"
#include "server/rpc/enrolment_handler.h"
#include "server/rpc/envelopes_handler.h"
#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"

namespace renkei::sim {
namespace {

namespace v1 = relay::v1;
using server::Caller;
using server::Reply;

const SecretBytes& FileOf(const client::Region& region, std::string_view name) {
  for (const client::RelayFile& file : region.relay_files) {
    if (file.name == name) {
      return file.content;
    }
  }
  RENKEI_CHECK(false);
}

// What gRPC's status codes would have said (client/net does the same mapping from them).
Error Outside(const Error& error) {
  switch (error.code()) {
    case Code::kAuthFailed:
      return Error(Code::kAuthFailed, "the relay does not accept this device's certificate");
    case Code::kDenied:
      return Error(Code::kDenied, "the relay does not allow this");
    case Code::kThrottled:
      return std::string_view(error.where()).starts_with("quota: ")
                 ? Error(Code::kThrottled, "no space left for this institution on the relay")
                 : Error(Code::kThrottled, "over a limit of the relay");
    case Code::kUnavailable:
      return Error(Code::kUnavailable, "the relay cannot be reached");
    default:
      return Error(Code::kInternal, "the relay refuses the request");
  }
}

constexpr char kNoAnswer[] = "the relay did not answer";

enum class Access { kAnyone, kChain, kMember };

class SimRelay final : public client::Relay {
 public:
  SimRelay(std::unique_ptr<RelayHost>& host, std::string chain_pem, const SimConnector& connector,
           Random& dice)
      : host_(host),
        chain_pem_(std::move(chain_pem)),
        connector_(connector),
        faults_(connector.faults),
        dice_(dice) {}

  Millis asked_wait() const override { return faults_.throttle.value_or(Millis{}); }

#define RENKEI_SIM_CALL(Name, Handler, Method, Needs, Request, Response)                    \
  Result<v1::Response> Name(const v1::Request& request) override {                          \
    return Call<v1::Response>(Needs, [&](const Caller& caller, Reply<v1::Response> reply) { \
      server::Handler(host_->relay()).Method(caller, request, std::move(reply));            \
    });                                                                                     \
  }

  RENKEI_SIM_CALL(CreateTicket, EnrolmentHandler, CreateTicket, Access::kMember,
                  CreateTicketRequest, CreateTicketResponse)
  RENKEI_SIM_CALL(ListRequests, EnrolmentHandler, ListRequests, Access::kMember,
                  ListRequestsRequest, ListRequestsResponse)
  RENKEI_SIM_CALL(AttachLink, EnrolmentHandler, AttachLink, Access::kMember, AttachLinkRequest,
                  AttachLinkResponse)
  RENKEI_SIM_CALL(Approve, EnrolmentHandler, Approve, Access::kMember, ApproveRequest,
                  ApproveResponse)
  RENKEI_SIM_CALL(Publish, DirectoryHandler, Publish, Access::kChain, PublishRequest,
                  PublishResponse)
  RENKEI_SIM_CALL(UploadKeyPackages, DirectoryHandler, UploadKeyPackages, Access::kMember,
                  UploadKeyPackagesRequest, UploadKeyPackagesResponse)
  RENKEI_SIM_CALL(ClaimKeyPackages, DirectoryHandler, ClaimKeyPackages, Access::kMember,
                  ClaimKeyPackagesRequest, ClaimKeyPackagesResponse)
  RENKEI_SIM_CALL(SyncDirectory, DirectoryHandler, Sync, Access::kMember, DirectorySyncRequest,
                  DirectorySyncResponse)
  RENKEI_SIM_CALL(CreateThread, ThreadsHandler, Create, Access::kMember, CommitRequest,
                  CommitResponse)
  RENKEI_SIM_CALL(Commit, ThreadsHandler, Commit, Access::kMember, CommitRequest, CommitResponse)
  RENKEI_SIM_CALL(Append, ThreadsHandler, Append, Access::kMember, AppendRequest, AppendResponse)
  RENKEI_SIM_CALL(AppendPack, ThreadsHandler, AppendPack, Access::kMember, AppendPackRequest,
                  AppendResponse)
  RENKEI_SIM_CALL(AppendClosing, ThreadsHandler, AppendClosing, Access::kMember,
                  AppendClosingRequest, AppendResponse)
  RENKEI_SIM_CALL(Read, ThreadsHandler, Read, Access::kMember, ReadRequest, ReadResponse)
  RENKEI_SIM_CALL(ListThreads, ThreadsHandler, List, Access::kMember, ListRequest, ListResponse)
  RENKEI_SIM_CALL(GetGroupInfo, ThreadsHandler, GetGroupInfo, Access::kMember, GetGroupInfoRequest,
                  GetGroupInfoResponse)
  RENKEI_SIM_CALL(GiveBack, ThreadsHandler, GiveBack, Access::kMember, GiveBackRequest,
                  GiveBackResponse)
  RENKEI_SIM_CALL(Acknowledge, AlertsHandler, Acknowledge, Access::kMember, AcknowledgeRequest,
                  AcknowledgeResponse)
  RENKEI_SIM_CALL(FetchMailbox, MailboxHandler, Fetch, Access::kMember, MailboxFetchRequest,
                  MailboxFetchResponse)
  RENKEI_SIM_CALL(AckMailbox, MailboxHandler, Ack, Access::kMember, MailboxAckRequest,
                  MailboxAckResponse)
  RENKEI_SIM_CALL(FetchEnvelopes, EnvelopesHandler, Fetch, Access::kMember, FetchEnvelopesRequest,
                  FetchEnvelopesResponse)
  RENKEI_SIM_CALL(FetchPacks, EnvelopesHandler, FetchPacks, Access::kMember, FetchPacksRequest,
                  FetchPacksResponse)
#undef RENKEI_SIM_CALL

  Result<v1::PublishRevocationsResponse> PublishRevocations(
      const v1::PublishRevocationsRequest& request) override {
    if (faults_.drops_lists) {
      v1::PublishRevocationsResponse response;
      response.set_published(1);
      return response;
    }
    return Call<v1::PublishRevocationsResponse>(
        Access::kMember,
        [&](const Caller& caller, const Reply<v1::PublishRevocationsResponse>& reply) {
          server::DirectoryHandler(host_->relay()).PublishRevocations(caller, request, reply);
        });
  }

  // As over a stream: behind one that does not arrive nothing does; behind one whose answer is lost
  // all does, and no answer comes.
  Status AppendAll(const std::vector<v1::AppendRequest>& requests,
                   const std::function<void(const v1::AppendResponse&)>& on_outcome) override {
    Status status = Ok();
    for (const v1::AppendRequest& request : requests) {
      const auto outcome = Append(request);
      if (!outcome.ok()) {
        status = status.ok() ? outcome.error() : status.error();
        if (std::string_view(outcome.error().where()) != kNoAnswer) {
          return status;
        }
      } else if (status.ok()) {
        on_outcome(*outcome);
      }
    }
    return status;
  }

  Result<v1::SubmitRequestResponse> SubmitRequest(
      const v1::SubmitRequestRequest& request) override {
    return Call<v1::SubmitRequestResponse>(
        Access::kAnyone, [&](const Caller&, const Reply<v1::SubmitRequestResponse>& reply) {
          server::EnrolmentHandler(host_->relay()).SubmitRequest(request, reply);
        });
  }
  Result<v1::GetApprovalResponse> GetApproval(const v1::GetApprovalRequest& request) override {
    return Call<v1::GetApprovalResponse>(
        Access::kAnyone, [&](const Caller&, const Reply<v1::GetApprovalResponse>& reply) {
          server::EnrolmentHandler(host_->relay()).GetApproval(request, reply);
        });
  }
  Status Watch(const v1::WatchRequest&,
               const std::function<bool(const v1::WatchEvent&)>& on_event) override {
    return connector_.watch ? connector_.watch(on_event)
                            : Error(Code::kUnavailable, "the relay cannot be reached");
  }
  void CancelWatch() override {}

 private:
  bool Draw(unsigned percent) {
    return dice_.NextUint64() % 100 < percent;
  }

  Result<Caller> Admit(Access access) {
    if (access == Access::kAnyone) {
      return Caller{};
    }
    static constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
    const std::size_t end = chain_pem_.find(kEnd);
    if (end == std::string::npos) {
      return Error(Code::kAuthFailed, "no certificate");
    }
    RENKEI_ASSIGN(const auto credential,
                  host_->relay().callers().Authenticate(
                      std::string_view(chain_pem_).substr(0, end + kEnd.size()), chain_pem_));
    if (access == Access::kMember && !credential->caller.published) {
      return Error(Code::kDenied, "not in the directory");
    }
    return credential->caller;
  }

  template <typename Response, typename Run>
  Result<Response> Once(Access access, const Run& run) {
    const auto caller = Admit(access);
    if (!caller.ok()) {
      return Outside(caller.error());
    }
    std::optional<Result<Response>> out;
    run(*caller, Reply<Response>([&out](Result<Response> result) { out = std::move(result); }));
    RENKEI_CHECK(out.has_value());  // the store in memory answers at once
    return out->ok() ? std::move(*out) : Result<Response>(Outside(out->error()));
  }

  template <typename Response, typename Run>
  Result<Response> Call(Access access, const Run& run) {
    const Error unreachable(Code::kUnavailable, "the relay cannot be reached");
    if (faults_.throttle.has_value()) {
      return Error(Code::kThrottled, "over a limit of the relay");
    }
    if (faults_.down || Draw(faults_.lost_request)) {
      return unreachable;
    }
    auto out = Once<Response>(access, run);
    if (Draw(faults_.repeated)) {
      out = Once<Response>(access, run);
    }
    return Draw(faults_.lost_answer) ? Result<Response>(Error(Code::kUnavailable, kNoAnswer))
                                     : std::move(out);
  }

  std::unique_ptr<RelayHost>& host_;
  std::string chain_pem_;
  const SimConnector& connector_;
  const Faults& faults_;
  Random& dice_;
};

}  // namespace

RelayHost::RelayHost(const client::Region& region, const Clock& clock, Random& random)
    : clock_(clock),
      random_(random),
      root_(ToBytes(FileOf(region, "root.crt.der").Expose())),
      issuing_(ToBytes(FileOf(region, "issuing.crt.der").Expose())),
      signing_(ToBytes(FileOf(region, "signing.crt.der").Expose())),
      seed_(FileOf(region, "signing.key").Clone()) {
  const std::string json = ToString(FileOf(region, "region.json").Expose());
  const std::string key = "\"operator_institution\": \"";
  const std::size_t at = json.find(key);
  RENKEI_CHECK(at != std::string::npos);
  operator_institution_ = InstitutionId::Parse(json.substr(at + key.size(), 36)).value();
  Restart();
}

server::RelayIdentity RelayHost::Identity() const {
  return {pki::Certificate::Parse(root_).value(), pki::Certificate::Parse(issuing_).value(),
          pki::Certificate::Parse(signing_).value(), SigningKey::FromSeed(seed_.Expose()).value(),
          operator_institution_};
}

void RelayHost::Restart() {
  relay_.reset();
  relay_ = server::Relay::Open(store_, clock_, random_, Identity()).value();
}

Result<std::unique_ptr<client::Relay>> SimConnector::Connect(
    const client::RelayEndpoint& endpoint) {
  return std::unique_ptr<client::Relay>(
      std::make_unique<SimRelay>(host_, endpoint.client_chain_pem, *this, dice_));
}

Result<Bytes> SimConnector::FetchRoot(const std::string&, const Hash32& fingerprint) {
  if (faults.down) {
    return Error(Code::kUnavailable, "the relay cannot be reached");
  }
  if (Sha256(host_->root()) != fingerprint) {
    return Error(Code::kAuthFailed, "the relay does not belong to this region");
  }
  return ToBytes(host_->root());
}

}  // namespace renkei::sim
