#include "server/backup_manifest.h"

#include <nlohmann/json.hpp>

#include "tests/server/main/backup_fixture.h"

namespace renkei::test {
namespace {

using server::BackupManifest;

class Manifests : public BackupFixture {
 protected:
  const std::string hash = std::string(64, 'a');
  BackupManifest Incremental() const {
    return {{5}, 2, 8192, hash, hash, server::BackupSince{"2026-11-28T00.00", hash}, hash};
  }
  void Write(const std::string& text) {
    std::filesystem::remove(folder / server::kBackupManifest);
    ASSERT_TRUE(server::WriteText(folder / server::kBackupManifest, text));
  }
};

TEST_F(Manifests, ComeBackAsTheyWereWritten) {
  ASSERT_TRUE(server::WriteManifest(folder, Incremental()));
  EXPECT_FALSE(server::WriteManifest(folder, Incremental())) << "never over another";
  const auto read = server::ReadManifest(folder);
  ASSERT_TRUE(read && read->since);
  EXPECT_EQ(read->made_at, Millis{5});
  EXPECT_EQ(read->schema_version, 2);
  EXPECT_EQ(read->bytes, 8192U);
  EXPECT_EQ(read->since->folder, "2026-11-28T00.00");
  EXPECT_EQ(read->changed_sha256, hash);
}

TEST_F(Manifests, OneOfBeforeThereWereListsIsAWholeOne) {
  Write(R"({"version": 1, "made_at": 1, "schema_version": 1, "bytes": 1, "sha256": ")" + hash +
        "\"}");
  const auto read = server::ReadManifest(folder);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->since);
  EXPECT_EQ(read->pages_sha256, "");
}

TEST_F(Manifests, EveryFieldMustBeWhatItIs) {
  ASSERT_TRUE(server::WriteManifest(folder, Incremental()));
  const auto good = nlohmann::json::parse(server::ReadText(folder / "backup.json").value());
  const auto refused = [&](const nlohmann::json& json) {
    Write(json.dump());
    return !server::ReadManifest(folder);
  };
  EXPECT_FALSE(refused(good));
  for (const char* field : {"version", "made_at", "schema_version", "bytes", "sha256",
                            "pages_sha256", "since", "changed_sha256"}) {
    auto bad = good;
    bad.erase(field);
    EXPECT_TRUE(refused(bad)) << field;
    for (const nlohmann::json& value :
         {nlohmann::json(-1), nlohmann::json("x"), nlohmann::json(1.5), nlohmann::json(nullptr),
          nlohmann::json::array()}) {
      if (std::string_view(field) != "made_at" || !value.is_number_integer()) {
        bad[field] = value;
        EXPECT_TRUE(refused(bad)) << field << " " << value;
      }
    }
  }
  auto whole = good;
  whole["version"] = 1;
  EXPECT_TRUE(refused(whole)) << "a whole one continues nothing";
}

TEST_F(Manifests, NamesStayInTheFolder) {
  for (const char* bad : {"", ".", "..", "../x", "a/b", "a b", "a\n", "/etc"}) {
    EXPECT_FALSE(server::IsBackupName(bad)) << bad;
    auto manifest = Incremental();
    manifest.since->folder = bad;
    std::filesystem::remove(folder / "backup.json");
    ASSERT_TRUE(server::WriteManifest(folder, manifest));
    EXPECT_FALSE(server::ReadManifest(folder)) << bad;
  }
  EXPECT_TRUE(server::IsBackupName("20261128T023000Z"));
  EXPECT_FALSE(server::IsBackupName(std::string(201, 'a')));
}

TEST_F(Manifests, WhatIsNoneIsNone) {
  EXPECT_FALSE(server::ReadManifest(folder / "nowhere"));
  for (const std::string& text : {std::string(), std::string("{"), std::string("[1]"),
                                  std::string(100'000, ' '), std::string(60'000, '[')}) {
    Write(text);
    EXPECT_FALSE(server::ReadManifest(folder));
  }
}

TEST_F(Manifests, HashOfNothingReadableIsEmpty) {
  EXPECT_EQ(server::HashOfFile(folder / "nowhere"), "");
  Write("abc");
  EXPECT_EQ(server::HashOfFile(folder / "backup.json"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(server::WithoutSlash("a/b/"), "a/b");
  EXPECT_EQ(server::WithoutSlash("a/b"), "a/b");
}

}  // namespace
}  // namespace renkei::test
