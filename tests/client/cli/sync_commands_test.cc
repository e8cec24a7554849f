// sync, watch, outbox, status.
#include <csignal>
#include <set>

#include "client/cli/commands.h"
#include "renkei/relay/v1/threads.pb.h"
#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SyncCommands : public CliFixture {
 protected:
  SyncCommands() {
    AddPerson("nurse", "架空訪問看護", "visiting-nurse-station", "江口 花子", "nurse");
    AddPerson("doctor", "架空クリニック", "clinic", "伊藤 一郎", "doctor");
    case_ = NewCase("nurse");
    RunJson("nurse", {"case", "add", case_, "伊藤 一郎"});
    RunJson("doctor", {"sync"});
    note_ = File("note.json", R"({"text": "架空の様子"})");
  }
  Json Post(const std::string& vault) {
    return RunJson(vault, {"post", case_, "note", "--file", note_}).at(0);
  }

  // Every institution has so much more, or less, in the relay's store.
  void StoreMore(std::int64_t bytes) {
    server::Store& store = world_.host->store();
    std::set<InstitutionId> institutions;
    ASSERT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto items,
                                    transaction.ReadDirectory(0, 1000, std::size_t{8} << 20U));
                      for (const server::DirectoryItem& item : items) {
                        const auto certificate = pki::Certificate::Parse(item.der);
                        if (certificate.ok() && !certificate->ids().institution.IsZero()) {
                          institutions.insert(certificate->ids().institution);
                        }
                      }
                      return Ok();
                    })
                    .ok());
    ASSERT_FALSE(institutions.empty());
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          for (const InstitutionId& institution : institutions) {
            RENKEI_TRY(transaction.AddStoredBytes(server::UsageOf::kInstitution, institution.bytes,
                                                  bytes));
          }
          return Ok();
        },
        [](const Status& status) { ASSERT_TRUE(status.ok()); });
  }

  std::string case_;
  std::string note_;
};

TEST_F(SyncCommands, ASyncSaysWhatCameWhatWentAndWhatWaits) {
  Post("nurse");
  const Json report = RunJson("doctor", {"sync"}).at(0);
  EXPECT_GE(report["entries"], 1);
  EXPECT_EQ(report["records_sent"], 0);
  EXPECT_EQ(report["still_waiting"], 0);
  EXPECT_THAT(report["notices"], IsEmpty());
  EXPECT_THAT(Run("doctor", {"sync"}).out, HasSubstr("received 0"));
}

TEST_F(SyncCommands, WithTheRelayDownSyncFailsInWordsAndLosesNothing) {
  world_.connector.faults.down = true;
  Post("nurse");
  const Ran ran = Run("nurse", {"--json", "sync"});
  EXPECT_EQ(ran.code, kExitFailed);
  EXPECT_EQ(ran.Object()["error"]["code"], "kUnavailable");
  EXPECT_THAT(ran.err, HasSubstr("kept in the outbox"));
  EXPECT_THAT(RunJson("nurse", {"outbox"}), SizeIs(1));
}

TEST_F(SyncCommands, TheOutboxSaysWhyEachThingWaits) {
  EXPECT_THAT(Run("nurse", {"outbox"}).out, HasSubstr("Nothing is waiting"));
  world_.connector.faults.down = true;
  Post("nurse");
  RunJson("nurse", {"post", case_, "note", "--file", note_, "--urgent"});
  const auto items = RunJson("nurse", {"outbox"});
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0]["urgent"], true) << "urgent ones go first";
  EXPECT_EQ(items[1]["waiting_for"], "no connection to the relay");
  setenv("RENKEI_LANG", "ja", 1);
  EXPECT_THAT(Run("nurse", {"outbox"}).out, HasSubstr("中継サーバーに接続できません"));
}

