// The bytes of documents, as the reference service writes them, and the reading of all it ever
// wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "storage/mongodb/client.h"
#include "storage/mongodb/documents.h"
#include "storage/mongodb/json_values.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

namespace {

using domain::ClientId;
using domain::ProjectId;
using domain::QueueName;
using testing::ElementsAre;

constexpr base::UtcMillis kNow = 1'795'569'007'250;
const ClientId kClient("3381af92-2b9e-11e3-b191-71861300734c");

ObjectId object_id(std::string_view hex) { return ObjectId::from(hex).value(); }

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char octet : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(octet) >> 4];
    text += kDigits[static_cast<unsigned char>(octet) & 15];
  }
  return text;
}

/// Names and types of a document's members, those of inner documents in parentheses.
std::string shape(BsonView document) {
  std::string text;
  for (const auto& element : document.elements()) {
    text += std::string(element.name) + ":" + std::to_string(static_cast<int>(element.value.type));
    if (element.value.type == BsonType::document) {
      text += "(" + shape(*element.value.as_document()) + ")";
    }
    text += " ";
  }
  return text;
}

Draft draft(std::string_view body) {
  return Draft::of({.body = body, .ttl_seconds = 300, .checksum = ""}, kClient,
                   object_id("6b05e2ef0102030405060708"), Moment(kNow));
}

// ---- bytes --------------------------------------------------------------------------------

TEST(Bson, writes_the_bytes_of_the_format) {
  EXPECT_EQ(hex(Document().bytes()), "0500000000");
  EXPECT_EQ(hex(Document{{"hello", "world"}}.bytes()),
            "160000000268656c6c6f0006000000776f726c640000");  // the example of bsonspec.org
  EXPECT_EQ(hex(Document{{"i", 1}}.bytes()), "0c0000001069000100000000");
  EXPECT_EQ(hex(Document{{"i", std::int64_t{1} << 31}}.bytes()),
            "100000001269000000008000000000"
            "00");
  EXPECT_EQ(hex(Document{{"d", Date{1}}}.bytes()), "10000000096400010000000000000000");
  EXPECT_EQ(hex(Document{{"n", nullptr}, {"t", true}}.bytes()), "0c0000000a6e000874000100");
  Array array;
  array.append(7);
  EXPECT_EQ(hex(Document{{"a", array}}.bytes()),
            "140000000461000c0000001030000700000000"
            "00");
}

TEST(Bson, a_document_cut_anywhere_reads_as_fewer_members) {
  const Document whole{{"a", 1}, {"b", "text"}, {"c", Document{{"d", ObjectId{}}}}, {"e", 1.5}};
  for (std::size_t size = 0; size < whole.bytes().size(); ++size) {
    const std::string cut = whole.bytes().substr(0, size);
    EXPECT_LE(BsonView(cut).elements().size(), 4U);
    EXPECT_LE(BsonView(cut).find("e").has_value(), size == whole.bytes().size() - 1);
  }
}

TEST(ObjectIds, text_and_second_of_an_id) {
  const std::string text = "6b05e2ef0102030405060708";
  EXPECT_EQ(object_id(text).to_string(), text);
  EXPECT_EQ(object_id(text).second(), 0x6b05e2ef);
  for (const auto* odd : {"", "6b05e2ef010203040506070", "6B05E2EF0102030405060708",
                          "6b05e2ef0102030405060708 ", "5b0c9f3e-77f1-4d7a-9a54-2f4c1f6f8a01"}) {
    EXPECT_FALSE(ObjectId::from(odd)) << odd;
  }
}

