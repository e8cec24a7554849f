#include "server/rpc/envelopes_handler.h"

#include "server/core/limits.h"
#include "server/rpc/proto_map.h"

namespace renkei::server {

namespace v1 = relay::v1;

void EnvelopesHandler::Fetch(const Caller& caller, const v1::FetchEnvelopesRequest& request,
                             const Reply<v1::FetchEnvelopesResponse>& reply) {
  const auto case_id = MapId<CaseId>(request.case_id());
  const auto key_id = MapHash(request.key_id());
  if (!case_id.ok() || !key_id.ok()) {
    return reply(Error(Code::kMalformed, "envelopes: case or key id"));
  }
  std::optional<EpochRef> after;
  if (!request.from_start()) {
    after = EpochRef{request.after_generation(), request.after_epoch()};
  }
  auto page = relay_.envelopes().Fetch(caller, *case_id, *key_id, after);
  if (!page.ok()) {
    return reply(page.error());
  }
  v1::FetchEnvelopesResponse out;
  for (const EnvelopeRow& row : page->envelopes) {
    // The store's damage, not our bug: the relay must live to tell it.
    if (!out.add_envelopes()->ParseFromArray(row.envelope.data(),
                                             static_cast<int>(row.envelope.size()))) {
      return reply(Error(Code::kCorrupt, "envelopes: a stored one cannot be read"));
    }
  }
  out.set_complete(page->complete);
  reply(std::move(out));
}

void EnvelopesHandler::FetchPacks(const Caller& caller, const v1::FetchPacksRequest& request,
                                  const Reply<v1::FetchPacksResponse>& reply) {
  const auto case_id = MapId<CaseId>(request.case_id());
  const auto key_id = MapHash(request.key_id());
  if (!case_id.ok() || !key_id.ok()) {
    return reply(Error(Code::kMalformed, "packs: case or key id"));
  }
  const auto page = relay_.envelopes().FetchPacks(caller, *case_id, *key_id, request.after(),
                                                  PageBytes(request.max_bytes()));
  if (!page.ok()) {
    return reply(page.error());
  }
  v1::FetchPacksResponse out;
  for (const PackRow& row : page->packs) {
    out.add_packs(ToText(row.pack));
    out.set_last(row.seq);
  }
  out.set_has_more(!page->complete);
  reply(std::move(out));
}

}  // namespace renkei::server
