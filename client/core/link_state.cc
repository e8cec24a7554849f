#include "client/core/link_state.h"

#include "client/core/keys.h"
#include "renkei/vault/v1/case.pb.h"
#include "renkei/vault/v1/link.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kLinkKey = "link";
constexpr std::string_view kLinked = "linked/";

}  // namespace

Result<std::vector<ThreadPosition>> LoadThreadPositions(Vault& vault) {
  RENKEI_ASSIGN(const auto rows, vault.Scan(Table::kCases, {}, {}));
  std::vector<ThreadPosition> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCase>(row.value));
    if (!stored.has_card() || stored.removed()) {
      continue;
    }
    ThreadPosition position;
    RENKEI_ASSIGN(position.case_id, CaseId::FromBytes(row.key));
    position.seq = stored.seq();
    RENKEI_ASSIGN(position.hash, StoredHash(stored.hash()));
    position.at = {stored.generation(), stored.epoch()};
    RENKEI_ASSIGN(position.card_hash, StoredHash(stored.card_hash()));
    out.push_back(position);
  }
  return out;
}

Status SaveLinkState(Vault& vault, ByteView signed_link,
                     const std::vector<ThreadPosition>& positions) {
  RENKEI_TRY(vault.Put(Table::kMeta, AsBytes(kLinkKey), signed_link));
  for (const ThreadPosition& position : positions) {
    vault::v1::StoredLinkedPosition stored;
    stored.set_seq(position.seq);
    stored.set_hash(ToString(position.hash));
    stored.set_generation(position.at.generation);
    stored.set_epoch(position.at.epoch);
    stored.set_card_hash(ToString(position.card_hash));
    RENKEI_TRY(vault.Put(Table::kTrust, RowKey(kLinked).Add(position.case_id.view()).bytes(),
                         AsBytes(stored.SerializeAsString())));
  }
  return Ok();
}

Result<std::optional<Bytes>> LoadSignedLink(Vault& vault) {
  return vault.Get(Table::kMeta, AsBytes(kLinkKey));
}

Result<std::optional<ThreadPosition>> LoadLinkedPosition(Vault& vault, const CaseId& case_id) {
  RENKEI_ASSIGN(const auto row,
                vault.Get(Table::kTrust, RowKey(kLinked).Add(case_id.view()).bytes()));
  if (!row.has_value()) {
    return std::optional<ThreadPosition>();
  }
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredLinkedPosition>(*row));
  ThreadPosition position;
  position.case_id = case_id;
  position.seq = stored.seq();
  RENKEI_ASSIGN(position.hash, StoredHash(stored.hash()));
  position.at = {stored.generation(), stored.epoch()};
  RENKEI_ASSIGN(position.card_hash, StoredHash(stored.card_hash()));
  return std::optional<ThreadPosition>(position);
}

}  // namespace renkei::client
