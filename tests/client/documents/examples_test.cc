// The files of deploy/examples are what a reader tries first: all of them are in order.
#include <gtest/gtest.h>

#include "client/documents/shift_jis.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::Example;
using testing::kNow;
using testing::Now;
using testing::Say;

struct ExampleFile {
  Kind kind;
  const char* name;
};
constexpr ExampleFile kFiles[] = {{Kind::kPatient, "patient.json"},
                                  {Kind::kAdmissionInfo, "admission-info.json"},
                                  {Kind::kDischargeSummary, "discharge-summary.json"},
                                  {Kind::kDischargeSummary, "discharge-summary-correction.json"},
                                  {Kind::kNote, "note.json"},
                                  {Kind::kUrgentReport, "urgent-report.json"},
                                  {Kind::kNote, "note-after-urgent.json"},
                                  {Kind::kMedicationNote, "medication-note.json"},
                                  {Kind::kAnswer, "answer-modify.json"}};

Bytes Content(const ExampleFile& file) {
  const FormOutcome outcome = ParseForm(file.kind, Example(file.name), Now());
  EXPECT_TRUE(outcome.ok()) << file.name << "\n" << Say(outcome);
  EXPECT_TRUE(outcome.notices.empty()) << file.name;
  return outcome.content;
}

std::string Notebook() {
  const std::string utf8 = Example("medication-list.jahis.utf8.txt");
  std::string lines;
  for (const char c : utf8) {
    lines += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return ToString(EncodeShiftJis(lines).bytes);
}

TEST(Examples, AreAllAccepted) {
  for (const ExampleFile& file : kFiles) {
    EXPECT_FALSE(Content(file).empty());
    EXPECT_NE(Example(file.name).find("架空"), std::string::npos);
  }
  const FormOutcome list = ParseFormFile(Kind::kMedicationList, AsBytes(Notebook()), Now());
  EXPECT_TRUE(list.ok()) << Say(list);
}

TEST(Examples, ComeOutAsTheyWentIn) {
  for (const ExampleFile& file : kFiles) {
    const Bytes content = Content(file);
    EXPECT_EQ(ParseForm(file.kind, *RenderPrettyJson(content), Now()).content, content);
  }
}

TEST(Examples, AreAllOfThePatientOfTheCase) {
  const Bytes patient = Content(kFiles[0]);
  for (const ExampleFile& file : kFiles) {
    EXPECT_NE(*ComparePatient(Content(file), patient), PatientMatch::kDifferent) << file.name;
  }
  const FormOutcome list = ParseFormFile(Kind::kMedicationList, AsBytes(Notebook()), Now());
  EXPECT_EQ(*ComparePatient(list.content, patient), PatientMatch::kSame);
}

TEST(Examples, TheCorrectionChangesOneField) {
  const Bytes original = Content(kFiles[2]);
  EXPECT_EQ(*DiffText(original, Content(kFiles[3])),
            "退院時バイタル > 体重: 「48.4 kg」→「44.8 kg」\n");
  const FormOutcome overlaid = ParseForm(
      Kind::kDischargeSummary, Example("discharge-summary-correction.json"), {kNow, original});
  EXPECT_EQ(overlaid.content, Content(kFiles[3]));
}

TEST(Examples, TheDrugOfTheStoryIsInListQueryAndAnswer) {
  const FormOutcome list = ParseFormFile(Kind::kMedicationList, AsBytes(Notebook()), Now());
  for (const Bytes& content : {list.content, Content(kFiles[7]), Content(kFiles[8])}) {
    EXPECT_NE(SearchText(content).find("フロセミド"), std::string::npos);
  }
}

}  // namespace
}  // namespace renkei::documents
