// A vault as far as groups in pieces are concerned.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PART_STORE_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PART_STORE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/mls/group.h"

namespace renkei::mls::test {

class PartStore {
 public:
  // Saves what changed; how many bytes that were.
  std::size_t Save(const Group& group) {
    Group::Saving saving = group.Save(saved_);
    const std::size_t bytes = saving.changes.ValueBytes();
    erased_ = saving.changes.erased;
    Apply(std::move(saving.changes), parts_);
    saved_ = std::move(saving.after);
    return bytes;
  }
  Result<Group> Load() const { return Group::Load(parts_); }
  void Restart(const Group& loaded) { saved_ = loaded.AsSaved(); }

  std::vector<StatePart> Copy() const {
    std::vector<StatePart> copy;
    for (const StatePart& part : parts_) {
      copy.push_back({part.name, part.value.Clone()});
    }
    return copy;
  }
  bool Has(const Bytes& name) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const StatePart& part) { return part.name == name; });
  }
  const std::vector<Bytes>& erased() const { return erased_; }

 private:
  SavedState saved_;
  std::vector<StatePart> parts_;
  std::vector<Bytes> erased_;
};

inline void ExpectSame(const PartStore& store, const Group& group) {
  const auto loaded = store.Load();
  ASSERT_TRUE(loaded.ok()) << loaded.error().where();
  EXPECT_TRUE(Equal(loaded->Serialize(), group.Serialize()));
}

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PART_STORE_H_