TEST_F(SyncCommands, OverALimitOfTheRelayItIsSaidFromWhenOnThingsCanBeSent) {
  world_.connector.faults.throttle = Minutes(30);
  Post("nurse");
  const Ran ran = Run("nurse", {"--json", "sync"});
  EXPECT_EQ(ran.code, kExitFailed);
  EXPECT_EQ(ran.Object()["error"]["code"], "kThrottled");
  const auto items = RunJson("nurse", {"outbox"});
  ASSERT_THAT(items, SizeIs(1));
  const std::string moment = items[0]["retry_at"];  // "2026-11-21T09:30:00+09:00"
  const std::string said =
      moment.substr(5, 2) + "/" + moment.substr(8, 2) + " " + moment.substr(11, 5);
  EXPECT_THAT(ran.err, HasSubstr(said + ": from then on what waits can be sent"));
  EXPECT_THAT(Run("nurse", {"outbox"}).out, HasSubstr("the relay asks to wait, until " + said));
  setenv("RENKEI_LANG", "ja", 1);
  EXPECT_THAT(Run("nurse", {"sync"}).err, HasSubstr(said + " 以降に送れます。"));
}

// As the relay's own core counts and refuses; then the operator gives more.
TEST_F(SyncCommands, WhereTheRelayHasNoSpaceLeftItIsSaidWhoCanHelpAndNothingIsLost) {
  StoreMore(std::int64_t{200} << 30U);
  Post("nurse");
  world_.clock.Advance(Minutes(15));  // when it is tried again
  const Ran ran = Run("nurse", {"--json", "sync"});
  EXPECT_EQ(ran.Object()["error"]["code"], "kThrottled");
  EXPECT_THAT(ran.err, HasSubstr("ask the relay's operator for more space"));
  EXPECT_THAT(ran.err, Not(HasSubstr("from then on"))) << "waiting alone makes none";
  const auto items = RunJson("nurse", {"outbox"});
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0]["waiting_for"],
            "the relay has no space left for your institution; its operator has to give more");
  EXPECT_FALSE(items[0].contains("retry_at"));
  setenv("RENKEI_LANG", "ja", 1);
  EXPECT_THAT(Run("nurse", {"outbox"}).out, HasSubstr("運営者に増やしてもらう必要があります"));
  unsetenv("RENKEI_LANG");
  StoreMore(-(std::int64_t{200} << 30U));
  world_.clock.Advance(Minutes(15));
  RunJson("nurse", {"sync"});
  EXPECT_THAT(RunJson("nurse", {"outbox"}), IsEmpty());
}

TEST_F(SyncCommands, StatusTellsWhoWhetherTheRelayAnswersAndWhatWaits) {
  EXPECT_EQ(RunJson("nurse", {"status"}).at(0)["relay"], "reachable");
  world_.connector.faults.down = true;
  Post("nurse");
  const Json status = RunJson("nurse", {"status"}).at(0);
  EXPECT_EQ(status["relay"], "unreachable");
  EXPECT_EQ(status["person"]["name"], "江口 花子");
  EXPECT_EQ(status["cases"], 1);
  EXPECT_EQ(status["waiting"], 1);
  EXPECT_THAT(Run("nurse", {"status"}).out, HasSubstr("not reachable"));
}

TEST_F(SyncCommands, WatchPrintsNewRecordsAsTheyComeAndEndsWhenAsked) {
  world_.connector.watch = [&](const sim::SimConnector::OnEvent& on_event) {
    relay::v1::WatchEvent event;
    event.mutable_ping()->set_directory(true);
    EXPECT_TRUE(on_event(event));
    std::raise(SIGTERM);
    return Ok();
  };
  const std::string record = Post("doctor")["record"];
  const Ran ran = Run("nurse", {"--json", "watch"});
  EXPECT_EQ(ran.code, kExitDone);
  const auto objects = ran.Objects();
  ASSERT_THAT(objects, SizeIs(1));
  EXPECT_EQ(objects[0]["record"], record);
}

