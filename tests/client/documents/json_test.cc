#include "client/documents/json.h"

#include <gtest/gtest.h>

namespace renkei::documents {
namespace {

using What = JsonFault::What;

JsonFault Fault(std::string_view text, std::size_t depth = 5) {
  JsonValue out;
  return ParseJson(text, depth, out);
}

TEST(Json, KeepsNumbersAsWritten) {
  JsonValue out;
  ASSERT_EQ(ParseJson(R"({"a":2.50,"b":[1,-3,1e300],"c":null,"d":true})", 5, out).what,
            What::kNone);
  EXPECT_EQ(out.members[0].value.text, "2.50");
  EXPECT_EQ(WriteJson(out, 0).substr(0, 11), R"({"a":2.50,")");
}

TEST(Json, WritesWhatItRead) {
  const std::string text = R"({"名":"「値」\n\t\"\\","空":{},"列":[],"数":[1,2]})";
  JsonValue out;
  ASSERT_EQ(ParseJson(text, 5, out).what, What::kNone);
  EXPECT_EQ(WriteJson(out, 0), text);
  EXPECT_EQ(WriteJson(out, 2),
            "{\n  \"名\": \"「値」\\n\\t\\\"\\\\\",\n  \"空\": {},\n  \"列\": [],\n"
            "  \"数\": [\n    1,\n    2\n  ]\n}");
}

TEST(Json, EscapesWhatCouldSteerATerminal) {
  EXPECT_EQ(WriteJson(JsonString("\x1b[2J\u009b\u202e\x7f\xFF"), 0),
            R"("\u001b[2J\u009b\u202e\u007f\ufffd")");
}

TEST(Json, SaysWhereTheGrammarBreaks) {
  const JsonFault fault = Fault("{\n  \"a\": 1,\n  \"b\": x\n}");
  EXPECT_EQ(fault.what, What::kSyntax);
  EXPECT_EQ(fault.line, 3U);
  EXPECT_EQ(fault.column, 8U);
}

TEST(Json, RefusesWhatIsNotStrictJson) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "// x\n1", "NaN", "01", "+1",
                           "\"\x01\"", "\"\xFF\"", "\"\\ud800\"", "1 2", "{\"a\" 1}", "nul"}) {
    EXPECT_EQ(Fault(text).what, What::kSyntax) << text;
  }
}

TEST(Json, RefusesNumbersLargerThanAny) {
  EXPECT_EQ(Fault("[1,\n1e400]").what, What::kNumber);
  EXPECT_EQ(Fault("[1,\n1e400]").line, 2U);
}

TEST(Json, RefusesAKeyTwice) {
  const JsonFault fault = Fault(R"({"a":{"b":1,"b":2}})");
  EXPECT_EQ(fault.what, What::kDuplicateKey);
  EXPECT_EQ(fault.key, "b");
  EXPECT_EQ(Fault(R"([{"b":1},{"b":2}])").what, What::kNone);
}

TEST(Json, RefusesTooManyLevels) {
  EXPECT_EQ(Fault("[[[[[1]]]]]", 5).what, What::kNone);
  EXPECT_EQ(Fault("[[[[[[1]]]]]]", 5).what, What::kDepth);
  EXPECT_EQ(Fault(std::string(1000000, '['), 5).what, What::kDepth);
}

TEST(Json, RefusesTooManyValues) {
  const auto list = [](std::size_t count) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) {
      text += i > 0 ? ",1" : "1";
    }
    return text + "]";
  };
  EXPECT_EQ(Fault(list(kMaxJsonValues - 1)).what, What::kNone);  // the list counts as one
  EXPECT_EQ(Fault(list(kMaxJsonValues)).what, What::kTooMany);
}

}  // namespace
}  // namespace renkei::documents
