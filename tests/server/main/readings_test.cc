#include "server/readings.h"

#include <cmath>
#include <fstream>
#include <set>

#include "server/backup.h"
#include "server/region_files.h"
#include "server/store/store_files.h"
#include "tests/server/support/relay_fixture.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {
namespace {

using server::Reading;

class ReadingsTest : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    std::filesystem::create_directory(StoreFolder());
    world.WriteRelayFiles(folder);
    const auto region = server::LoadRegion(folder, clock.Now());
    ASSERT_TRUE(region.files) << region.problem;
    tls_end = region.files->tls_not_after;
    reload.emplace(folder, *region.files, [](const std::string&, const SecretBytes&) {});
  }
  std::filesystem::path StoreFolder() const { return folder / server::kStoreFolder; }

  std::vector<Reading> Read() {
    return server::ReadRelay({*relay, folder, [this] { return is_serving; },
                              [] { return std::size_t{7}; }, [this] { return scrubbed; },
                              certificates, &*reload,
                              [] {
                                return server::ConnectionCounts{3, 5, 7};
                              },
                              [this] { return is_thread_held; }});
  }
  double ValueOf(const std::string& name, const std::string& label_value = "") {
    for (const Reading& reading : Read()) {
      if (reading.name == name && reading.label_value == label_value) {
        return reading.value;
      }
    }
    ADD_FAILURE() << name << " is missing";
    return NAN;
  }

  TempFolder temp{"renkei-read"};
  const std::filesystem::path folder = temp.path();
  bool is_serving = true;
  bool is_thread_held = true;
  std::optional<server::Nanos> scrubbed;
  std::vector<server::CertificateEnd> certificates;
  std::optional<server::CertificateReload> reload;
  Millis tls_end;
};

TEST_F(ReadingsTest, TellWhatTheRelaySays) {
  EXPECT_EQ(ValueOf("renkei_serving"), 1);
  is_serving = false;
  EXPECT_EQ(ValueOf("renkei_serving"), 0);
  EXPECT_EQ(ValueOf("renkei_writes_waiting"), 7);
  EXPECT_EQ(ValueOf("renkei_watchers"), 0);
  EXPECT_EQ(ValueOf("renkei_restored"), 0);
  EXPECT_EQ(ValueOf("renkei_grpc_thread_held"), 1);
  is_thread_held = false;
  EXPECT_EQ(ValueOf("renkei_grpc_thread_held"), 0);
}

TEST_F(ReadingsTest, ConnectionsThatWereNotTakenAreCountedByWhy) {
  EXPECT_EQ(ValueOf("renkei_connections_refused_total", "limit"), 3);
  EXPECT_EQ(ValueOf("renkei_connections_refused_total", "descriptors"), 5);
  EXPECT_EQ(ValueOf("renkei_connections_refused_total", "flood"), 7);
}

TEST_F(ReadingsTest, BackupIsAsOldAsItsNoteAndNeverWithoutOne) {
  EXPECT_TRUE(std::isinf(ValueOf("renkei_backup_age_seconds")));
  std::ofstream(StoreFolder() / server::kLastBackupFile) << (clock.Now() - Hours(26)).value << "\n";
  EXPECT_EQ(ValueOf("renkei_backup_age_seconds"), 26 * 3600);
}

TEST_F(ReadingsTest, ScrubIsAsOldAsItsEndAndNeverWithoutOne) {
  EXPECT_TRUE(std::isinf(ValueOf("renkei_store_scrub_age_seconds")));
  scrubbed = std::chrono::milliseconds(1500);
  EXPECT_EQ(ValueOf("renkei_store_scrub_age_seconds"), 1.5);
}

TEST_F(ReadingsTest, CertificatesCountDownAndGoBelowZero) {
  certificates = {{"signing", clock.Now() + Days(30)}, {"issuing", clock.Now() - Seconds(5)}};
  EXPECT_EQ(ValueOf("renkei_certificate_expires_seconds", "signing"), 30 * 86400);
  EXPECT_EQ(ValueOf("renkei_certificate_expires_seconds", "issuing"), -5);
  EXPECT_EQ(ValueOf("renkei_certificate_expires_seconds", "tls"),
            static_cast<double>((tls_end - clock.Now()).value) / 1000);
}

TEST_F(ReadingsTest, FilesOfACertificateAreCountedByWhatBecameOfThem) {
  EXPECT_EQ(ValueOf("renkei_certificate_reloads_total", "refused"), 0);
  std::ofstream(folder / server::kRelayFolder / server::kTlsChainFile) << "nonsense";
  (void)reload->Look(clock.Now(), true);
  EXPECT_EQ(ValueOf("renkei_certificate_reloads_total", "refused"), 1);
  EXPECT_EQ(ValueOf("renkei_certificate_reloads_total", "taken"), 0);
}

TEST_F(ReadingsTest, StoreAndDiskHaveTheirSize) {
  std::ofstream(StoreFolder() / server::kDatabaseFile) << std::string(5000, 'x');
  std::ofstream(StoreFolder() / (std::string(server::kDatabaseFile) + "-wal"))
      << std::string(300, 'x');
  EXPECT_EQ(ValueOf("renkei_store_bytes", "database"), 5000);
  EXPECT_EQ(ValueOf("renkei_store_bytes", "log"), 300);
  EXPECT_GT(ValueOf("renkei_disk_bytes"), ValueOf("renkei_disk_free_bytes"));
}

TEST_F(ReadingsTest, LostAuditNotesAreCounted) {
  EXPECT_EQ(ValueOf("renkei_audit_notes_lost_total"), 0);
  const Handset& nurse = world.AddMember(world.AddOffice("訪問看護ステーション（架空）"));
  store.FailWrites(true);
  for (std::size_t i = 0; i < server::kMaxAuditNotes + 3; ++i) {
    relay->audit().Note(server::EventOf(nurse.Caller(), "test.action", "done"));
  }
  EXPECT_EQ(ValueOf("renkei_audit_notes_lost_total"), 3);
  store.FailWrites(false);
}

TEST_F(ReadingsTest, RestoredIsSaidForADay) {
  relay.reset();
  static constexpr std::uint8_t kYes = 1;
  store.Write(
      [](server::WriteTransaction& transaction) {
        return transaction.PutMeta("restored", ByteView(&kYes, 1));
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  Open();
  EXPECT_EQ(ValueOf("renkei_restored"), 1);
  clock.Advance(server::kReturnWait);
  EXPECT_EQ(ValueOf("renkei_restored"), 0);
}

// Prometheus reads families one after the other.
TEST_F(ReadingsTest, OfOneNameStandTogether) {
  certificates = {{"root", clock.Now()}, {"issuing", clock.Now()}};
  std::set<std::string> done;
  std::string last;
  for (const Reading& reading : Read()) {
    if (reading.name != last) {
      EXPECT_TRUE(done.insert(reading.name).second) << reading.name;
    }
    last = reading.name;
  }
}

}  // namespace
}  // namespace renkei::test
