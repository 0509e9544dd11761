#include "domain/names.h"

#include <gtest/gtest.h>

#include <string>

namespace marconi::domain {
namespace {

using namespace std::string_literals;

TEST(QueueName, TakesLettersDigitsAndThreeSigns) {
  for (const std::string& text :
       {"a"s, "Z"s, "0"s, "_"s, "."s, ".."s, "-"s, "a.b"s, "My-queue_1.x"s, std::string(64, 'q')}) {
    const auto name = QueueName::from(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->text(), text);
  }
}

TEST(QueueName, RefusesEverythingElse) {
  for (const std::string& text : {""s, std::string(65, 'q'), " "s, "a b"s, "a\n"s, "\n"s, "a/b"s,
                                  "a%20"s, "caf\xC3\xA9"s, "a\0"s, "\0"s, "a:b"s, "a,b"s, "~"s}) {
    EXPECT_FALSE(QueueName::from(text)) << text;
  }
}

TEST(QueueName, IsTakenOrRefusedByEachCharacter) {
  const std::string allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  for (int c = 0; c < 256; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(QueueName::from(text).has_value(), allowed.contains(text.front())) << c;
  }
}

TEST(QueueName, IsCaseSensitive) { EXPECT_NE(QueueName::from("a"), QueueName::from("A")); }

TEST(ProjectId, AnonymousEqualsNoNamedProject) {
  EXPECT_TRUE(ProjectId().is_anonymous());
  EXPECT_EQ(ProjectId().display(), "None");
  EXPECT_EQ(ProjectId(), ProjectId());
  for (const auto* text : {"", "None", "acme"}) {
    EXPECT_FALSE(ProjectId(text).is_anonymous());
    EXPECT_NE(ProjectId(text), ProjectId()) << text;
  }
}

TEST(ProjectId, KeepsItsOctets) {
  EXPECT_EQ(ProjectId("caf\xC3\xA9 \xff").text(), "caf\xC3\xA9 \xff");
  EXPECT_EQ(ProjectId("acme").display(), "acme");
  EXPECT_NE(ProjectId("acme"), ProjectId("Acme"));
}

TEST(QueueAddress, TellsProjectsAndNamesApart) {
  const auto name = *QueueName::from("q");
  EXPECT_EQ((QueueAddress{ProjectId("a"), name}), (QueueAddress{ProjectId("a"), name}));
  EXPECT_NE((QueueAddress{ProjectId("a"), name}), (QueueAddress{ProjectId("b"), name}));
  EXPECT_NE((QueueAddress{ProjectId("a"), name}),
            (QueueAddress{ProjectId("a"), *QueueName::from("p")}));
}

TEST(ClientId, ReadsAUuidInEverySpelling) {
  const ClientId expected("3381af92-2b9e-11e3-b191-71861300734c");
  for (const auto* text :
       {"3381af92-2b9e-11e3-b191-71861300734c", "3381AF92-2B9E-11E3-B191-71861300734C",
        "3381af922b9e11e3b19171861300734c", "{3381af92-2b9e-11e3-b191-71861300734c}",
        "urn:uuid:3381af92-2b9e-11e3-b191-71861300734c", "uuid:3381af922b9e11e3b19171861300734c",
        "3-3-8-1af922b9e11e3b19171861300734c-", "{{3381af922b9e11e3b19171861300734c",
        "3381af92urn:2b9e11e3uuid:b19171861300734c",
        "{urn:uuid:3381AF922b9e11e3b19171861300734c}"}) {
    EXPECT_EQ(ClientId::from_uuid(text), expected) << text;
  }
}

TEST(ClientId, RefusesWhatIsNoUuid) {
  for (const std::string& text :
       {""s, "{}"s, "-"s, "urn:uuid:"s, "me"s, "3381af922b9e11e3b19171861300734"s,
        "3381af922b9e11e3b19171861300734cc"s, "3381af922b9e11e3b19171861300734g"s,
        " 3381af922b9e11e3b19171861300734c"s, "3381af922b9e11e3{}b19171861300734c"s,
        "URN:UUID:3381af922b9e11e3b19171861300734c"s, std::string(36, '-'),
        std::string(32, '\0')}) {
    EXPECT_EQ(ClientId::from_uuid(text), std::nullopt) << text;
  }
}

TEST(ClientId, KeepsOtherTextsVerbatim) {
  EXPECT_EQ(ClientId("Worker 7").text(), "Worker 7");
  EXPECT_NE(ClientId("a"), ClientId("A"));
}

}  // namespace
}  // namespace marconi::domain
