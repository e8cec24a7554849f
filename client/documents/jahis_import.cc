#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <utility>

#include "client/documents/check.h"
#include "client/documents/content.h"
#include "client/documents/fill.h"
#include "client/documents/jahis.h"
#include "client/documents/jahis_layout.h"
#include "client/documents/jahis_lines.h"
#include "client/documents/jahis_where.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

using care::v1::Dispensing;
using care::v1::Drug;
using care::v1::MedicationList;

// Reads the lines of one notebook into a Content, record by record, and remembers which line each
// field came from, so that the form's own rules speak of lines.
class Importer {
 public:
  explicit Importer(const std::vector<JahisLine>& lines) : lines_(lines) {}

  FormOutcome Run(Millis now);

 private:
  bool Version();
  void Record(const JahisLine& line);
  void RootRecord(const JahisRecord& record);
  void DispensingRecord(const JahisRecord& record);
  void RpRecord(const JahisRecord& record);
  void Usage(const JahisRecord& record);
  void RpRemark(const JahisRecord& record);
  void DrugRemark(const JahisRecord& record);
  void PatientRecord(const JahisRecord& record);
  void IngredientRecord(const JahisRecord& record);
  void DoctorRecord(const JahisRecord& record);
  void AddDrug(const JahisRecord& record);
  void FinishRps();
  void KeepUnknown();

  // The columns of the current line into `message`, which stands at `path`.
  void Fill(const JahisRecord& record, Message& message, const std::string& path);
  template <typename List>
  void FillNew(const JahisRecord& record, List* list, const std::string& path) {
    const std::string at = path + "[" + std::to_string(list->size()) + "]";
    Fill(record, *list->Add(), at);
  }
  std::string Column(std::size_t index) const {
    return index < line_->columns.size() ? line_->columns[index] : "";
  }
  void Problem(const std::string& message_ja, const std::string& message_en) {
    Add(AboutLine(*line_, message_ja, message_en), problems_);
  }
  void Notice(const std::string& message_ja, const std::string& message_en) {
    Add(AboutLine(*line_, message_ja, message_en), notices_);
  }
  static void Add(const FormProblem& problem, Problems& to) {
    to.Add(problem.path, problem.message_ja, problem.message_en);
  }

  Dispensing& dispensing() { return *list_->mutable_dispensings(list_->dispensings_size() - 1); }
  std::string DispensingPath() const {
    return "dispensings[" + std::to_string(list_->dispensings_size() - 1) + "]";
  }
  // Calls `visit(drug, path)` for each drug of this RP since the last doctor record.
  template <typename Visit>
  bool ForDrugsOfRp(int rp_no, const Visit& visit) {
    bool any = false;
    for (int i = first_drug_of_doctor_; i < dispensing().drugs_size(); ++i) {
      if (dispensing().drugs(i).rp_no() == rp_no) {
        visit(*dispensing().mutable_drugs(i),
              DispensingPath() + ".drugs[" + std::to_string(i) + "]");
        any = true;
      }
    }
    return any;
  }

  const std::vector<JahisLine>& lines_;
  const JahisLine* line_ = nullptr;
  Content content_;
  MedicationList* list_ = nullptr;
  JahisWhere where_;
  std::map<int, int> otc_of_link_;
  // Records of an RP (301, 311, 391) hold for all its drugs, also for one that comes after them.
  std::vector<const JahisLine*> rp_lines_;
  int doctors_ = 0;               // doctor records (55) in this dispensing
  int first_drug_of_doctor_ = 0;  // index in this dispensing
  Problems problems_;
  Problems notices_;
};

FormOutcome Importer::Run(Millis now) {
  list_ = content_.mutable_medication_list();
  if (Version()) {
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      Record(lines_[i]);
    }
    FinishRps();
  }
  Problems rules;
  if (problems_.empty()) {
    Checker checker(now, rules, notices_);
    checker.CheckMessage(content_.header(), "");
    checker.CheckMessage(*list_, "");
  }
  for (const FormProblem& problem : rules.list()) {
    Add(where_.Name(problem), problems_);
  }
  FormOutcome outcome;
  if (problems_.empty() && content_.ByteSizeLong() > kMaxContentBytes) {
    problems_.Add("", "お薬手帳データが大きすぎます（256 KiB まで）",
                  "the notebook is over 256 KiB");
  }
  if (problems_.empty()) {
    outcome.content = SerializeContent(content_);
  }
  outcome.problems = problems_.Take();
  for (const FormProblem& notice : notices_.Take()) {
    outcome.notices.push_back(where_.Name(notice));
  }
  return outcome;
}

