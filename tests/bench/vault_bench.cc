// How fast a vault of a million records opens, searches and takes records. Prints JSON lines.
//   vault_bench [RECORDS] [DIRECTORY]     (1000000, a new directory under $TMPDIR)
// The text is made up: phrases of nursing notes by a skewed choice, names, vitals, and a drug from
// a long tail of invented ones. All persons and drugs are fictitious.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "client/vault/sqlcipher_vault.h"
#include "crypto/base/random.h"

namespace {

using renkei::CaseId;
using renkei::RecordId;
namespace client = renkei::client;

constexpr const char* kPhrases[] = {
    "バイタルサインは安定している",
    "訪問看護ステーションより報告",
    "発熱なく経過",
    "食欲は保たれている",
    "水分摂取を促した",
    "夜間の咳嗽が続く",
    "痰の喀出は自力で可能",
    "右下肢に浮腫を認める",
    "仙骨部の発赤は改善傾向",
    "内服薬は一包化で管理",
    "家族の介護負担が増えている",
    "排便は二日に一回",
    "血糖値は朝食前に測定",
    "歩行器で室内を移動",
    "転倒のリスクが高い",
    "ケアマネージャーに連絡済み",
    "主治医の指示により増量",
    "次回の訪問は来週火曜日",
    "疼痛の訴えは軽減した",
    "嚥下機能の評価を依頼",
    "口腔ケアを実施",
    "入浴介助は二名で行った",
    "睡眠は浅く日中の傾眠あり",
    "せん妄の兆候は見られない",
    "デイサービスの利用を再開",
    "福祉用具の調整が必要",
    "尿量は減少している",
    "カテーテルの閉塞はなし",
    "酸素流量は毎分一リットル",
    "意識清明で会話は良好",
    "残薬を確認し回収した",
    "お薬手帳に記載あり",
    "退院前カンファレンスで共有",
    "息切れは労作時のみ",
    "皮膚の乾燥と掻痒感を訴える",
    "点滴の針は問題なし",
    "体重は先週より一キロ減",
    "主介護者は長女である",
    "緊急時の連絡先を確認",
    "本人の意向は自宅療養の継続",
};
constexpr const char* kSurnames[] = {"佐々木", "髙橋", "田中", "渡邊", "山﨑", "伊藤", "小林",
                                     "加藤",   "吉田", "斎藤", "松本", "井上", "木村", "清水"};
constexpr const char* kSyllables[] = {"ア", "カ", "サ", "タ", "ナ", "ハ", "マ", "ラ", "イ",
                                      "キ", "シ", "チ", "ニ", "ミ", "リ", "ク", "ス", "ト",
                                      "ノ", "ロ", "ゾ", "プ", "ル", "ン", "ド", "ベ"};
constexpr std::size_t kDrugs = 20'000;

double Now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

template <typename T, std::size_t N>
const T& Skewed(const T (&list)[N], renkei::Random& random) {
  const double u = static_cast<double>(random.NextUint64() >> 11U) * 0x1.0p-53;
  const auto at = static_cast<std::size_t>(std::pow(static_cast<double>(N), u)) - 1;
  return list[std::min(at, N - 1)];
}

std::string Drug(std::uint64_t n) {
  std::string name;
  for (int i = 0; i < 4; ++i, n /= std::size(kSyllables)) {
    name += kSyllables[n % std::size(kSyllables)];
  }
  return name + "錠";
}

std::string Note(renkei::Random& random) {
  std::string text = std::string(Skewed(kSurnames, random)) + "様。体温" +
                     std::to_string(35 + random.NextUint64() % 5) + "." +
                     std::to_string(random.NextUint64() % 10) + "℃、SpO2 " +
                     std::to_string(88 + random.NextUint64() % 12) + "%。";
  for (std::uint64_t i = 0, n = 3 + random.NextUint64() % 8; i < n; ++i) {
    text += Skewed(kPhrases, random);
    text += "。";
  }
  return text + Drug(random.NextUint64() % kDrugs * 7919) +
         std::to_string(random.NextUint64() % 90) + "mg";
}

void Fill(client::Vault& vault, std::size_t records, std::size_t cases) {
  constexpr std::size_t kBatch = 500;
  renkei::SeededRandom random(1);
  std::size_t bytes = 0;
  std::vector<CaseId> ids;
  for (std::size_t i = 0; i < cases; ++i) {
    ids.push_back(CaseId::Generate(random));
    RENKEI_CHECK(vault.Put(client::Table::kCases, ids.back().view(), renkei::Bytes(600, 1)).ok());
  }
  const double start = Now();
  for (std::size_t i = 0; i < records;) {
    auto transaction = client::Transaction::Begin(vault);
    RENKEI_CHECK(transaction.ok());
    for (std::size_t end = std::min(i + kBatch, records); i < end; ++i) {
      const CaseId id = ids[random.NextUint64() % cases];
      const std::string text = Note(random);
      renkei::Bytes key = renkei::ToBytes(id.view());
      for (int shift = 56; shift >= 0; shift -= 8) {
        key.push_back(static_cast<std::uint8_t>(i >> static_cast<unsigned>(shift)));
      }
      RENKEI_CHECK(vault.Put(client::Table::kRecords, key, renkei::AsBytes(text)).ok());
      RENKEI_CHECK(vault.IndexText(id, RecordId::Generate(random), text).ok());
      bytes += text.size();
    }
    RENKEI_CHECK(transaction->Commit().ok());
  }
  const double ms = Now() - start;
  std::printf(
      "{\"bench\":\"vault.fill\",\"records\":%zu,\"text_bytes\":%zu,\"ms\":%.0f,"
      "\"records_per_second\":%.0f}\n",
      records, bytes, ms, static_cast<double>(records) * 1000 / ms);
}

struct Kind {
  const char* name;
  std::vector<std::string> queries;
};

std::vector<Kind> Queries() {
  std::vector<std::string> drugs;
  std::vector<std::string> mixed;
  for (std::uint64_t i = 0; i < 50; ++i) {
    drugs.push_back(Drug(i * 397 % kDrugs * 7919));
    mixed.push_back(std::string("発熱 ") + drugs.back());
  }
  return {
      {"rare word", drugs},
      {"common and rare", mixed},
      {"one letter", {"咳", "痰", "熱", "薬", "酸", "田", "尿", "体"}},
      {"two letters", {"発熱", "浮腫", "転倒", "疼痛", "嚥下", "残薬", "食欲"}},
      {"half-width kana", {"ﾊﾞｲﾀﾙｻｲﾝ", "ｶﾃｰﾃﾙ", "ｹｱﾏﾈｼﾞｬｰ"}},
      {"long word", {"訪問看護ステーション", "退院前カンファレンス", "バイタルサインは安定"}},
      {"two common", {"発熱 浮腫", "バイタル 食欲", "高橋 転倒", "咳 痰"}},
      {"measure", {"38.5℃", "SpO2 93%", "佐佐木様 39.1"}},
      {"not there, common pairs",
       {"発熱看護", "いる経過", "ている様", "サインの訴え", "の家族", "連絡先週", "発熱なく家族",
        "訪問の指示により"}},
      {"not there", {"吐血", "黄疸", "パーキンソン病"}},
  };
}

double At(std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void Report(const char* kind, std::vector<double> times, std::size_t hits) {
  std::sort(times.begin(), times.end());
  std::printf(
      "{\"bench\":\"vault.search\",\"kind\":\"%s\",\"n\":%zu,\"hits\":%zu,\"p50_ms\":%.2f,"
      "\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
      kind, times.size(), hits, At(times, 0.5), At(times, 0.99), times.back());
}

// Every query once in a vault just opened: nothing of it is decrypted yet.
template <typename Open>
void SearchCold(const Open& open) {
  std::vector<double> times;
  for (const Kind& kind : Queries()) {
    for (std::size_t i = 0; i < std::min<std::size_t>(kind.queries.size(), 8); ++i) {
      const auto vault = open();
      const double start = Now();
      RENKEI_CHECK(vault->Search(kind.queries[i], 50).ok());
      times.push_back(Now() - start);
    }
  }
  Report("all, each in a vault just opened", times, 0);
}

void SearchAll(client::Vault& vault) {
  constexpr int kRounds = 10;
  std::vector<double> all;
  for (const Kind& kind : Queries()) {
    std::vector<double> times;
    std::size_t hits = 0;
    for (int round = 0; round < kRounds; ++round) {
      for (const std::string& query : kind.queries) {
        const double start = Now();
        const auto found = vault.Search(query, 50);
        times.push_back(Now() - start);
        RENKEI_CHECK(found.ok());
        hits += found->size();
      }
    }
    all.insert(all.end(), times.begin(), times.end());
    Report(kind.name, times, hits / (times.size()));
  }
  Report("all", all, 0);
}

void WriteSmall(client::Vault& vault) {
  constexpr int kWrites = 200;
  const double start = Now();
  for (int i = 0; i < kWrites; ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    RENKEI_CHECK(
        vault.Put(client::Table::kOutbox, renkei::ByteView(&number, 1), renkei::Bytes(1024, number))
            .ok());
  }
  std::printf("{\"bench\":\"vault.durable_write\",\"bytes\":1024,\"mean_ms\":%.3f}\n",
              (Now() - start) / kWrites);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  std::string directory = argc > 2 ? argv[2] : "";
  if (directory.empty()) {
    directory = (std::filesystem::temp_directory_path() / "renkei-vault-bench-XXXXXX").string();
    RENKEI_CHECK(mkdtemp(directory.data()) != nullptr);
  }
  const std::string path = directory + "/vault.db";
  renkei::SystemRandom random;
  client::FileDeviceKeyStore keys(directory + "/keys");
  const renkei::SecretBytes key = renkei::SecretBytes::CopyOf(renkei::Bytes(32, 7));
  client::VaultId id;
  const bool fresh = !client::FileExists(path);
  if (fresh) {
    RENKEI_CHECK(keys.Create(id, key).ok());
    RENKEI_CHECK(client::CreateFile(path, {}).ok());
    RENKEI_CHECK(client::SqlcipherVault::CreateIn(path, key, id).ok());
  }
  const auto open = [&] {
    auto lock = client::FileLock::Acquire(directory + "/lock");
    RENKEI_CHECK(lock.ok());
    auto vault = client::SqlcipherVault::Open(directory, path, key, id, keys, std::move(*lock));
    RENKEI_CHECK(vault.ok());
    return std::move(*vault);
  };
  if (fresh) {
    Fill(*open(), records, 500);
  }
  const double start = Now();
  auto vault = open();
  const auto cases = vault->Scan(client::Table::kCases, {}, {});
  RENKEI_CHECK(cases.ok());
  std::printf(
      "{\"bench\":\"vault.open_to_case_list\",\"cases\":%zu,\"ms\":%.1f,\"file_bytes\":%zu}\n",
      cases->size(), Now() - start, static_cast<std::size_t>(std::filesystem::file_size(path)));
  SearchAll(*vault);
  WriteSmall(*vault);
  vault.reset();
  SearchCold(open);
  return 0;
}
