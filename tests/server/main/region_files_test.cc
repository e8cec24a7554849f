#include "server/region_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "crypto/pki/pem.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {
namespace {

using server::LoadRegion;
using testing::HasSubstr;

class RegionFiles : public ::testing::Test {
 protected:
  void SetUp() override { world.WriteRelayFiles(folder); }
  std::filesystem::path File(const char* name) const {
    return folder / server::kRelayFolder / name;
  }
  void Put(const char* name, const std::string& text) {
    std::ofstream(File(name), std::ios::binary) << text;
  }
  std::string Problem() const {
    const auto loaded = LoadRegion(folder, now);
    EXPECT_FALSE(loaded.files);
    return loaded.problem;
  }

  RelayWorld world{3};
  RelayWorld other{4};
  TempFolder temp{"renkei-region"};
  const std::filesystem::path folder = temp.path();
  Millis now = kRegionStart + Days(1);
};

TEST_F(RegionFiles, GoodOnesAreLoaded) {
  const auto loaded = LoadRegion(folder, now);
  ASSERT_TRUE(loaded.files) << loaded.problem;
  EXPECT_EQ(loaded.files->region, world.region().id());
  EXPECT_EQ(loaded.files->operator_institution, world.Identity().operator_institution);
  EXPECT_EQ(loaded.files->signing_key.public_key(),
            world.Identity().signing_certificate.public_key());
}

TEST_F(RegionFiles, MissingOneIsNamedWithTheWayOut) {
  for (const char* name :
       {server::kRegionFile, server::kRootFile, server::kIssuingFile, server::kTlsChainFile,
        server::kTlsKeyFile, server::kSigningCertificateFile, server::kSigningKeyFile}) {
    const auto hidden = folder / "hidden";
    std::filesystem::rename(File(name), hidden);
    EXPECT_THAT(Problem(), HasSubstr(name));
    const bool is_tls = name == server::kTlsChainFile || name == server::kTlsKeyFile;
    EXPECT_THAT(Problem(), HasSubstr(is_tls ? "renkei region renew-relay" : "last backup"));
    std::filesystem::rename(hidden, File(name));
  }
  EXPECT_TRUE(LoadRegion(folder, now).files);
}

TEST_F(RegionFiles, BrokenOneIsNamed) {
  for (const char* name :
       {server::kRegionFile, server::kRootFile, server::kIssuingFile, server::kTlsChainFile,
        server::kTlsKeyFile, server::kSigningCertificateFile, server::kSigningKeyFile}) {
    Put(name, "garbage");
    EXPECT_THAT(Problem(), HasSubstr(name));
    Put(name, std::string(100000, 'x'));
    EXPECT_THAT(Problem(), HasSubstr(name));
    world.WriteRelayFiles(folder);
  }
}

TEST_F(RegionFiles, KeyThatOthersMayReadIsRefused) {
  chmod(File(server::kSigningKeyFile).c_str(), 0640);
  EXPECT_THAT(Problem(), HasSubstr("chmod 600"));
}

TEST_F(RegionFiles, FilesOfTwoRegionsDoNotGoTogether) {
  const auto other_folder = folder / "other";
  other.WriteRelayFiles(other_folder);
  for (const char* name :
       {server::kRootFile, server::kIssuingFile, server::kTlsChainFile, server::kTlsKeyFile,
        server::kSigningCertificateFile, server::kSigningKeyFile}) {
    std::filesystem::copy_file(other_folder / server::kRelayFolder / name, File(name),
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_FALSE(Problem().empty()) << name;
    world.WriteRelayFiles(folder);
  }
  Put(server::kRegionFile, "{\"version\": 1, \"region\": \"" + other.region().id().Text() +
                               "\", \"operator_institution\": \"" +
                               world.Identity().operator_institution.Text() + "\"}");
  EXPECT_THAT(Problem(), HasSubstr(server::kRootFile));
}

TEST_F(RegionFiles, RegionJsonHasExactlyItsMembers) {
  const std::string region = world.region().id().Text();
  const std::string institution = world.Identity().operator_institution.Text();
  const auto json = [&](const std::string& version, const std::string& extra) {
    return "{\"version\": " + version + ", \"region\": \"" + region +
           "\", \"operator_institution\": \"" + institution + "\"" + extra + "}";
  };
  Put(server::kRegionFile, json("1", ""));
  EXPECT_TRUE(LoadRegion(folder, now).files);
  for (const std::string& bad : {json("2", ""), json("1", ", \"more\": 1"), std::string("[]"),
                                 std::string("{}"), json("1", "") + "x"}) {
    Put(server::kRegionFile, bad);
    EXPECT_THAT(Problem(), HasSubstr(server::kRegionFile)) << bad;
  }
}

TEST_F(RegionFiles, ExpiredCertificateIsRefused) {
  now = kRegionStart + Days(801);
  EXPECT_FALSE(Problem().empty());
}

}  // namespace
}  // namespace renkei::test
