#include "crypto/pki/profession.h"

#include <algorithm>
#include <array>
#include <string>

namespace renkei::pki {
namespace {

constexpr ProfessionNames kNoProfession = {Profession::kNone, "", "", "", false};
constexpr InstitutionKindNames kNoKind = {InstitutionKind::kNone, "", "", ""};

constexpr ProfessionNames kProfessions[] = {
    {Profession::kDoctor, "Medical Doctor", "doctor", "医師", true},
    {Profession::kDentist, "Dentist", "dentist", "歯科医師", true},
    {Profession::kPharmacist, "Pharmacist", "pharmacist", "薬剤師", true},
    {Profession::kNurse, "Registered Nurse", "nurse", "看護師", true},
    {Profession::kPublicHealthNurse, "Public Health Nurse", "public-health-nurse", "保健師", true},
    {Profession::kMidwife, "Midwife", "midwife", "助産師", true},
    // Licensed by the prefecture, so HPKI does not certify it.
    {Profession::kAssistantNurse, "Assistant Nurse", "assistant-nurse", "准看護師", false},
    {Profession::kDentalHygienist, "Dental Hygienist", "dental-hygienist", "歯科衛生士", true},
    {Profession::kDentalTechnician, "Dental Technician", "dental-technician", "歯科技工士", true},
    {Profession::kPhysicalTherapist, "Physical Therapist", "physical-therapist", "理学療法士",
     true},
    {Profession::kOccupationalTherapist, "Occupational Therapist", "occupational-therapist",
     "作業療法士", true},
    {Profession::kSpeechTherapist, "Speech Therapist", "speech-therapist", "言語聴覚士", true},
    {Profession::kOrthoptist, "Orthoptist", "orthoptist", "視能訓練士", true},
    {Profession::kDietitian, "National Registered Dietitian", "dietitian", "管理栄養士", true},
    {Profession::kMedicalTechnologist, "Medical Technologist", "medical-technologist",
     "臨床検査技師", true},
    {Profession::kRadiologicalTechnologist, "Radiological Technologist",
     "radiological-technologist", "診療放射線技師", true},
    {Profession::kClinicalEngineer, "Clinical Engineer", "clinical-engineer", "臨床工学技士", true},
    {Profession::kEmergencyMedicalTechnician, "Emergency Medical Technician",
     "emergency-medical-technician", "救急救命士", true},
    {Profession::kProsthetist, "Prosthetics & Orthotic", "prosthetist", "義肢装具士", true},
    {Profession::kJudoTherapist, "Judo Therapist", "judo-therapist", "柔道整復師", true},
    {Profession::kMassagePractitioner, "Massage and Finger Pressure Practitioner",
     "massage-practitioner", "あん摩マッサージ指圧師", true},
    {Profession::kAcupuncturist, "Acupuncturist", "acupuncturist", "はり師", true},
    {Profession::kMoxibustionPractitioner, "Moxibustion Practitioner", "moxibustion-practitioner",
     "きゅう師", true},
    {Profession::kPsychologist, "Certified Public Psychologist", "psychologist", "公認心理師",
     true},
    {Profession::kSocialWorker, "Certified Social Worker", "social-worker", "社会福祉士", true},
    {Profession::kMentalHealthSocialWorker, "Psychiatric Social Worker",
     "mental-health-social-worker", "精神保健福祉士", true},
    {Profession::kCareWorker, "Certified Care Worker", "care-worker", "介護福祉士", true},
    {Profession::kMedicalSocialWorker, "Medical Social Worker", "medical-social-worker",
     "医療ソーシャルワーカー", false},
    {Profession::kCareManager, "Care Manager", "care-manager", "介護支援専門員", false},
    {Profession::kHelper, "Home Helper", "helper", "訪問介護員", false},
    {Profession::kServiceManager, "Home-Visit Service Manager", "service-manager",
     "サービス提供責任者", false},
    {Profession::kLifeCounsellor, "Life Counsellor", "life-counsellor", "生活相談員", false},
    {Profession::kWelfareEquipmentAdviser, "Welfare Equipment Adviser", "welfare-equipment-adviser",
     "福祉用具専門相談員", false},
    {Profession::kWelfareOfficer, "Welfare Officer", "welfare-officer", "福祉担当職員", false},
    {Profession::kAdministrativeStaff, "Administrative Staff", "administrative-staff", "事務職員",
     false},
    {Profession::kOther, "Other", "other", "その他", false},
};

constexpr InstitutionKindNames kKinds[] = {
    {InstitutionKind::kHospital, "Hospital", "hospital", "病院"},
    {InstitutionKind::kClinic, "Clinic", "clinic", "診療所"},
    {InstitutionKind::kDentalClinic, "Dental Clinic", "dental-clinic", "歯科診療所"},
    {InstitutionKind::kPharmacy, "Pharmacy", "pharmacy", "薬局"},
    {InstitutionKind::kVisitingNurseStation, "Visiting Nurse Station", "visiting-nurse-station",
     "訪問看護ステーション"},
    {InstitutionKind::kCareManagementOffice, "Care Management Office", "care-management-office",
     "居宅介護支援事業所"},
    {InstitutionKind::kCommunitySupportCentre, "Community Support Centre",
     "community-support-centre", "地域包括支援センター"},
    {InstitutionKind::kHomeHelpOffice, "Home Help Office", "home-help-office", "訪問介護事業所"},
    {InstitutionKind::kDayService, "Day Service", "day-service", "通所介護事業所"},
    {InstitutionKind::kCareService, "Care Service", "care-service", "介護サービス事業所"},
    {InstitutionKind::kSmallMultifunctionalHome, "Small Multifunctional Home",
     "small-multifunctional-home", "小規模多機能型居宅介護事業所"},
    {InstitutionKind::kVisitingRehabilitation, "Visiting Rehabilitation", "visiting-rehabilitation",
     "訪問リハビリテーション事業所"},
    {InstitutionKind::kVisitingBath, "Visiting Bath", "visiting-bath", "訪問入浴介護事業所"},
    {InstitutionKind::kWelfareEquipment, "Welfare Equipment", "welfare-equipment",
     "福祉用具貸与事業所"},
    {InstitutionKind::kCareFacility, "Care Facility", "care-facility", "介護施設"},
    {InstitutionKind::kDisabilitySupport, "Disability Support", "disability-support",
     "障害福祉サービス事業所"},
    {InstitutionKind::kMunicipality, "Municipality", "municipality", "市町村"},
    {InstitutionKind::kMedicalAssociation, "Medical Association", "medical-association", "医師会"},
    {InstitutionKind::kOther, "Other", "other", "その他"},
};

// What people type besides the names in the tables. The right side is a cli name.
struct Alias {
  std::string_view input;
  std::string_view cli;
};

constexpr Alias kProfessionAliases[] = {
    {"medical-doctor", "doctor"},
    {"physician", "doctor"},
    {"main-doctor", "doctor"},
    {"deputy-doctor", "doctor"},
    {"home-doctor", "doctor"},
    {"registered-nurse", "nurse"},
    {"visiting-nurse", "nurse"},
    {"discharge-nurse", "nurse"},
    {"訪問看護師", "nurse"},
    {"退院支援看護師", "nurse"},
    {"registered-dietitian", "dietitian"},
    {"certified-social-worker", "social-worker"},
    {"psychiatric-social-worker", "mental-health-social-worker"},
    {"msw", "medical-social-worker"},
    {"certified-care-worker", "care-worker"},
    {"ケアマネジャー", "care-manager"},
    {"ケアマネージャー", "care-manager"},
    {"ケアマネ", "care-manager"},
    {"home-helper", "helper"},
    {"ヘルパー", "helper"},
    {"ホームヘルパー", "helper"},
    {"clerk", "administrative-staff"},
    {"administrator", "administrative-staff"},
    {"事務", "administrative-staff"},
};

constexpr Alias kKindAliases[] = {
    {"home-care-clinic", "clinic"},
    {"home-clinic", "clinic"},
    {"在宅療養支援診療所", "clinic"},
    {"クリニック", "clinic"},
    {"歯科", "dental-clinic"},
    {"visiting-nurse", "visiting-nurse-station"},
    {"visiting-nursing", "visiting-nurse-station"},
    {"visiting-nursing-station", "visiting-nurse-station"},
    {"nurse-station", "visiting-nurse-station"},
    {"訪問看護", "visiting-nurse-station"},
    {"care-management", "care-management-office"},
    {"care-manager-office", "care-management-office"},
    {"居宅介護支援", "care-management-office"},
    {"community-support-center", "community-support-centre"},
    {"地域包括", "community-support-centre"},
    {"home-help", "home-help-office"},
    {"訪問介護", "home-help-office"},
};

// ASCII letters lowered, spaces and underscores as dashes; everything else as it is.
std::string Folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    } else if (c == ' ' || c == '_') {
      c = '-';
    }
  }
  return out;
}

