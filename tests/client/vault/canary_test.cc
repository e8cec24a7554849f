// G9 at rest: nothing that a vault holds can be read in its files, whatever encoding one looks for.
#include <gtest/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

// A fictitious patient.
constexpr const char* kCanaries[] = {"架空市カナリア花子", "字猫崎一丁目", "左大腿骨頸部骨折",
                                     "CanaryPhrase-7Q"};

std::string Converted(const char* text, const char* encoding) {
  const auto unicode = icu::UnicodeString::fromUTF8(text);
  UErrorCode code = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(encoding, &code);
  std::string out(256, '\0');
  const std::int32_t size =
      ucnv_fromUChars(converter, out.data(), static_cast<std::int32_t>(out.size()),
                      unicode.getBuffer(), unicode.length(), &code);
  EXPECT_TRUE(U_SUCCESS(code)) << encoding;
  ucnv_close(converter);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
    const auto at = [&](std::size_t j) { return static_cast<std::uint8_t>(bytes[i + j]); };
    const std::uint32_t group =
        (std::uint32_t{at(0)} << 16U) | (std::uint32_t{at(1)} << 8U) | at(2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) {
      out.push_back(kDigits[(group >> shift) & 63U]);
    }
  }
  return out;
}

std::vector<std::string> Forms(const char* canary) {
  std::vector<std::string> forms = {canary};
  for (const char* encoding : {"UTF-16LE", "UTF-16BE", "Shift_JIS", "EUC-JP"}) {
    forms.push_back(Converted(canary, encoding));
  }
  forms.push_back(ToHex(AsBytes(canary)));
  for (std::size_t shift = 0; shift < 3; ++shift) {
    forms.push_back(Base64(std::string_view(canary).substr(shift)));
  }
  return forms;
}

// Names of files under `root` that hold any form of any canary.
std::vector<std::string> FilesWithCanaries(const std::string& root, std::size_t& bytes_read) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string content = ReadAll(entry.path().string());
    bytes_read += content.size();
    for (const char* canary : kCanaries) {
      for (const std::string& form : Forms(canary)) {
        if (content.find(form) != std::string::npos) {
          found.push_back(entry.path().filename().string());
        }
      }
    }
  }
  return found;
}

// Everywhere a vault can hold something, in every encoding.
void Plant(Vault& vault) {
  int n = 0;
  for (const char* canary : kCanaries) {
    for (const std::string& form : Forms(canary)) {
      const Bytes key = ToBytes(form);
      for (std::uint8_t table = 1; table <= kTableCount; ++table) {
        ASSERT_TRUE(vault.Put(static_cast<Table>(table), key, AsBytes(form)).ok());
      }
    }
    RecordId record;
    record.bytes[0] = static_cast<std::uint8_t>(++n);
    ASSERT_TRUE(vault.IndexText(CaseId{}, record, canary).ok());
  }
}

class Canary : public testing::Test {
 protected:
  void ExpectNothingReadable(const char* when) {
    std::size_t bytes_read = 0;
    EXPECT_EQ(FilesWithCanaries(place_.root(), bytes_read), std::vector<std::string>{}) << when;
    EXPECT_GT(bytes_read, 50'000U);
  }

  TempVault place_;
};

TEST_F(Canary, G9_NothingReadableWhileOpenOrClosed) {
  auto vault = place_.Create();
  Plant(*vault);
  ASSERT_TRUE(FileExists(place_.file("vault.db-wal")));
  ExpectNothingReadable("while open, with the write-ahead log");
  ASSERT_TRUE(vault->Begin().ok());
  Plant(*vault);
  ExpectNothingReadable("in a transaction");
  vault.reset();
  ExpectNothingReadable("closed");
}

TEST_F(Canary, G9_NothingReadableInALargeTransactionAndAFullIndex) {
  auto vault = place_.Create();
  ASSERT_TRUE(vault->Begin().ok());
  for (int i = 0; i < 1100; ++i) {
    RecordId record;
    record.bytes[0] = static_cast<std::uint8_t>(i);
    record.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    ASSERT_TRUE(vault->IndexText(CaseId{}, record, kCanaries[i % 4]).ok());
  }
  // More than the page cache holds, so that pages spill before the commit.
  for (int i = 0; i < 12; ++i) {
    std::string value;
    while (value.size() < (std::size_t{4} << 20)) {
      value += kCanaries[i % 4];
    }
    const auto key = static_cast<std::uint8_t>(i);
    ASSERT_TRUE(vault->Put(Table::kRecords, ByteView(&key, 1), AsBytes(value)).ok());
  }
  ExpectNothingReadable("spilled");
  ASSERT_TRUE(vault->Commit().ok());
  ExpectNothingReadable("committed");
  EXPECT_EQ(vault->Search("カナリア", 5)->size(), 5U);
}

// Breaks it on purpose: what the search would find if the vault wrote in the clear.
TEST_F(Canary, SearchWouldFindEveryForm) {
  std::size_t bytes_read = 0;
  ASSERT_TRUE(MakeDirectories(place_.directory()).ok());
  for (const char* canary : kCanaries) {
    for (const std::string& form : Forms(canary)) {
      WriteAll(place_.file("plain"), "xyz" + form);
      EXPECT_FALSE(FilesWithCanaries(place_.root(), bytes_read).empty());
    }
  }
}

}  // namespace
}  // namespace renkei::client
