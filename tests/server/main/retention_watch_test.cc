#include "server/retention_watch.h"

#include "tests/server/core/closing_fixture.h"

namespace renkei::test {
namespace {

using server::RetentionWatch;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Watching : public ClosingFixture {
 protected:
  // How long the relay has run, by the store.
  std::uint64_t Ran() {
    std::optional<Bytes> value;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(value, transaction.FindMeta("retention.ran"));
                      return Ok();
                    })
                    .ok());
    std::uint64_t out = 0;
    for (const std::uint8_t byte : value.value_or(Bytes())) {
      out = out << 8U | byte;
    }
    return out;
  }
  RetentionWatch::Moment start{hours(5)};
};

TEST_F(Watching, LooksAtOnceAndThenOnceAnHour) {
  RetentionWatch watch(relay->retention(), {}, start);
  const std::size_t before = store.writes();
  watch.Look(start);
  EXPECT_EQ(store.writes(), before + 1);
  watch.Look(start + minutes(59));
  EXPECT_EQ(store.writes(), before + 1);
  watch.Look(start + minutes(60));
  EXPECT_EQ(store.writes(), before + 2);
  EXPECT_EQ(Ran(), 3'600'000U);
}

TEST_F(Watching, TimeThatCouldNotBeWrittenIsCountedLaterOnce) {
  RetentionWatch watch(relay->retention(), {}, start);
  watch.Look(start);
  store.FailWrites(true);
  watch.Look(start + hours(1));
  store.FailWrites(false);
  watch.Look(start + hours(2));
  EXPECT_EQ(Ran(), 7'200'000U);
  watch.Look(start + hours(3));
  EXPECT_EQ(Ran(), 10'800'000U);
}

TEST_F(Watching, ComesAgainSoonWhereThereIsMoreToDo) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  clock.Set(thread::KeptUntil(clock.Now(), 5));
  RetentionWatch watch(relay->retention(), {}, start);
  watch.Look(start);
  clock.Advance(Days(31));
  const auto later = start + hours(24 * 31);
  watch.Look(later);
  ASSERT_FALSE(Row()) << "deleted";
  const std::size_t before = store.writes();
  watch.Look(later + seconds(1));
  EXPECT_EQ(store.writes(), before + 1) << "what is left of it";
  watch.Look(later + seconds(2));
  EXPECT_EQ(store.writes(), before + 1);
}

}  // namespace
}  // namespace renkei::test
