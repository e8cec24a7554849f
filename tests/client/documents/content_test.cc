#include "client/documents/content.h"

#include <gtest/gtest.h>

#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

Bytes Raw(const std::string& text) {
  return ToBytes(std::string_view(text));
}

TEST(ContentBytes, OpenWhatWasSerialized) {
  Content content;
  content.mutable_note()->set_text("本文");
  const auto opened = OpenContent(SerializeContent(content));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->kind, Kind::kNote);
  EXPECT_EQ(opened->content->note().text(), "本文");
}

TEST(ContentBytes, AnythingElseIsMalformed) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("\x52\x7f"), std::string(100, '\xFF')}) {
    const auto opened = OpenContent(Raw(text));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), Code::kMalformed);
  }
}

TEST(ContentBytes, ABodyOfANewerVersionIsUnsupported) {
  // Field 99, length-delimited, "x".
  const auto opened = OpenContent(Raw(std::string("\x9a\x06\x01x")));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kUnsupported);
  EXPECT_EQ(KindOf(Raw(std::string("\x9a\x06\x01x"))).error().code(), Code::kUnsupported);
}

TEST(ContentBytes, AnUnknownFieldInAKnownFormIsKept) {
  Content content;
  content.mutable_note()->set_text("x");
  Bytes bytes = SerializeContent(content);
  Append(bytes, AsBytes(std::string_view("\x9a\x06\x01x")));
  const auto opened = OpenContent(bytes);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(SerializeContent(*opened->content), bytes);
}

TEST(ContentBytes, TextMustBeUtf8) {
  const auto opened = OpenContent(Raw(std::string("\x52\x04\x0a\x02\x82\xA0")));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kMalformed);
}

TEST(ContentBytes, SizeIsLimited) {
  Content content;
  content.mutable_note()->set_text(std::string(kMaxContentBytes, 'x'));
  const auto opened = OpenContent(SerializeContent(content));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kTooLarge);
}

TEST(ContentBytes, NestingIsLimited) {
  // Unknown groups, one inside the other.
  const auto opened = OpenContent(Raw(std::string(1000, '\x0b')));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::documents
