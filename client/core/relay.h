// The relay as core needs it: one blocking call for each call of the relay's services
// (proto/renkei/relay/v1), plus the watch stream. client/net implements it over gRPC, the
// simulation over the relay's core in the same thread. One thread, except CancelWatch.
//
// Every call: kUnavailable  not reachable or timed out; nothing is known about what the relay did,
//                           so retry the same bytes later
//             kAuthFailed   the relay's or our own certificate was not accepted
//             kDenied       certified, but not for this
//             kThrottled    over a limit; wait as asked_wait() says, then retry
//             kTooLarge     over a size limit
//             kInternal     the relay says that the request is not one an honest client sends
// Expected outcomes are arms of the response's oneof.
#ifndef RENKEI_CLIENT_CORE_RELAY_H_
#define RENKEI_CLIENT_CORE_RELAY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::relay::v1 {
class CreateTicketRequest;
class CreateTicketResponse;
class SubmitRequestRequest;
class SubmitRequestResponse;
class ListRequestsRequest;
class ListRequestsResponse;
class AttachLinkRequest;
class AttachLinkResponse;
class ApproveRequest;
class ApproveResponse;
class GetApprovalRequest;
class GetApprovalResponse;
class PublishRequest;
class PublishResponse;
class DirectorySyncRequest;
class DirectorySyncResponse;
class UploadKeyPackagesRequest;
class UploadKeyPackagesResponse;
class ClaimKeyPackagesRequest;
class ClaimKeyPackagesResponse;
class PublishRevocationsRequest;
class PublishRevocationsResponse;
class CommitRequest;
class CommitResponse;
class AppendRequest;
class AppendClosingRequest;
class AppendPackRequest;
class AppendResponse;
class ReadRequest;
class ReadResponse;
class ListRequest;
class ListResponse;
class GiveBackRequest;
class GiveBackResponse;
class GetGroupInfoRequest;
class GetGroupInfoResponse;
class AcknowledgeRequest;
class AcknowledgeResponse;
class WatchRequest;
class WatchEvent;
class MailboxFetchRequest;
class MailboxFetchResponse;
class MailboxAckRequest;
class MailboxAckResponse;
class FetchEnvelopesRequest;
class FetchEnvelopesResponse;
class FetchPacksRequest;
class FetchPacksResponse;
}  // namespace renkei::relay::v1

namespace renkei::client {

// The longest that a relay can make a client wait by asking for it.
inline constexpr Millis kMaxAskedWait = Hours(1);

// How much of a page is asked for at once (max_bytes). In the time that such a call has
// (net/call_timeout.h) a line of 128 kbit/s brings it, and also the one item that may be larger.
inline constexpr std::uint32_t kPageBytes = 512 * 1024;

class Relay {
 public:
  virtual ~Relay() = default;

  // How long the relay asked to wait when it last answered kThrottled, 0..kMaxAskedWait; 0: it did
  // not say.
  virtual Millis asked_wait() const { return Millis{0}; }

  // Enrolment. SubmitRequest and GetApproval work without a client certificate.
  virtual Result<relay::v1::CreateTicketResponse> CreateTicket(
      const relay::v1::CreateTicketRequest& request) = 0;
  virtual Result<relay::v1::SubmitRequestResponse> SubmitRequest(
      const relay::v1::SubmitRequestRequest& request) = 0;
  virtual Result<relay::v1::ListRequestsResponse> ListRequests(
      const relay::v1::ListRequestsRequest& request) = 0;
  virtual Result<relay::v1::AttachLinkResponse> AttachLink(
      const relay::v1::AttachLinkRequest& request) = 0;
  virtual Result<relay::v1::ApproveResponse> Approve(const relay::v1::ApproveRequest& request) = 0;
  virtual Result<relay::v1::GetApprovalResponse> GetApproval(
      const relay::v1::GetApprovalRequest& request) = 0;