template <typename Row, std::size_t N>
const Row* FindByCertificate(const Row (&table)[N], std::string_view name) {
  const auto* row = std::find_if(std::begin(table), std::end(table),
                                 [&](const Row& r) { return r.certificate == name; });
  return row == std::end(table) ? nullptr : row;
}

template <typename Row, std::size_t N, std::size_t M>
const Row* FindByInput(const Row (&table)[N], const Alias (&aliases)[M], std::string_view text) {
  std::string wanted = Folded(text);
  for (const Alias& alias : aliases) {
    if (alias.input == wanted) {
      wanted = std::string(alias.cli);
      break;
    }
  }
  const auto* row = std::find_if(std::begin(table), std::end(table), [&](const Row& r) {
    return r.cli == wanted || r.japanese == wanted || Folded(r.certificate) == wanted;
  });
  return row == std::end(table) ? nullptr : row;
}

}  // namespace

std::span<const ProfessionNames> AllProfessions() {
  return kProfessions;
}

std::span<const InstitutionKindNames> AllInstitutionKinds() {
  return kKinds;
}

const ProfessionNames& NamesOf(Profession profession) {
  for (const ProfessionNames& row : kProfessions) {
    if (row.profession == profession) {
      return row;
    }
  }
  return kNoProfession;
}

const InstitutionKindNames& NamesOf(InstitutionKind kind) {
  for (const InstitutionKindNames& row : kKinds) {
    if (row.kind == kind) {
      return row;
    }
  }
  return kNoKind;
}

std::optional<Profession> ProfessionFromCertificate(std::string_view name) {
  const ProfessionNames* row = FindByCertificate(kProfessions, name);
  return row == nullptr ? std::nullopt : std::optional(row->profession);
}

std::optional<InstitutionKind> InstitutionKindFromCertificate(std::string_view name) {
  const InstitutionKindNames* row = FindByCertificate(kKinds, name);
  return row == nullptr ? std::nullopt : std::optional(row->kind);
}

std::optional<Profession> ProfessionFromInput(std::string_view text) {
  const ProfessionNames* row = FindByInput(kProfessions, kProfessionAliases, text);
  return row == nullptr ? std::nullopt : std::optional(row->profession);
}

std::optional<InstitutionKind> InstitutionKindFromInput(std::string_view text) {
  const InstitutionKindNames* row = FindByInput(kKinds, kKindAliases, text);
  return row == nullptr ? std::nullopt : std::optional(row->kind);
}

}  // namespace renkei::pki