TEST(ObjectIds, ids_of_one_second_differ) {
  base::SystemRandom random;
  ObjectIds ids(random);
  const auto one = ids.make(1'795'569'007);
  const auto other = ids.make(1'795'569'007);
  EXPECT_NE(one, other);
  EXPECT_EQ(one.second(), 1'795'569'007);
  EXPECT_NE(ObjectIds(random).make(1).to_string().substr(8, 10), one.to_string().substr(8, 10));
}

// ---- places -------------------------------------------------------------------------------

// ---- greetings --------------------------------------------------------------------------------

TEST(Greetings, reads_are_as_safe_as_the_server_can_make_them) {
  const auto reads_of = [](Document greeting, int wire_version) {
    return Greeting::of(greeting.append({"maxWireVersion", wire_version}).view()).safest_reads;
  };
  const Document member{{"setName", "rs0"}};
  const Document router{{"msg", "isdbgrid"}};
  EXPECT_EQ(reads_of({}, 17), ReadLevel::any) << "a single node undoes nothing";
  EXPECT_EQ(reads_of(member, 9), ReadLevel::committed);
  EXPECT_EQ(reads_of(member, 13), ReadLevel::snapshot);
  EXPECT_EQ(reads_of(router, 9), ReadLevel::committed);
  EXPECT_EQ(reads_of(router, 13), ReadLevel::snapshot) << "or pages have gaps";
}

TEST(Placement, queues_lie_in_the_partitions_of_the_reference_service) {
  const auto partitions = [](std::string_view scope) {
    return std::vector{partition_of(scope, 2), partition_of(scope, 4), partition_of(scope, 8)};
  };
  EXPECT_THAT(partitions("proj/q"), ElementsAre(1, 3, 7));
  EXPECT_THAT(partitions("/q"), ElementsAre(1, 3, 7));
  EXPECT_THAT(partitions("7e55e1a7e/kitkat"), ElementsAre(1, 1, 1));
  EXPECT_THAT(partitions("proj/caf\u00e9"), ElementsAre(0, 2, 6));
}

TEST(Placement, scopes_name_project_and_queue) {
  const auto name = *QueueName::from("q");
  EXPECT_EQ(scope_of({ProjectId("proj"), name}), "proj/q");
  EXPECT_EQ(scope_of({ProjectId(), name}), "/q");
  EXPECT_EQ(scope_of({ProjectId("\xe9"), name}), "\u00e9/q");
}

TEST(Placement, databases_are_named_as_the_reference_service_names_them) {
  Placement placement{.management_database = "m", .message_database = "z", .partitions = 2};
  EXPECT_EQ(placement.queues().database, "m_queues");
  EXPECT_EQ(placement.queues().collection, "queues");
  EXPECT_EQ(placement.messages("proj/q").database, "z_messages_p1");
  EXPECT_EQ(placement.messages("proj/q").collection, "messages");
  placement.fifo = true;
  EXPECT_EQ(placement.messages("proj/q").database, "z_messages_fifo_p1");
}

// ---- documents ----------------------------------------------------------------------------

TEST(Documents, a_message_has_the_reference_services_members_in_their_order_and_types) {
  const auto document = message_document(draft(R"({"x": 1})"), "proj/q", 1, std::nullopt);
  EXPECT_EQ(shape(document.view()),
            "_id:7 p_q:2 t:16 e:9 u:5 c:3(id:10 e:16 c:16 ) d:16 b:3(x:16 ) k:16 tx:10 at:9 ");
}

TEST(Documents, a_message_to_the_byte) {
  const auto document = message_document(draft(R"({"x": 1})"), "proj/q", 1, std::nullopt);
  EXPECT_EQ(hex(document.bytes()),
            "97000000"                                              // size
            "075f6964006b05e2ef0102030405060708"                    // _id
            "02705f71000700000070726f6a2f7100"                      // p_q: "proj/q"
            "1074002c010000"                                        // t: 300
            "09650060514510a2010000"                                // e: the second 1795569308
            "05750010000000043381af922b9e11e3b19171861300734c"      // u: subtype 4
            "036300170000000a696400106500000000001063000000000000"  // c: {id: null, e: 0, c: 0}
            "10640000000000"                                        // d: 0
            "0362000c0000001078000100000000"                        // b: {x: 1}
            "106b0001000000"                                        // k: 1
            "0a747800"                                              // tx: null
            "0961740092ba4010a2010000"  // at: the millisecond 1795569007250
            "00");
}

TEST(Documents, large_numbers_are_wide_and_a_tag_hides_the_message) {
  const auto tag = object_id("6b05e2ef0102030405060709");
  auto delayed = draft("1");
  delayed.delayed_until = 1'795'569'037;
  delayed.checksum = "MD5:x";
  const auto document = message_document(delayed, "proj/q", std::int64_t{1} << 50, tag);
  EXPECT_EQ(shape(document.view()),
            "_id:7 p_q:2 t:16 e:9 u:5 c:3(id:10 e:16 c:16 ) d:16 b:16 k:18 tx:7 cs:2 at:9 ");
  EXPECT_EQ(document.find("tx")->as_object_id(), tag);
}

TEST(Documents, a_client_id_that_is_no_uuid_is_kept_as_text) {
  EXPECT_EQ(client_member("u", ClientId("worker 7")).type, BsonType::string);
  EXPECT_EQ(client_member("u", kClient).type, BsonType::binary);
}

TEST(Documents, what_was_written_reads_back) {
  const auto message = read_message(
      message_document(draft("[1.10]"), "proj/q", 42, std::nullopt).view(), Moment(kNow + 2'000));
  EXPECT_EQ(message.id.text, "6b05e2ef0102030405060708");
  EXPECT_EQ(message.marker.value, 42U);
  EXPECT_EQ(message.body, "[1.10]");
  EXPECT_EQ(message.ttl_seconds, 300);
  EXPECT_EQ(message.age_seconds, 2);
  EXPECT_FALSE(message.claim);
  EXPECT_EQ(message.claim_count, 0);
}

TEST(Documents, whatever_the_reference_service_wrote_reads) {
  const auto claim = object_id("6b05e2ef010203040506070a");
  // Numbers of each type, no `d`, no `c.c`, no `tx`, as after a renewal by an old release.
  const Document old{{"_id", object_id("6b05e2ef0102030405060708")},
                     {"p_q", "proj/q"},
                     {"t", 300.0},
                     {"c", Document{{"id", claim}, {"t", 60}, {"e", 1'795'569'067.0}}},
                     {"b", Document{{"x", 1}}},
                     {"k", std::int64_t{1} << 40}};
  const auto message = read_message(old.view(), Moment(kNow));
  EXPECT_EQ(message.ttl_seconds, 300);
  EXPECT_EQ(message.marker.value, std::uint64_t{1} << 40);
  EXPECT_EQ(message.claim, domain::ClaimId{claim.to_string()});
  EXPECT_EQ(message.claim_count, 0);
  EXPECT_EQ(message.body, R"({"x": 1})");
  EXPECT_EQ(message.age_seconds, 1'795'569'007 - 0x6b05e2ef);
  EXPECT_FALSE(read_message(old.view(), Moment(1'795'569'067'000)).claim) << "it has ended";
}

TEST(Documents, a_queue_starts_with_its_counter) {
  const auto metadata = domain::QueueMetadata::from_json(R"({"a": 1})").value();
  const auto document =
      queue_document(object_id("6b05e2ef0102030405060708"), "proj/q", metadata, 1);
  EXPECT_EQ(shape(document.view()), "_id:7 p_q:2 m:3(a:16 ) c:3(v:16 t:16 ) ");
  EXPECT_EQ(read_metadata(document.view())->json(), R"({"a": 1})");
}

TEST(Documents, metadata_that_the_reference_service_replaced_is_what_it_wrote) {
  const auto metadata = domain::QueueMetadata::from_json(R"({"a": 1.10})").value();
  const auto document =
      queue_document(object_id("6b05e2ef0102030405060708"), "proj/q", metadata, 1);
  EXPECT_EQ(read_metadata(document.view())->json(), R"({"a": 1.10})");
  Document replaced{{"m", Document{{"a", 2}}}, {"r", *document.find("r")}};
  EXPECT_EQ(read_metadata(replaced.view())->json(), R"({"a": 2})");
}

// ---- JSON ---------------------------------------------------------------------------------

TEST(JsonValues, values_keep_their_types) {
  Document document;
  append_json(document, "b",
              R"({"i": 1, "w": 4294967296, "r": 1.5, "s": "\u00e9\u0000", "n": null, "t": true,
                  "a": [1, {}]})");
  EXPECT_EQ(shape(document.view()), "b:3(i:16 w:18 r:1 s:2 n:10 t:8 a:4 ) ");
  EXPECT_EQ(to_json(*document.find("b")),
            "{\"i\": 1, \"w\": 4294967296, \"r\": 1.5, \"s\": \"\u00e9\\u0000\", \"n\": null, "
            "\"t\": true, \"a\": [1, {}]}");
}

TEST(JsonValues, real_numbers_stay_real) {
  for (const auto* text : {"1.0", "-0.0", "0.1", "1e+100", "123456789.125"}) {
    Document document;
    append_json(document, "b", text);
    EXPECT_EQ(document.find("b")->type, BsonType::real) << text;
    EXPECT_EQ(to_json(*document.find("b")), text);
  }
}

TEST(JsonValues, what_the_database_cannot_hold_is_kept_as_text) {
  const std::string deep = std::string(95, '[') + std::string(95, ']');
  for (const auto& text :
       {std::string("123456789012345678901234567890"), deep, std::string(R"([{"\u0000": 1}])")}) {
    Document document;
    append_json(document, "b", text);
    EXPECT_EQ(document.find("b")->as_text(), text);
    EXPECT_EQ(
        read_message(message_document(draft(text), "q", 1, std::nullopt).view(), Moment(kNow)).body,
        text);
  }
}

}  // namespace

}  // namespace marconi::storage::mongodb
