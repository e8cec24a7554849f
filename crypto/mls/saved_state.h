// A group's state in pieces, so that a vault writes what a message or commit changed and not the
// whole group (Group::Save, Group::Load). Names tell nothing secret; values are secret.
#ifndef RENKEI_CRYPTO_MLS_SAVED_STATE_H_
#define RENKEI_CRYPTO_MLS_SAVED_STATE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/wire/codec.h"

namespace renkei::mls {

// Longest name of a piece.
inline constexpr std::size_t kMaxPartNameBytes = 65;

struct StatePart {
  Bytes name;  // 1..kMaxPartNameBytes bytes, one piece each within a group
  SecretBytes value;
};

// What makes one saved state into the next. No name stands in both lists.
struct StateChanges {
  std::vector<StatePart> put;  // written or overwritten
  std::vector<Bytes> erased;   // to be erased for good: consumed keys are among them (§9.2)

  std::size_t ValueBytes() const;
};
// For a commit that waits to be accepted: its changes are kept, and applied when it is. Secret.
// Decode: kMalformed for anything that Encode() did not write.
void Encode(wire::Writer& out, const StateChanges& value);
Status Decode(wire::Reader& in, StateChanges& value);
// The pieces as they are after `changes`.
void Apply(StateChanges changes, std::vector<StatePart>& parts);

// What the vault holds of a group. Cheap: shares the tree with the group. One thread with all
// groups that come from one another.
class SavedState {
 public:
  SavedState();  // nothing yet
  SavedState(SavedState&& other) noexcept;
  SavedState& operator=(SavedState&& other) noexcept;
  ~SavedState();

 private:
  friend class Group;
  struct Contents;
  std::unique_ptr<const Contents> contents_;  // null: nothing
};

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_SAVED_STATE_H_
