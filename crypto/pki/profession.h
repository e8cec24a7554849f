// The professions of persons and the kinds of institutions, with their three names: the one in the
// certificate, the one on the command line, and the Japanese one on the screen. Constants; any
// thread.
#ifndef RENKEI_CRYPTO_PKI_PROFESSION_H_
#define RENKEI_CRYPTO_PKI_PROFESSION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace renkei::pki {

// Numbers are for memory and protobuf only; the certificate holds the name. A visiting nurse and a
// discharge nurse are both kNurse: the place (InstitutionKind) makes the difference.
enum class Profession : std::uint8_t {
  kNone = 0,  // certificates that are not a person's
  kDoctor,
  kDentist,
  kPharmacist,
  kNurse,
  kPublicHealthNurse,
  kMidwife,
  kAssistantNurse,
  kDentalHygienist,
  kDentalTechnician,
  kPhysicalTherapist,
  kOccupationalTherapist,
  kSpeechTherapist,
  kOrthoptist,
  kDietitian,
  kMedicalTechnologist,
  kRadiologicalTechnologist,
  kClinicalEngineer,
  kEmergencyMedicalTechnician,
  kProsthetist,
  kJudoTherapist,
  kMassagePractitioner,
  kAcupuncturist,
  kMoxibustionPractitioner,
  kPsychologist,
  kSocialWorker,              // 社会福祉士
  kMentalHealthSocialWorker,  // 精神保健福祉士
  kCareWorker,                // 介護福祉士
  kMedicalSocialWorker,       // MSW: a post, not a licence
  kCareManager,               // licensed by the prefecture, no hcRole
  kHelper,                    // 訪問介護員
  kServiceManager,            // サービス提供責任者
  kLifeCounsellor,            // 生活相談員
  kWelfareEquipmentAdviser,   // 福祉用具専門相談員
  kWelfareOfficer,            // 市町村職員
  kAdministrativeStaff,
  kOther,
};

enum class InstitutionKind : std::uint8_t {
  kNone = 0,  // certificates that are not an institution's
  kHospital,
  kClinic,
  kDentalClinic,
  kPharmacy,
  kVisitingNurseStation,
  kCareManagementOffice,
  kCommunitySupportCentre,
  kHomeHelpOffice,
  kDayService,
  kCareService,
  kSmallMultifunctionalHome,
  kVisitingRehabilitation,
  kVisitingBath,
  kWelfareEquipment,
  kCareFacility,
  kDisabilitySupport,
  kMunicipality,
  kMedicalAssociation,
  kOther,
};

struct ProfessionNames {
  Profession profession;
  bool is_hc_role;               // a national licence that HPKI certifies; others stand beside them
  std::string_view certificate;  // X.509 title; the hcRole name where is_hc_role
  std::string_view cli;          // what people type: lowercase, dashes
  std::string_view japanese;
};

struct InstitutionKindNames {
  InstitutionKind kind;
  std::string_view certificate;  // X.509 businessCategory
  std::string_view cli;
  std::string_view japanese;
};

// All of them but kNone, in the order in which lists show them.
std::span<const ProfessionNames> AllProfessions();
std::span<const InstitutionKindNames> AllInstitutionKinds();

// For kNone every name is empty.
const ProfessionNames& NamesOf(Profession profession);
const InstitutionKindNames& NamesOf(InstitutionKind kind);

// Exact match of the certificate's name.
std::optional<Profession> ProfessionFromCertificate(std::string_view name);
std::optional<InstitutionKind> InstitutionKindFromCertificate(std::string_view name);

// What a person types: the cli name, a usual other word for it ("visiting-nurse" is nurse), the
// Japanese name or the certificate's name; case of ASCII letters does not matter.
std::optional<Profession> ProfessionFromInput(std::string_view text);
std::optional<InstitutionKind> InstitutionKindFromInput(std::string_view text);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_PROFESSION_H_
