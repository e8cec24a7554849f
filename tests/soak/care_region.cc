#include "tests/soak/care_region.h"

#include <sys/stat.h>

#include <fstream>

#include "crypto/pki/pem.h"
#include "server/region_files.h"

namespace renkei::soak {
namespace {

constexpr std::size_t kCases = 200;
constexpr std::size_t kShiftsEach = 4;    // of an institution
constexpr std::size_t kVisitorsEach = 4;  // "
constexpr std::size_t kShiftsOfCase = 3;
constexpr std::size_t kVisitorsOfCase = 4;

// As an operator leaves them, but for what is looked at here.
constexpr const char* kSettings = "[metrics]\nlisten = \"127.0.0.1:0\"\n";

struct Named {
  const char* name;
  pki::InstitutionKind kind;
};
constexpr Named kInstitutions[] = {
    {"ひばり訪問看護ステーション（架空）", pki::InstitutionKind::kVisitingNurseStation},
    {"みなと在宅医院（架空）", pki::InstitutionKind::kClinic},
    {"あおば居宅介護支援事業所（架空）", pki::InstitutionKind::kCareManagementOffice},
    {"すみれ薬局（架空）", pki::InstitutionKind::kPharmacy},
    {"こもれび訪問介護事業所（架空）", pki::InstitutionKind::kHomeHelpOffice},
    {"北町病院（架空）", pki::InstitutionKind::kHospital}};

void WriteFile(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  RENKEI_CHECK(out.good());
}

}  // namespace

CareRegion::CareRegion(const std::filesystem::path& folder)
    : folder_(folder),
      region_(folder, ""),
      relay_key_(ToBytes(region_.world().Identity().signing_certificate.public_key())) {
  WriteFile(folder_ / "relay.toml", AsBytes(std::string(kSettings)));
  for (const Named& named : kInstitutions) {
    const test::Office& office = world().AddOffice(named.name, named.kind);
    Hire(desks, office, 1);
    Hire(shifts, office, kShiftsEach);
    Hire(visitors, office, kVisitorsEach);
    Hire(guests, office, 1);
  }
  BeginCases();
}

void CareRegion::Hire(Group& group, const test::Office& office, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    group.push_back(std::make_unique<Member>());
    group.back()->handset = &world().AddMember(office);
  }
}

void CareRegion::BeginCases() {
  region_.Prepare([this](server::Relay& relay, server::SqliteStore& store) {
    for (std::size_t i = 0; i < kCases; ++i) {
      BeginCase(relay, store, i);
    }
  });
}

void CareRegion::BeginCase(server::Relay& relay, server::SqliteStore& store, std::size_t number) {
  // Neighbours in a list are of one institution: steps that are no divisor of its length mix them.
  std::vector<Member*> team = {desks[number % desks.size()].get()};
  for (std::size_t i = 0; i < kShiftsOfCase; ++i) {
    team.push_back(shifts[(number + i * 7) % shifts.size()].get());
  }
  for (std::size_t i = 0; i < kVisitorsOfCase; ++i) {
    team.push_back(visitors[(number * 5 + i * 7) % visitors.size()].get());
  }
  team.push_back(guests[number % guests.size()].get());
  std::vector<const test::Handset*> members;
  for (const Member* member : team) {
    members.push_back(member->handset);
  }
  const bench::Case at = region_.BeginCase(relay, members);
  cases.push_back(std::make_unique<CaseFile>(at, members));
  cases.back()->AdoptCards(store);
  for (Member* member : team) {
    member->cases.push_back(cases.back().get());
    member->reached[cases.back()->id()] = at.head;
  }
}

void CareRegion::RenewCertificate() {
  test::Region& region = world().region();
  const test::Leaf renewed = region.AddRelay(pki::CertRole::kRelayTls);
  const std::vector<pki::Certificate> chain = {renewed.certificate, region.issuing().certificate(),
                                               region.root().certificate()};
  const std::filesystem::path folder = folder_ / server::kRelayFolder;
  WriteFile(folder / server::kTlsChainFile, AsBytes(pki::ToPem(chain)));
  WriteFile(folder / server::kTlsKeyFile, pki::PrivateKeyPem(renewed.key).Expose());
}

}  // namespace renkei::soak
