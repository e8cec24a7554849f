// A relay in memory, for tests of client/core: orders, stores and delivers as the real one does,
// but judges nothing, so that a test can push through what an honest relay would refuse; and lies,
// loses answers or goes down on request. One thread.
#ifndef RENKEI_TESTS_SUPPORT_FAKE_RELAY_H_
#define RENKEI_TESTS_SUPPORT_FAKE_RELAY_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "client/core/relay.h"
#include "crypto/base/clock.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/head.h"
#include "renkei/relay/v1/alerts.pb.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::test {

class FakeRelay {
 public:
  using Entries = std::vector<seal::v1::ThreadEntry>;

  FakeRelay(const Clock& clock, SigningKey signing_key);

  // --- what tests turn -------------------------------------------------------------------------

  // Every call fails with kUnavailable.
  bool down = false;
  // Every call that stores something is over a limit, and is asked to wait for so long.
  std::optional<Millis> throttle_writes;
  // Every call that stores something fails so.
  std::optional<Error> refuse_writes;
  // Calls that store something (create, commit, append, pack), counted from 1: that call is carried
  // out, but its answer is lost; or it does not arrive at all.
  std::size_t lose_answer_of_write = 0;
  std::size_t lose_write = 0;
  std::size_t writes = 0;
  std::vector<std::uint32_t> pages;  // max_bytes of each page that was asked for
  std::vector<std::size_t> runs;     // how many records each call brought that brings several
  // Changes what Read delivers.
  std::function<void(const CaseId&, Entries&)> tamper;
  // Changes heads before they are signed.
  std::function<void(thread::Head&)> tamper_head;
  // Changes envelopes before they are stored.
  std::function<void(seal::v1::Envelope&)> tamper_envelope;
  // Changes what SyncDirectory, FetchEnvelopes, FetchPacks, ListThreads and FetchMailbox answer.
  std::function<void(relay::v1::DirectorySyncResponse&)> tamper_directory;
  std::function<void(relay::v1::FetchEnvelopesResponse&)> tamper_envelopes;
  std::function<void(const relay::v1::FetchPacksRequest&, relay::v1::FetchPacksResponse&)>
      tamper_packs;
  std::function<void(const relay::v1::ListRequest&, relay::v1::ListResponse&)> tamper_list;
  std::function<void(relay::v1::MailboxFetchResponse&)> tamper_mailbox;
  // What Read says of the relay itself: restored, takes nothing new; lost the GroupInfo.
  bool returning = false;
  bool wants_commit = false;
  // What GiveBack answers; none: that the relay was not restored.
  std::function<relay::v1::GiveBackResponse(const relay::v1::GiveBackRequest&)> give_back;
  // Serves the GroupInfo of that epoch instead of the newest.
  std::optional<std::uint64_t> stale_group_info;

  // What ListRequests answers, to whoever asks; and what was attached and approved.
  std::vector<relay::v1::WaitingRequest> requests;
  std::vector<relay::v1::AttachLinkRequest> links;
  std::vector<relay::v1::ApproveRequest> approvals;
  // Instead of that answer.
  std::optional<Error> refuse_requests;
  // What was published; instead of taking a revocation list.
  std::vector<relay::v1::PublishRequest> published;
  std::vector<relay::v1::PublishRevocationsRequest> published_lists;
  std::optional<Error> refuse_lists;

  void AddCertificate(ByteView der);
  void AddRevocationList(ByteView der);
  // Puts an entry into a thread as it is, whatever it says.
  void ForceEntry(const CaseId& case_id, seal::v1::EntryKind kind, ByteView payload);
  // From now on Read of the case gives this SignedDeletionCertificate.
  void Delete(const CaseId& case_id, ByteView certificate) {
    deleted_[case_id] = ToBytes(certificate);
  }
  // As if a commit had come from some client, unjudged.
  relay::v1::CommitResponse ForceCommit(const relay::v1::CommitRequest& request);

  // --- what tests look at ----------------------------------------------------------------------

  const Entries& entries(const CaseId& case_id) { return threads_[case_id].entries; }
  // Everything that was ever stored or delivered, for searching it (G1).
  Bytes Everything() const;
  std::size_t KeyPackagesOf(const DeviceId& device) { return key_packages_[device].size(); }
  void DropKeyPackages(const DeviceId& device) { key_packages_.erase(device); }
  // Offers that device's key packages as another person's.
  void MoveKeyPackages(const DeviceId& device, const thread::PersonRef& person) {
    owners_[device] = person;
  }
  void DropMailbox(const DeviceId& device) { mailboxes_.erase(device); }

  // The connection of one device.
  std::unique_ptr<client::Relay> ConnectionFor(const DeviceId& device,
                                               const thread::PersonRef& person);

 private:
  friend class FakeConnection;

  struct Thread {
    Entries entries;
    thread::Position position;
    std::map<std::uint64_t, std::pair<Bytes, seal::v1::SignedCard>> group_infos;  // by epoch
    std::optional<thread::SignedCard> card;
    std::uint64_t card_seq = 0;
    std::map<std::pair<DeviceId, RecordId>, std::uint64_t> records;
    std::map<Bytes, std::vector<seal::v1::Envelope>> envelopes;  // by key id
    std::map<Bytes, std::vector<Bytes>> packs;
    std::map<thread::PersonRef, std::optional<std::uint64_t>> readers;  // until that seq
  };

  seal::v1::SignedHead HeadAt(const CaseId& case_id, std::uint64_t seq);
  std::uint64_t AppendEntry(const CaseId& case_id, seal::v1::EntryKind kind, ByteView payload);
  // Null: may not read.
  Thread* Readable(const CaseId& case_id, const thread::PersonRef& person);

  const Clock& clock_;
  SigningKey signing_key_;
  thread::IncarnationId incarnation_;
  std::vector<relay::v1::DirectoryEntry> directory_;
  std::map<DeviceId, std::deque<Bytes>> key_packages_;
  std::map<DeviceId, thread::PersonRef> owners_;
  std::map<DeviceId, std::vector<relay::v1::MailboxMessage>> mailboxes_;
  std::uint64_t next_message_ = 1;
  std::map<CaseId, Thread> threads_;
  std::map<CaseId, Bytes> deleted_;
};

// Hands out connections by the device named in the client certificate.
class FakeConnector final : public client::RelayConnector {
 public:
  explicit FakeConnector(FakeRelay& relay) : relay_(relay) {}
  Result<std::unique_ptr<client::Relay>> Connect(const client::RelayEndpoint& endpoint) override;
  Result<Bytes> FetchRoot(const std::string& address, const Hash32& fingerprint) override;

 private:
  FakeRelay& relay_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_FAKE_RELAY_H_