bool Importer::Version() {
  line_ = &lines_[0];
  const std::string& tag = line_->columns[0];
  const int version = JahisNumber(tag.substr(std::min(tag.size(), kJahisTag.size())));
  if (tag.substr(0, kJahisTag.size()) != kJahisTag || version < 1 || version > 99) {
    Problem("お薬手帳データ (JAHISTC) の版が読めません", "the version record cannot be read");
    return false;
  }
  if (version > kJahisNewestVersion) {
    Notice("このソフトが知るより新しい形式です。知らないレコードは原文のまま残します",
           "a newer format than this program knows; unknown records are kept as they are");
  }
  list_->set_format_version(tag);
  const int direction = JahisNumber(Column(1));
  if (direction != 1 && direction != 2) {
    Problem("出力区分が 1 でも 2 でもありません", "the direction is neither 1 nor 2");
    return false;
  }
  list_->set_direction(static_cast<care::v1::NotebookDirection>(direction));
  return true;
}

void Importer::Record(const JahisLine& line) {
  line_ = &line;
  const int number = JahisNumber(line.columns[0]);
  if (number < 0) {
    Problem("レコード番号が読めません", "the record number cannot be read");
    return;
  }
  if (number == 911) {
    Problem("分割制御レコードは最後の行でなければなりません", "record 911 must be the last line");
    return;
  }
  const JahisRecord* record = FindJahisRecord(number);
  if (record == nullptr) {
    KeepUnknown();
    return;
  }
  for (std::size_t i = record->columns.size() + 1; i < line.columns.size(); ++i) {
    if (!Trim(line.columns[i]).empty()) {
      Notice("余分な項目「" + Shorten(Printable(line.columns[i], false), 40) + "」は取り込みません",
             "a column more than the record has is left out");
    }
  }
  const bool root = number <= 5 || number == 31 || number == 701;
  if (root) {
    RootRecord(*record);
  } else if (list_->dispensings_size() == 0) {
    Problem("調剤年月日 (5) より前にあります", "stands before the date of dispensing (5)");
  } else {
    DispensingRecord(*record);
  }
}

void Importer::RootRecord(const JahisRecord& record) {
  switch (record.number) {
    case 1:
      return PatientRecord(record);
    case 2:
      return FillNew(record, list_->mutable_patient_flags(), "patient_flags");
    case 3: {
      FillNew(record, list_->mutable_otc(), "otc");
      const int link = JahisNumber(Column(5));
      if (link >= 0) {
        otc_of_link_[link] = list_->otc_size() - 1;
      }
      return;
    }
    case 4:
      return FillNew(record, list_->mutable_memos(), "memos");
    case 31:
      return IngredientRecord(record);
    case 701:
      return FillNew(record, list_->mutable_family_pharmacists(), "family_pharmacists");
    default:
      FinishRps();
      doctors_ = 0;
      first_drug_of_doctor_ = 0;
      return FillNew(record, list_->mutable_dispensings(), "dispensings");
  }
}

void Importer::PatientRecord(const JahisRecord& record) {
  care::v1::PatientRef before = content_.header().patient();
  care::v1::PatientRef* patient = content_.mutable_header()->mutable_patient();
  const bool again = patient->ByteSizeLong() > 0;
  patient->Clear();
  Fill(record, *patient, "patient");
  if (again && patient->SerializeAsString() != before.SerializeAsString()) {
    Problem("患者情報が 2 つあり、内容が違います", "two different patients");
  }
}

void Importer::IngredientRecord(const JahisRecord& record) {
  const auto found = otc_of_link_.find(JahisNumber(Column(1)));
  if (found == otc_of_link_.end()) {
    Problem("同じ通番の一般用医薬品 (3) がありません", "no drug (3) has this number");
    return;
  }
  FillNew(record, list_->mutable_otc(found->second)->mutable_ingredients(),
          "otc[" + std::to_string(found->second) + "].ingredients");
}

void Importer::DispensingRecord(const JahisRecord& record) {
  const std::string path = DispensingPath();
  switch (record.number) {
    case 11:
    case 15:
      return Fill(record, *dispensing().mutable_dispenser(), path + ".dispenser");
    case 51:
      return Fill(record, *dispensing().mutable_prescriber(), path + ".prescriber");
    case 55:
      return DoctorRecord(record);
    case 401:
      return FillNew(record, dispensing().mutable_cautions(), path + ".cautions");
    case 411:
      return FillNew(record, dispensing().mutable_hospital_info(), path + ".hospital_info");
    case 421:
      return FillNew(record, dispensing().mutable_leftover(), path + ".leftover");
    case 501:
      return FillNew(record, dispensing().mutable_remarks(), path + ".remarks");
    case 601:
      return FillNew(record, dispensing().mutable_patient_entry(), path + ".patient_entry");
    default:
      return RpRecord(record);
  }
}

// The first doctor is the dispensing's; the drugs after a further one name theirs themselves.
void Importer::DoctorRecord(const JahisRecord& record) {
  if (++doctors_ == 1) {
    care::v1::Prescriber* prescriber = dispensing().mutable_prescriber();
    if (prescriber->name().empty()) {  // dispensed where it was prescribed: there is no record 51
      prescriber->set_name(dispensing().dispenser().name());
    }
    Fill(record, *prescriber, DispensingPath() + ".prescriber");
    return;
  }
  FinishRps();
  first_drug_of_doctor_ = dispensing().drugs_size();
}

