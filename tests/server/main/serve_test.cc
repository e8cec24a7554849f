// The relay from start to stop, as a process.
#include "server/serve.h"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "crypto/pki/pem.h"
#include "renkei/relay/v1/directory.grpc.pb.h"
#include "server/region_files.h"
#include "server/store/store_files.h"
#include "tests/server/main/relay_process.h"
#include "tests/server/rpc/live_relay.h"
#include "tests/server/store/raw_sqlite.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Serving : public RelayProcess {
 protected:
  void SetUp() override {
    RelayProcess::SetUp();
    world.WriteRelayFiles(folder);
  }
  // Starts it and gives back the port on which it says that it listens.
  std::string StartAndListen(const std::vector<std::string>& arguments) {
    Start(arguments);
    EXPECT_THAT(ReadUntil("listening on 127.0.0.1:"), HasSubstr("listening on 127.0.0.1:"));
    std::string port = ReadUntil("\n");
    port.pop_back();
    return port;
  }
  // Everything that it said until it was listening.
  std::string SaidAtStart(const std::string& level) {
    std::ofstream(folder / "relay.toml") << "[log]\nlevel = \"" << level << "\"\n";
    std::vector<std::string> arguments = Arguments();
    arguments.insert(arguments.end(), {"--config", folder / "relay.toml"});
    Start(arguments);
    std::string said = ReadUntil("listening on");
    kill(child, SIGTERM);
    said += ReadAll();
    EXPECT_EQ(ExitCode(), 0);
    return said;
  }
  std::filesystem::path Database() const {
    return folder / server::kStoreFolder / server::kDatabaseFile;
  }
};

TEST_F(Serving, SaysWhereItListensAndEndsWithZeroWhenToldTo) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_GT(std::stoi(StartAndListen(Arguments())), 0);
    kill(child, signal);
    EXPECT_THAT(ReadAll(), HasSubstr("stopping: 0 streams"));
    EXPECT_EQ(ExitCode(), 0);
  }
}

TEST_F(Serving, SecondOneOnTheSameDataIsRefused) {
  StartAndListen(Arguments());
  const pid_t first = std::exchange(child, 0);
  const int first_output = std::exchange(output, -1);
  const Ended second = Run(Arguments());
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.said, HasSubstr("another relay is running"));
  child = first;
  output = first_output;
}

TEST_F(Serving, AddressThatIsTakenIsTold) {
  const std::string port = StartAndListen(Arguments());
  const pid_t first = std::exchange(child, 0);
  const int first_output = std::exchange(output, -1);
  world.WriteRelayFiles(folder / "second");
  const Ended second = Run({"--data", folder / "second", "--listen", "127.0.0.1:" + port});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.said, HasSubstr("renkei-relay: cannot listen on 127.0.0.1:" + port));
  child = first;
  output = first_output;
}

// Whoever noted an earlier head sees a log that was rewritten, or cut, since.
TEST_F(Serving, G10_HeadOfTheAuditLogIsLoggedAtStartAndStop) {
  StartAndListen(Arguments());
  kill(child, SIGTERM);
  EXPECT_THAT(ReadAll(), Not(HasSubstr("audit log at"))) << "there is no row yet";
  ASSERT_EQ(ExitCode(), 0);
  RowsOf(Database(),
         "INSERT INTO audit VALUES (1, 5, zeroblob(16), zeroblob(16), zeroblob(16), 'test', 'done',"
         " zeroblob(16), x'" +
             std::string(64, 'a') + "')");
  Start(Arguments());
  const std::string head = ": 1 rows, head " + std::string(64, 'a');
  EXPECT_THAT(ReadUntil("listening on"), HasSubstr("audit log at start" + head));
  kill(child, SIGTERM);
  EXPECT_THAT(ReadAll(), HasSubstr("audit log at stop" + head));
  EXPECT_EQ(ExitCode(), 0);
}

