#include "domain/queue_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace marconi::domain {
namespace {

using testing::Optional;

QueueOptions options_of(std::string json) {
  const auto metadata = QueueMetadata::from_json(std::move(json));
  EXPECT_TRUE(metadata.has_value());
  return metadata.value_or(QueueMetadata()).options();
}

std::string attribute(const std::string& name, const std::string& value) {
  return "{\"" + name + "\": " + value + "}";
}

/// Values that no integer attribute takes notice of.
const auto kNoIntegers = {"null",   "false", "0",   "-0",   "\"\"",        "[]", "{}",
                          "\"60\"", "60.0",  "6e1", "[60]", "{\"a\": 60}", "0.0"};

TEST(QueueMetadata, IsAnEmptyObjectByDefault) {
  const QueueMetadata metadata;
  EXPECT_EQ(metadata.json(), "{}");
  EXPECT_FALSE(metadata.options().default_message_ttl_seconds);
  EXPECT_FALSE(metadata.options().default_message_delay_seconds);
  EXPECT_FALSE(metadata.options().max_messages_post_bytes);
  EXPECT_FALSE(metadata.options().dead_letter);
  EXPECT_FALSE(metadata.options().encrypt_messages);
}

TEST(QueueMetadata, KeepsOrderAndValues) {
  const auto metadata =
      QueueMetadata::from_json(R"( {"z":1.10,"a":{"n":[1, 2]},"_max_claim_count":"x","é":null} )");
  EXPECT_EQ(metadata->json(),
            R"({"z": 1.10, "a": {"n":[1, 2]}, "_max_claim_count": "x", "é": null})");
  EXPECT_EQ(QueueMetadata::from_json(metadata->json())->json(), metadata->json());
}

TEST(QueueMetadata, TakesTheLastValueOfARepeatedName) {
  const auto metadata = QueueMetadata::from_json(
      R"({"_default_message_ttl": 60, "b": 1, "\u005fdefault_message_ttl": 90})");
  EXPECT_EQ(metadata->json(), R"({"_default_message_ttl": 90, "b": 1})");
  EXPECT_THAT(metadata->options().default_message_ttl_seconds, Optional(90));
}

TEST(QueueMetadata, RefusesWhatIsNoObject) {
  for (const auto* json : {"", "[]", "null", "1", "\"{}\"", "{", "{\"a\": 1} {}", "{\"a\": NaN}",
                           "{\"a\": 99999999999999999999}"}) {
    const auto metadata = QueueMetadata::from_json(json);
    ASSERT_FALSE(metadata.has_value()) << json;
    EXPECT_EQ(metadata.error().kind, base::ErrorKind::invalid) << json;
  }
}

TEST(QueueMetadata, ReadsIntegerAttributesWithBooleansCountingAsOne) {
  EXPECT_THAT(options_of(R"({"_default_message_ttl": 90})").default_message_ttl_seconds,
              Optional(90));
  EXPECT_THAT(options_of(R"({"_default_message_delay": 5})").default_message_delay_seconds,
              Optional(5));
  EXPECT_THAT(options_of(R"({"_default_message_delay": true})").default_message_delay_seconds,
              Optional(1));
  EXPECT_THAT(options_of(R"({"_max_messages_post_size": 1024})").max_messages_post_bytes,
              Optional(1024));
}

TEST(QueueMetadata, GivesNoEffectToFalsyOrUnusableIntegers) {
  for (const std::string value : kNoIntegers) {
    EXPECT_FALSE(options_of(attribute("_default_message_ttl", value)).default_message_ttl_seconds)
        << value;
    EXPECT_FALSE(
        options_of(attribute("_default_message_delay", value)).default_message_delay_seconds)
        << value;
    EXPECT_FALSE(options_of(attribute("_max_messages_post_size", value)).max_messages_post_bytes)
        << value;
  }
}

TEST(QueueMetadata, EncryptsOnlyIfTheAttributeIsTrue) {
  EXPECT_TRUE(options_of(attribute("_enable_encrypt_messages", "true")).encrypt_messages);
  for (const std::string value : {"false", "null", "0", "1", "\"true\"", "[]", "{}"}) {
    EXPECT_FALSE(options_of(attribute("_enable_encrypt_messages", value)).encrypt_messages)
        << value;
  }
}

TEST(DeadLetterPolicy, NeedsBothOfItsAttributes) {
  const auto policy =
      options_of(R"({"_max_claim_count": 3, "_dead_letter_queue": "dead"})").dead_letter;
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->queue.text(), "dead");
  EXPECT_EQ(policy->max_claim_count, 3);
  EXPECT_EQ(policy->ttl_seconds, std::nullopt);
  EXPECT_FALSE(options_of(R"({"_max_claim_count": 3})").dead_letter);
  EXPECT_FALSE(options_of(R"({"_dead_letter_queue": "dead"})").dead_letter);
}

TEST(DeadLetterPolicy, TakesAnyIntegerAsCountAndBooleansAsOneAndZero) {
  const auto count_for = [](const std::string& value) -> std::optional<std::int64_t> {
    const auto policy =
        options_of(R"({"_dead_letter_queue": "dead", "_max_claim_count": )" + value + "}")
            .dead_letter;
    return policy ? std::optional(policy->max_claim_count) : std::nullopt;
  };
  EXPECT_THAT(count_for("0"), Optional(0));
  EXPECT_THAT(count_for("-2"), Optional(-2));
  EXPECT_THAT(count_for("true"), Optional(1));
  EXPECT_THAT(count_for("false"), Optional(0));
  for (const auto* value : {"null", "\"3\"", "3.0", "[]", "{}", "\"\""}) {
    EXPECT_EQ(count_for(value), std::nullopt) << value;
  }
}

TEST(DeadLetterPolicy, NeedsAValidQueueName) {
  for (const std::string name : {"null", "1", "true", "[\"dead\"]", "\"\"", "\"a b\"",
                                 "\"dead\\n\"", "\"dead\\u0000\"", "\"caf\\u00e9\""}) {
    EXPECT_FALSE(
        options_of(R"({"_max_claim_count": 1, "_dead_letter_queue": )" + name + "}").dead_letter)
        << name;
  }
  EXPECT_EQ(options_of(R"({"_max_claim_count": 1, "_dead_letter_queue": "\u0064"})")
                .dead_letter->queue.text(),
            "d");
}

TEST(DeadLetterPolicy, HasATtlOnlyIfThatIsATruthyInteger) {
  const auto ttl_for = [](const std::string& value) {
    return options_of(R"({"_max_claim_count": 1, "_dead_letter_queue": "d",)"
                      R"( "_dead_letter_queue_messages_ttl": )" +
                      value + "}")
        .dead_letter.value()
        .ttl_seconds;
  };
  EXPECT_THAT(ttl_for("120"), Optional(120));
  for (const std::string value : kNoIntegers) EXPECT_EQ(ttl_for(value), std::nullopt) << value;
}

}  // namespace
}  // namespace marconi::domain
