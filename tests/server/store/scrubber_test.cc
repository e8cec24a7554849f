#include "server/store/scrubber.h"

#include <future>

#include "tests/server/store/scrubbed_store.h"

namespace renkei::test {
namespace {

using namespace std::chrono_literals;
using server::Scrubber;

class TheScrubber : public ScrubbedStore {
 protected:
  std::unique_ptr<Scrubber> Start(std::chrono::seconds every) {
    auto started = Scrubber::Start(File(), every, [this](const Status& status, int) {
      found.set_value(status.error().code());  // a second time throws
    });
    EXPECT_TRUE(started.ok());
    return started.ok() ? std::move(*started) : nullptr;
  }
  // The end of a pass after `last`.
  static auto NextEnd(const Scrubber& scrubber,
                      std::optional<std::chrono::steady_clock::time_point> last) {
    while (scrubber.finished() == last) {
      std::this_thread::yield();
    }
    return scrubber.finished();
  }

  std::promise<Code> found;
};

TEST_F(TheScrubber, GoesThroughASoundStoreAgainAndAgain) {
  const auto scrubber = Start(0s);
  const auto first = NextEnd(*scrubber, std::nullopt);
  EXPECT_GT(NextEnd(*scrubber, first), first);
  EXPECT_EQ(found.get_future().wait_for(0s), std::future_status::timeout);
}

TEST_F(TheScrubber, TellsOnceWhatItFound) {
  Sql("UPDATE entries SET hash = zeroblob(32) WHERE id = 300");
  const auto scrubber = Start(0s);
  EXPECT_EQ(found.get_future().get(), Code::kCorrupt);
  EXPECT_EQ(scrubber->finished(), std::nullopt) << "a pass that found something is none";
}

TEST_F(TheScrubber, EndsAtOnceWhereItRests) {
  auto scrubber = Start(std::chrono::days(365));
  NextEnd(*scrubber, std::nullopt);
  scrubber.reset();
}

TEST_F(TheScrubber, StoreThatIsNotThereIsTold) {
  const auto started = Scrubber::Start(folder.path() / "nothing", 0s, nullptr);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