void Importer::RpRecord(const JahisRecord& record) {
  if (record.number == 201) {
    AddDrug(record);
  } else if (record.number == 281 || record.number == 291) {
    DrugRemark(record);
  } else {
    rp_lines_.push_back(line_);
  }
}

void Importer::FinishRps() {
  const JahisLine* current = line_;
  for (const JahisLine* line : std::exchange(rp_lines_, {})) {
    line_ = line;
    const JahisRecord& record = *FindJahisRecord(JahisNumber(line->columns[0]));
    record.number == 301 ? Usage(record) : RpRemark(record);
  }
  line_ = current;
}

void Importer::AddDrug(const JahisRecord& record) {
  const int index = dispensing().drugs_size();
  FillNew(record, dispensing().mutable_drugs(), DispensingPath() + ".drugs");
  if (doctors_ <= 1) {
    return;
  }
  for (const JahisLine* line = line_; line >= lines_.data(); --line) {
    if (line->columns[0] == "55") {
      const JahisLine* drug_line = line_;
      care::v1::Prescriber* own = dispensing().mutable_drugs(index)->mutable_prescriber();
      own->set_name(dispensing().prescriber().name());
      line_ = line;
      Fill(*FindJahisRecord(55), *own,
           DispensingPath() + ".drugs[" + std::to_string(index) + "].prescriber");
      line_ = drug_line;
      return;
    }
  }
}

void Importer::DrugRemark(const JahisRecord& record) {
  const int count = dispensing().drugs_size();
  if (count == 0 || dispensing().drugs(count - 1).rp_no() != JahisNumber(Column(1))) {
    Problem("直前に同じ RP 番号の薬品 (201) がありません",
            "no drug (201) of this RP stands before it");
    return;
  }
  Drug& drug = *dispensing().mutable_drugs(count - 1);
  const bool note = record.number == 281;
  FillNew(record, note ? drug.mutable_drug_note() : drug.mutable_drug_caution(),
          DispensingPath() + ".drugs[" + std::to_string(count - 1) +
              (note ? "].drug_note" : "].drug_caution"));
}

void Importer::Usage(const JahisRecord& record) {
  bool twice = false;
  const bool any = ForDrugsOfRp(JahisNumber(Column(1)), [&](Drug& drug, const std::string& path) {
    twice = twice || where_.Has(path + ".usage");
    where_.PutField(path + ".usage", *line_);
    Fill(record, drug, path);
  });
  if (!any) {
    Problem("同じ RP 番号の薬品 (201) がありません", "no drug (201) has this RP number");
  } else if (twice) {
    Problem("同じ RP 番号の用法 (301) が 2 つあります", "this RP has a usage (301) already");
  }
}

void Importer::RpRemark(const JahisRecord& record) {
  const bool note = record.number == 311;
  const bool any = ForDrugsOfRp(JahisNumber(Column(1)), [&](Drug& drug, const std::string& path) {
    FillNew(record, note ? drug.mutable_usage_note() : drug.mutable_rp_caution(),
            path + (note ? ".usage_note" : ".rp_caution"));
  });
  if (!any) {
    Problem("同じ RP 番号の薬品 (201) がありません", "no drug (201) has this RP number");
  }
}

void Importer::KeepUnknown() {
  Notice("知らないレコードです。原文のまま残します", "an unknown record, kept as it is");
  *(list_->dispensings_size() > 0 ? dispensing().add_other_records() : list_->add_other_records()) =
      line_->text;
}

void Importer::Fill(const JahisRecord& record, Message& message, const std::string& path) {
  Problems found;
  Filler filler(found);
  where_.PutMessage(path, *line_);
  for (std::size_t i = 0; i < record.columns.size(); ++i) {
    const JahisColumn& column = record.columns[i];
    if (column.field.empty()) {
      continue;
    }
    const Field& field = *message.GetDescriptor()->FindFieldByName(std::string(column.field));
    const std::string at = JoinPath(path, field, -1);
    where_.PutField(at, *line_);
    filler.SetText(message, field, Column(i + 1), at);
    // 医療関係者 is what a reader expects: only another author is kept.
    if (field.enum_type() == care::v1::Creator_descriptor() &&
        ScalarText(message, field, -1) ==
            ValueText(*field.enum_type(), care::v1::CREATOR_PROFESSIONAL)) {
      message.GetReflection()->ClearField(&message, &field);
    }
  }
  for (const FormProblem& problem : found.list()) {
    Add(where_.Name(problem), problems_);
  }
}

}  // namespace

FormOutcome ImportJahis(const std::vector<Bytes>& parts, const FormContext& context) {
  Problems problems;
  const std::vector<JahisLine> lines = ReadJahisLines(parts, problems);
  if (problems.empty() && lines.empty()) {
    problems.Add("", "お薬手帳データが空です", "the notebook is empty");
  }
  if (!problems.empty()) {
    FormOutcome outcome;
    outcome.problems = problems.Take();
    return outcome;
  }
  return Importer(lines).Run(context.now);
}

}  // namespace renkei::documents
