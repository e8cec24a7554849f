#include "client/core/group_store.h"

#include <string_view>
#include <utility>
#include <vector>

#include "client/core/keys.h"
#include "crypto/wire/codec.h"

namespace renkei::client {
namespace {

constexpr Error kDamaged(Code::kCorrupt, "vault: damaged state of a group");

constexpr std::string_view kPieces = "state/";  // + case: the stamp; + case + name: a piece
constexpr std::string_view kStep = "step/";
constexpr std::string_view kJoined = "joined/";
// The older form: states as a whole. Read, and replaced by pieces with the next Save.
constexpr std::string_view kWhole = "group/";
constexpr std::string_view kWholeNext = "next/";

Bytes Named(std::string_view name, const CaseId& case_id) {
  return RowKey(name).Add(case_id.view()).bytes();
}

Bytes PieceKey(const CaseId& case_id, ByteView name) {
  return RowKey(kPieces).Add(case_id.view()).Add(name).bytes();
}

Bytes JoinedKey(const CaseId& case_id, const thread::EpochRef& at) {
  return RowKey(kJoined).Add(case_id.view()).AddEpoch(at).bytes();
}

SecretBytes Encoded(const mls::StateChanges& changes) {
  wire::Writer out(4096, wire::Writer::Holds::kSecret);
  Encode(out, changes);
  return std::move(out).TakeSecret();
}

// Follows from everything that was ever written: two that are equal stand for the same pieces.
Hash32 NextStamp(const Hash32& before, ByteView changes) {
  return Sha256({before, changes});
}

bool IsNothing(const SavedGroup& saved) {
  return saved.stamp == Hash32{};
}

// A group as its pieces say, none at all being none.
struct Pieces {
  Hash32 stamp{};
  std::vector<mls::StatePart> parts;
};

Result<Pieces> ReadPieces(Vault& vault, const CaseId& case_id) {
  const Bytes prefix = Named(kPieces, case_id);
  RENKEI_ASSIGN(auto rows, vault.ScanSecrets(Table::kGroups, prefix));
  Pieces out;
  for (SecretRow& row : rows) {
    if (row.key.size() > prefix.size()) {
      out.parts.push_back(
          {ToBytes(ByteView(row.key).subspan(prefix.size())), std::move(row.value)});
      continue;
    }
    RENKEI_ASSIGN(out.stamp, StoredHash(AsText(row.value.Expose())));
  }
  if ((out.stamp == Hash32{}) != out.parts.empty()) {
    return kDamaged;
  }
  return out;
}

Result<std::optional<mls::Group>> LoadPieces(const std::vector<mls::StatePart>& parts) {
  auto group = mls::Group::Load(parts);
  if (!group.ok()) {
    return kDamaged;
  }
  return std::optional<mls::Group>(std::move(*group));
}

}  // namespace

Status GroupStore::Save(const CaseId& case_id, const mls::Group& group, SavedGroup& saved) {
  const Bytes stamp_key = Named(kPieces, case_id);
  RENKEI_ASSIGN(const auto stamp, vault_.Get(Table::kGroups, stamp_key));
  const bool known = !IsNothing(saved) && stamp.has_value() && Equal(*stamp, saved.stamp);
  if (!known) {
    RENKEI_TRY(Erase(case_id));
  }
  const SavedGroup nothing;
  const SavedGroup& before = known ? saved : nothing;
  mls::Group::Saving saving = group.Save(before.state);
  if (saving.changes.put.empty() && saving.changes.erased.empty()) {
    return Ok();
  }
  for (const Bytes& name : saving.changes.erased) {
    RENKEI_TRY(vault_.Erase(Table::kGroups, PieceKey(case_id, name)));
  }
  for (const mls::StatePart& part : saving.changes.put) {
    RENKEI_TRY(vault_.Put(Table::kGroups, PieceKey(case_id, part.name), part.value.Expose()));
  }
  const Hash32 now = NextStamp(before.stamp, Encoded(saving.changes).Expose());
  RENKEI_TRY(vault_.Put(Table::kGroups, stamp_key, now));
  saved = SavedGroup{.state = std::move(saving.after), .stamp = now};
  return Ok();
}

Status GroupStore::Erase(const CaseId& case_id) {
  RENKEI_TRY(vault_.ErasePrefix(Table::kGroups, Named(kPieces, case_id)));
  return vault_.Erase(Table::kGroups, Named(kWhole, case_id));
}

Result<std::optional<GroupStore::Held>> GroupStore::Find(const CaseId& case_id) {
  RENKEI_ASSIGN(const Pieces pieces, ReadPieces(vault_, case_id));
  const bool whole = pieces.parts.empty();
  RENKEI_ASSIGN(auto group, whole ? LoadWhole(Named(kWhole, case_id)) : LoadPieces(pieces.parts));
  if (!group.has_value()) {
    return std::optional<Held>();
  }
  SavedGroup saved;
  if (!whole) {
    saved = SavedGroup{.state = group->AsSaved(), .stamp = pieces.stamp};
  }
  return std::optional<Held>(Held{.group = std::move(*group), .saved = std::move(saved)});
}

Status GroupStore::SaveNext(const CaseId& case_id, const mls::Group& next,
                            const SavedGroup& saved) {
  wire::Writer out(4096, wire::Writer::Holds::kSecret);
  out.Raw(saved.stamp);
  Encode(out, next.Save(saved.state).changes);
  return vault_.Put(Table::kGroups, Named(kStep, case_id), std::move(out).TakeSecret().Expose());
}

Status GroupStore::EraseNext(const CaseId& case_id) {
  RENKEI_TRY(vault_.Erase(Table::kGroups, Named(kStep, case_id)));
  return vault_.Erase(Table::kGroups, Named(kWholeNext, case_id));
}

Result<std::optional<mls::Group>> GroupStore::FindNext(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto step, vault_.GetSecret(Table::kGroups, Named(kStep, case_id)));
  if (!step.has_value()) {
    return LoadWhole(Named(kWholeNext, case_id));
  }
  wire::Reader in(step->Expose());
  ByteView stamp;
  mls::StateChanges changes;
  if (!in.Raw(kHashBytes, stamp).ok() || !Decode(in, changes).ok() || !in.Finish().ok()) {
    return kDamaged;
  }
  Pieces base;
  if (!Equal(stamp, base.stamp)) {
    RENKEI_ASSIGN(base, ReadPieces(vault_, case_id));
    if (!Equal(stamp, base.stamp)) {
      return std::optional<mls::Group>();
    }
  }
  Apply(std::move(changes), base.parts);
  return LoadPieces(base.parts);
}

