#include "crypto/pki/profession.h"

#include <algorithm>
#include <array>
#include <string>

namespace renkei::pki {
namespace {

constexpr ProfessionNames kNoProfession = {Profession::kNone, false, "", "", ""};
constexpr InstitutionKindNames kNoKind = {InstitutionKind::kNone, "", "", ""};

constexpr ProfessionNames kProfessions[] = {
    {Profession::kDoctor, true, "Medical Doctor", "doctor", "医師"},
    {Profession::kDentist, true, "Dentist", "dentist", "歯科医師"},
    {Profession::kPharmacist, true, "Pharmacist", "pharmacist", "薬剤師"},
    {Profession::kNurse, true, "Registered Nurse", "nurse", "看護師"},
    {Profession::kPublicHealthNurse, true, "Public Health Nurse", "public-health-nurse", "保健師"},
    {Profession::kMidwife, true, "Midwife", "midwife", "助産師"},
    // Licensed by the prefecture, so HPKI does not certify it.
    {Profession::kAssistantNurse, false, "Assistant Nurse", "assistant-nurse", "准看護師"},
    {Profession::kDentalHygienist, true, "Dental Hygienist", "dental-hygienist", "歯科衛生士"},
    {Profession::kDentalTechnician, true, "Dental Technician", "dental-technician", "歯科技工士"},
    {Profession::kPhysicalTherapist, true, "Physical Therapist", "physical-therapist",
     "理学療法士"},
    {Profession::kOccupationalTherapist, true, "Occupational Therapist", "occupational-therapist",
     "作業療法士"},
    {Profession::kSpeechTherapist, true, "Speech Therapist", "speech-therapist", "言語聴覚士"},
    {Profession::kOrthoptist, true, "Orthoptist", "orthoptist", "視能訓練士"},
    {Profession::kDietitian, true, "National Registered Dietitian", "dietitian", "管理栄養士"},
    {Profession::kMedicalTechnologist, true, "Medical Technologist", "medical-technologist",
     "臨床検査技師"},
    {Profession::kRadiologicalTechnologist, true, "Radiological Technologist",
     "radiological-technologist", "診療放射線技師"},
    {Profession::kClinicalEngineer, true, "Clinical Engineer", "clinical-engineer", "臨床工学技士"},
    {Profession::kEmergencyMedicalTechnician, true, "Emergency Medical Technician",
     "emergency-medical-technician", "救急救命士"},
    {Profession::kProsthetist, true, "Prosthetics & Orthotic", "prosthetist", "義肢装具士"},
    {Profession::kJudoTherapist, true, "Judo Therapist", "judo-therapist", "柔道整復師"},
    {Profession::kMassagePractitioner, true, "Massage and Finger Pressure Practitioner",
     "massage-practitioner", "あん摩マッサージ指圧師"},
    {Profession::kAcupuncturist, true, "Acupuncturist", "acupuncturist", "はり師"},
    {Profession::kMoxibustionPractitioner, true, "Moxibustion Practitioner",
     "moxibustion-practitioner", "きゅう師"},
    {Profession::kPsychologist, true, "Certified Public Psychologist", "psychologist",
     "公認心理師"},
    {Profession::kSocialWorker, true, "Certified Social Worker", "social-worker", "社会福祉士"},
    {Profession::kMentalHealthSocialWorker, true, "Psychiatric Social Worker",
     "mental-health-social-worker", "精神保健福祉士"},
    {Profession::kCareWorker, true, "Certified Care Worker", "care-worker", "介護福祉士"},
    {Profession::kMedicalSocialWorker, false, "Medical Social Worker", "medical-social-worker",
     "医療ソーシャルワーカー"},
    {Profession::kCareManager, false, "Care Manager", "care-manager", "介護支援専門員"},
    {Profession::kHelper, false, "Home Helper", "helper", "訪問介護員"},
    {Profession::kServiceManager, false, "Home-Visit Service Manager", "service-manager",
     "サービス提供責任者"},
    {Profession::kLifeCounsellor, false, "Life Counsellor", "life-counsellor", "生活相談員"},
    {Profession::kWelfareEquipmentAdviser, false, "Welfare Equipment Adviser",
     "welfare-equipment-adviser", "福祉用具専門相談員"},
    {Profession::kWelfareOfficer, false, "Welfare Officer", "welfare-officer", "福祉担当職員"},
    {Profession::kAdministrativeStaff, false, "Administrative Staff", "administrative-staff",
     "事務職員"},
    {Profession::kOther, false, "Other", "other", "その他"},
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