// Notes wait for the disk when the stop comes: they are in the log before its head is told.
TEST_F(Serving, G10_HeadThatIsLoggedAtStopIsTheLast) {
  const Handset& nurse = world.AddMember(world.AddOffice("訪問看護ステーション（架空）"));
  const std::string address = "127.0.0.1:" + StartAndListen(Arguments());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(Database().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  {
    relay::v1::PublishRequest request;
    request.add_certificates("no certificate");
    relay::v1::PublishResponse response;
    const auto channel =
        ConnectAs(world.region(), address, pki::ToPem(nurse.TlsChain(world.region())),
                  ToString(pki::PrivateKeyPem(nurse.device.tls.key).Expose()));
    const auto status =
        relay::v1::Directory::NewStub(channel)->Publish(Context().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  kill(child, SIGTERM);
  std::string said = ReadUntil("stopping");
  // One that does not wait tells the head before this.
  pollfd more{output, POLLIN, 0};
  while (poll(&more, 1, 1000) == 1 && said.find("audit log at stop") == std::string::npos) {
    said += ReadUntil("\n");
  }
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  said += ReadAll();
  EXPECT_EQ(ExitCode(), 0);
  std::string last =
      RowsOf(Database(), "SELECT lower(hex(hash)) FROM audit ORDER BY seq DESC").at(0);
  last.pop_back();
  EXPECT_THAT(said, HasSubstr("head " + last));
}

TEST_F(Serving, LogsFromTheLevelOnThatWasSet) {
  EXPECT_THAT(SaidAtStart("info"), HasSubstr("TLS certificate valid until"));
  EXPECT_THAT(SaidAtStart("error"), Not(HasSubstr("TLS certificate valid until")));
}

TEST_F(Serving, ReflectionIsOnWhereItIsAskedFor) {
  std::ofstream(folder / "relay.toml") << "[server]\nreflection = true\n";
  std::vector<std::string> arguments = Arguments();
  for (const auto expected : {grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::OK}) {
    const std::string address = "127.0.0.1:" + StartAndListen(arguments);
    EXPECT_EQ(AskForServices(ConnectAs(world.region(), address, "", "")).code, expected);
    kill(child, SIGTERM);
    ReadAll();
    EXPECT_EQ(ExitCode(), 0);
    arguments.insert(arguments.end(), {"--config", folder / "relay.toml"});
  }
}

TEST_F(Serving, StoreThatIsDamagedIsNotServed) {
  StartAndListen(Arguments());
  kill(child, SIGTERM);
  ASSERT_EQ(ExitCode(), 0);
  RowsOf(Database(),
         "INSERT INTO threads (no, case_id, head_seq, head_hash, head_received_at, generation,"
         " epoch, card_hash, card_seq) VALUES (1, zeroblob(16), 3, zeroblob(32), 0, 0, 0,"
         " zeroblob(32), 1)");
  const Ended refused = Run(Arguments());
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.said, HasSubstr("is damaged and is not served"));
}

TEST_F(Serving, G5_DamageThatAScrubFindsIsLoggedWithTheWayToRestore) {
  StartAndListen(Arguments());
  kill(child, SIGTERM);
  (void)ReadAll();
  ASSERT_EQ(ExitCode(), 0);
  RowsOf(Database(),
         "INSERT INTO entries (thread, seq, kind, received_at, hash, payload)"
         " VALUES (9, 1, 2, 0, zeroblob(32), x'00')");
  std::filesystem::remove(Database().string() + "-mark");  // what notices is to be the scrub
  StartAndListen(Arguments());
  EXPECT_THAT(ReadUntil("Damaged store"), HasSubstr("the store is damaged"));
  kill(child, SIGTERM);
  (void)ReadAll();
  EXPECT_EQ(ExitCode(), 0);
}

TEST_F(Serving, DirectoryThatCannotBeReadIsNotServed) {
  StartAndListen(Arguments());
  kill(child, SIGTERM);
  ASSERT_EQ(ExitCode(), 0);
  RowsOf(Database(),
         "INSERT INTO directory (list_number, role, institution, person, device, subject_key_id,"
         " institution_key, der) VALUES (1, 0, x'', x'', x'', zeroblob(20), x'', x'00')");
  const Ended refused = Run(Arguments());
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.said, HasSubstr("the relay cannot be opened (directory: "));
}

// Reading still works on a full disk: only a write tells.
TEST_F(Serving, DiskThatTakesNothingIsToldAndSoIsThatItDoesAgain) {
  StartAndListen(Arguments());
  rlimit before{};
  ASSERT_EQ(prlimit(child, RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit nothing{1, before.rlim_max};
  ASSERT_EQ(prlimit(child, RLIMIT_FSIZE, &nothing, nullptr), 0);
  EXPECT_THAT(ReadUntil("the store does not answer"), HasSubstr("the store does not answer"));
  ASSERT_EQ(prlimit(child, RLIMIT_FSIZE, &before, nullptr), 0);
  EXPECT_THAT(ReadUntil("the store answers again"), HasSubstr("the store answers again"));
  kill(child, SIGTERM);
  ReadAll();
  EXPECT_EQ(ExitCode(), 0);
}

}  // namespace
}  // namespace renkei::test
