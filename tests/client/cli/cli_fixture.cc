#include "tests/client/cli/cli_fixture.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "client/cli/command_line.h"

namespace renkei::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPassphrase = "fictitious passphrase";

// A process's handle on a vault that outlives the process.
class Handle final : public client::Vault {
 public:
  explicit Handle(std::shared_ptr<client::MemoryVault> vault) : vault_(std::move(vault)) {}
  ~Handle() override { vault_->Rollback(); }

  Status Begin() override { return vault_->Begin(); }
  Status Commit() override { return vault_->Commit(); }
  void Rollback() override { vault_->Rollback(); }
  Status Put(client::Table table, ByteView key, ByteView value) override {
    return vault_->Put(table, key, value);
  }
  Status Erase(client::Table table, ByteView key) override { return vault_->Erase(table, key); }
  Status ErasePrefix(client::Table table, ByteView prefix) override {
    return vault_->ErasePrefix(table, prefix);
  }
  Result<std::vector<client::SecretRow>> ScanSecrets(client::Table table,
                                                     ByteView prefix) override {
    return vault_->ScanSecrets(table, prefix);
  }
  Result<std::optional<Bytes>> Get(client::Table table, ByteView key) override {
    return vault_->Get(table, key);
  }
  Result<std::optional<SecretBytes>> GetSecret(client::Table table, ByteView key) override {
    return vault_->GetSecret(table, key);
  }
  Result<std::vector<client::Row>> Scan(client::Table table, ByteView prefix,
                                        const client::ScanOptions& options) override {
    return vault_->Scan(table, prefix, options);
  }
  Status IndexText(const CaseId& case_id, const RecordId& record_id,
                   std::string_view text) override {
    return vault_->IndexText(case_id, record_id, text);
  }
  Result<std::vector<client::SearchHit>> Search(std::string_view query,
                                                std::size_t limit) override {
    return vault_->Search(query, limit);
  }
  bool IndexIsStale() const override { return vault_->IndexIsStale(); }
  Status ResetIndex() override { return vault_->ResetIndex(); }
  bool OpenedOlderCopy() const override { return vault_->OpenedOlderCopy(); }
  Status ClearOlderCopy() override { return vault_->ClearOlderCopy(); }

 private:
  std::shared_ptr<client::MemoryVault> vault_;
};

}  // namespace

std::vector<Json> Ran::Objects() const {
  std::vector<Json> objects;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    objects.push_back(Json::parse(line, nullptr, false));
    EXPECT_TRUE(objects.back().is_object()) << line;
  }
  return objects;
}

Json Ran::Object() const {
  const auto objects = Objects();
  EXPECT_FALSE(objects.empty()) << err;
  return objects.empty() ? Json::object() : objects.front();
}

CliFixture::CliFixture() : folder_(testing::TempDir() + "/renkei-cli-" + std::to_string(getpid())) {
  setenv("RENKEI_LANG", "en", 1);
  fs::create_directories(folder_);
  passphrase_file_ = File("passphrase", kPassphrase);
  fs::permissions(passphrase_file_, fs::perms::owner_read | fs::perms::owner_write);
  // The operator's own vault, as SimWorld made it.
  vaults_["operator"] = {&world_.Operator().vault(), [](client::MemoryVault*) {}};
}

CliFixture::~CliFixture() {
  unsetenv("RENKEI_LANG");
  fs::remove_all(folder_);
}

std::string CliFixture::File(const std::string& name, const std::string& content) {
  const std::string path = folder_ + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string CliFixture::Example(const std::string& name) {
  return std::string(RENKEI_EXAMPLES) + "/" + name;
}

Programs CliFixture::MakePrograms() {
  using Opened = Result<std::unique_ptr<client::Vault>>;
  Programs out;
  out.open = [this](const std::string& path, const SecretBytes& passphrase) -> Opened {
    if (!HasVault(path)) {
      return Error(Code::kNotFound, "vault: none there");
    }
    if (ToString(passphrase.Expose()) != kPassphrase) {
      return Error(Code::kAuthFailed, "vault: wrong passphrase");
    }
    return std::unique_ptr<client::Vault>(std::make_unique<Handle>(vaults_[path]));
  };
  out.create = [this](const std::string& path, const SecretBytes&) -> Opened {
    if (HasVault(path)) {
      return Error(Code::kConflict, "vault: one is there already");
    }
    vaults_[path] = std::make_shared<client::MemoryVault>();
    return std::unique_ptr<client::Vault>(std::make_unique<Handle>(vaults_[path]));
  };
  out.discard = [this](const std::string& path) { vaults_.erase(path); };
  out.device_key = [](const std::string&) { return std::string("file"); };
  out.ask = [this](std::string_view question) {
    if (answer_.has_value()) {
      questions_.emplace_back(question);
    }
    return answer_;
  };
  out.default_path = "default";
  out.connector = &world_.connector;
  out.clock = &world_.clock;
  out.random = &world_.random;
  return out;
}

Ran CliFixture::Run(const std::string& vault, const std::vector<std::string>& words) {
  std::vector<std::string> all = {"renkei", "--vault", vault, "--passphrase-file",
                                  passphrase_file_};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<const char*> argv;
  for (const std::string& word : all) {
    argv.push_back(word.c_str());
  }
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  auto line = ParseCommandLine(static_cast<int>(argv.size()), argv.data(), &ran.code);
  if (line.has_value()) {
    App app(line->options, MakePrograms());
    ran.code = app.Run(line->action);
  }
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

std::vector<Json> CliFixture::RunJson(const std::string& vault,
                                      const std::vector<std::string>& words, int code) {
  std::vector<std::string> all = {"--json"};
  all.insert(all.end(), words.begin(), words.end());
  const Ran ran = Run(vault, all);
  EXPECT_EQ(ran.code, code) << words.front() << ": " << ran.err;
  return ran.Objects();
}

void CliFixture::AddPerson(const std::string& vault, const std::string& institution,
                           const std::string& kind, const std::string& name,
                           const std::string& profession) {
  const std::string code =
      RunJson("operator", {"institution", "invite", "--name", institution, "--kind", kind})
          .at(0)["code"];
  RunJson(vault, {"join", code, "--name", name, "--profession", profession});
  RunJson("operator", {"approve", "--all"});
  RunJson(vault, {"sync"});
}

std::string CliFixture::NewCase(const std::string& vault) {
  return RunJson(vault, {"case", "new", "--patient", Example("patient.json")}).at(0)["case"];
}

}  // namespace renkei::cli