// The relay forgets what it has acknowledged, and does not say that it was restored.
TEST_F(SyncCommands, WatchWithJsonTellsAFaultAsAnErrorObjectToo) {
  const auto before = world_.host->store().Backup();
  Post("nurse");
  RunJson("doctor", {"sync"});
  world_.host->store().Restore(*before);
  world_.host->Restart();
  world_.connector.watch = [&](const sim::SimConnector::OnEvent&) {
    std::raise(SIGTERM);
    return Ok();
  };
  const Ran ran = Run("doctor", {"--json", "watch"});
  EXPECT_EQ(ran.code, kExitDone) << "it goes on watching";
  const auto objects = ran.Objects();
  ASSERT_THAT(objects, SizeIs(1)) << ran.out;
  EXPECT_EQ(objects[0]["error"]["code"], "kConflict");
  const std::string said = objects[0]["error"]["message"];
  EXPECT_THAT(said, HasSubstr("knows less"));
  EXPECT_THAT(ran.err, HasSubstr(said));
}

// Some things are said once: whoever asks for the status must not be the one who loses them.
TEST_F(SyncCommands, StatusPassesOnWhatItsSyncHadToSay) {
  for (const bool json : {false, true}) {
    RunJson("nurse", {"case", "remove", case_, "伊藤 一郎"});
    const Ran ran = Run("doctor", json ? std::vector<std::string>{"--json", "status"}
                                       : std::vector<std::string>{"status"});
    EXPECT_EQ(ran.code, kExitDone);
    if (json) {
      const Json notices = ran.Object()["notices"];
      ASSERT_THAT(notices, SizeIs(1));
      EXPECT_THAT(notices[0].get<std::string>(), HasSubstr("no longer a member"));
    } else {
      EXPECT_THAT(ran.out, HasSubstr("note: You are no longer a member"));
    }
    EXPECT_THAT(RunJson("doctor", {"sync"}).at(0)["notices"], IsEmpty()) << "said once";
    RunJson("nurse", {"case", "add", case_, "伊藤 一郎"});
    RunJson("doctor", {"sync"});
  }
}

// Whatever verb it was by which the call came in: whoever is called may do no other before it is
// too late.
TEST_F(SyncCommands, WhoIsCalledIsToldByEveryVerbThatTookItIn) {
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"post", case_, "note", "--file", Example("note.json")},
        {"people"},
        {"device", "list"},
        {"status"}}) {
    RunJson("nurse", {"post", case_, "urgent-report", "--urgent", "--call", "伊藤 一郎:5", "--file",
                      Example("urgent-report.json")});
    world_.host->relay().alerts().RunDue(
        [](const Result<std::optional<Millis>>& result) { ASSERT_TRUE(result.ok()); });
    const Ran ran = Run("doctor", verb);
    EXPECT_EQ(ran.code, kExitDone);
    EXPECT_THAT(ran.out + ran.err, HasSubstr("URGENT CALL")) << verb.front();
    EXPECT_THAT(RunJson("doctor", {"sync"}).at(0)["alerts"], IsEmpty()) << "told once";
  }
}

// `people` syncs beside what it is for.
TEST_F(SyncCommands, PeoplePassesOnWhatItsSyncHadToSay) {
  RunJson("nurse", {"case", "remove", case_, "伊藤 一郎"});
  const Ran ran = Run("doctor", {"--json", "people"});
  EXPECT_THAT(ran.err, HasSubstr("no longer a member"));
  EXPECT_THAT(ran.Objects(), SizeIs(testing::Ge(2U)));
}

TEST_F(SyncCommands, StatusSaysWhyTheRelayCannotBeUsed) {
  world_.connector.faults.down = true;
  EXPECT_THAT(RunJson("nurse", {"status"}).at(0)["relay_problem"].get<std::string>(),
              HasSubstr("cannot be reached"));
  world_.connector.faults = {};
  EXPECT_EQ(RunJson("nurse", {"status"}).at(0)["relay_problem"], nullptr);
}

}  // namespace
}  // namespace renkei::cli