  // Directory.
  virtual Result<relay::v1::PublishResponse> Publish(const relay::v1::PublishRequest& request) = 0;
  virtual Result<relay::v1::DirectorySyncResponse> SyncDirectory(
      const relay::v1::DirectorySyncRequest& request) = 0;
  virtual Result<relay::v1::UploadKeyPackagesResponse> UploadKeyPackages(
      const relay::v1::UploadKeyPackagesRequest& request) = 0;
  virtual Result<relay::v1::ClaimKeyPackagesResponse> ClaimKeyPackages(
      const relay::v1::ClaimKeyPackagesRequest& request) = 0;
  virtual Result<relay::v1::PublishRevocationsResponse> PublishRevocations(
      const relay::v1::PublishRevocationsRequest& request) = 0;

  // Threads.
  virtual Result<relay::v1::CommitResponse> CreateThread(
      const relay::v1::CommitRequest& request) = 0;
  virtual Result<relay::v1::CommitResponse> Commit(const relay::v1::CommitRequest& request) = 0;
  virtual Result<relay::v1::AppendResponse> Append(const relay::v1::AppendRequest& request) = 0;
  // Many over one call, in order, and hands over the outcome of each in that order. An error ends
  // it: of those without an outcome nothing is known, whatever their place.
  virtual Status AppendAll(
      const std::vector<relay::v1::AppendRequest>& requests,
      const std::function<void(const relay::v1::AppendResponse&)>& on_outcome) = 0;
  virtual Result<relay::v1::AppendResponse> AppendPack(
      const relay::v1::AppendPackRequest& request) = 0;
  virtual Result<relay::v1::AppendResponse> AppendClosing(
      const relay::v1::AppendClosingRequest& request) = 0;
  virtual Result<relay::v1::ReadResponse> Read(const relay::v1::ReadRequest& request) = 0;
  virtual Result<relay::v1::ListResponse> ListThreads(const relay::v1::ListRequest& request) = 0;
  virtual Result<relay::v1::GetGroupInfoResponse> GetGroupInfo(
      const relay::v1::GetGroupInfoRequest& request) = 0;
  virtual Result<relay::v1::GiveBackResponse> GiveBack(
      const relay::v1::GiveBackRequest& request) = 0;
  // Blocks and hands over each event until `on_event` returns false (then Ok), the stream breaks
  // (kUnavailable) or CancelWatch is called from another thread (Ok).
  virtual Status Watch(const relay::v1::WatchRequest& request,
                       const std::function<bool(const relay::v1::WatchEvent&)>& on_event) = 0;
  virtual void CancelWatch() = 0;

  // Urgent alerts.
  virtual Result<relay::v1::AcknowledgeResponse> Acknowledge(
      const relay::v1::AcknowledgeRequest& request) = 0;

  // Mailbox.
  virtual Result<relay::v1::MailboxFetchResponse> FetchMailbox(
      const relay::v1::MailboxFetchRequest& request) = 0;
  virtual Result<relay::v1::MailboxAckResponse> AckMailbox(
      const relay::v1::MailboxAckRequest& request) = 0;

  // Envelopes.
  virtual Result<relay::v1::FetchEnvelopesResponse> FetchEnvelopes(
      const relay::v1::FetchEnvelopesRequest& request) = 0;
  virtual Result<relay::v1::FetchPacksResponse> FetchPacks(
      const relay::v1::FetchPacksRequest& request) = 0;
};

// How to reach the relay and who we are there.
struct RelayEndpoint {
  std::string address;  // host:port
  Bytes root_der;       // the region's root certificate: the only one trusted
  RegionId region;      // the relay's certificate names relay.<region>.renkei.internal
  // Our device TLS certificate's chain (leaf first, PEM) and key (PKCS#8 PEM); empty before
  // enrolment.
  std::string client_chain_pem;
  SecretBytes client_key_pem;
};

class RelayConnector {
 public:
  virtual ~RelayConnector() = default;
  // Does not wait for the connection: an unreachable relay shows at the first call.
  virtual Result<std::unique_ptr<Relay>> Connect(const RelayEndpoint& endpoint) = 0;
  // The root certificate (DER) that the relay at `address` sends, if its SHA-256 is `fingerprint`;
  // nothing else that the relay says at that moment is believed. kUnavailable; kAuthFailed.
  virtual Result<Bytes> FetchRoot(const std::string& address, const Hash32& fingerprint) = 0;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_RELAY_H_