Result<std::optional<mls::Group>> GroupStore::LoadWhole(ByteView key) {
  RENKEI_ASSIGN(const auto bytes, vault_.GetSecret(Table::kGroups, key));
  if (!bytes.has_value()) {
    return std::optional<mls::Group>();
  }
  auto group = mls::Group::Deserialize(bytes->Expose());
  if (!group.ok()) {
    return kDamaged;
  }
  return std::optional<mls::Group>(std::move(*group));
}

Status GroupStore::SaveJoined(const CaseId& case_id, const thread::EpochRef& at,
                              const mls::Group& group) {
  return vault_.Put(Table::kGroups, JoinedKey(case_id, at), group.Serialize().Expose());
}

Status GroupStore::EraseJoined(const CaseId& case_id, const thread::EpochRef& at) {
  return vault_.Erase(Table::kGroups, JoinedKey(case_id, at));
}

Result<std::optional<mls::Group>> GroupStore::FindJoined(const CaseId& case_id,
                                                         const thread::EpochRef& at) {
  return LoadWhole(JoinedKey(case_id, at));
}

Status GroupStore::EraseAll() {
  for (const std::string_view prefix : {kPieces, kStep, kJoined, kWhole, kWholeNext}) {
    RENKEI_TRY(vault_.ErasePrefix(Table::kGroups, AsBytes(prefix)));
  }
  return Ok();
}

}  // namespace renkei::client
