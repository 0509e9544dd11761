#include "storage/mongodb/documents.h"

#include <algorithm>
#include <utility>

#include "base/uuid.h"
#include "storage/mongodb/json_values.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::string_view kText = "r";
constexpr std::string_view kPosted = "at";

}  // namespace

void append_text(Document& document, std::string_view value_name, std::string_view json,
                 Document& extras) {
  Document value;
  append_json(value, value_name, json);
  const auto held = *value.find(value_name);
  document.append({value_name, held});
  if (to_json(held) != json) extras.append({kText, json});
}

std::string text_of(BsonView document, std::string_view value_name) {
  const auto value = document.find(value_name);
  if (!value) return "{}";
  const auto text = document.find(kText);
  if (!text || !text->as_text()) return to_json(*value);
  // The reference service may have replaced the value since, not knowing of the text.
  Document same;
  append_json(same, value_name, *text->as_text());
  const auto expected = *same.find(value_name);
  const bool still_true = expected.type == value->type && expected.data == value->data;
  return still_true ? std::string(*text->as_text()) : to_json(*value);
}

Member client_member(std::string_view name, const domain::ClientId& client) {
  const auto uuid = base::Uuid::from_canonical(client.text());
  if (!uuid) return {name, client.text()};
  const std::string_view octets(reinterpret_cast<const char*>(uuid->bytes.data()),
                                uuid->bytes.size());
  return {name, Binary{Binary::kUuid, octets}};
}

// ---- messages -------------------------------------------------------------------------------

Draft Draft::of(const domain::NewMessage& message, const domain::ClientId& client,
                const ObjectId& id, Moment now) {
  return {.id = id,
          .client = {client_member("u", client)},
          .body = std::string(message.body),
          .checksum = message.checksum,
          .posted = now.date(),
          .ttl_seconds = message.ttl_seconds,
          .expires = now.end_after(message.ttl_seconds),
          .delayed_until = message.delay_seconds > 0 ? now.end_after(message.delay_seconds) : 0};
}

Draft Draft::of(BsonView document) {
  const auto client = document.find("u");
  const auto checksum = document.find("cs");
  const auto expires = document.find("e");
  return {.id = document.find("_id")->as_object_id().value_or(ObjectId{}),
          .client = {client ? Member("u", *client) : Member("u", nullptr)},
          .body = text_of(document, "b"),
          .checksum = std::string(checksum ? checksum->as_text().value_or("") : ""),
          .posted = posted_at(document),
          .ttl_seconds = integer_at(document, "t"),
          .expires = (expires ? expires->as_date().value_or(Date{}) : Date{}).millis / 1000,
          .delayed_until = integer_at(document, "d"),
          .claim_count = integer_at(document, "c.c")};
}

Document message_document(const Draft& draft, std::string_view scope, std::int64_t marker,
                          const std::optional<ObjectId>& tag) {
  Document extras{{kPosted, draft.posted}};
  Document document{{"_id", draft.id},
                    {"p_q", scope},
                    {"t", draft.ttl_seconds},
                    {"e", date_of(draft.expires)},
                    {"u", *draft.client.find("u")},
                    {"c", Document{{"id", nullptr}, {"e", 0}, {"c", draft.claim_count}}},
                    {"d", draft.delayed_until}};
  append_text(document, "b", draft.body, extras);
  document.append({"k", marker});
  document.append(tag ? Member("tx", *tag) : Member("tx", nullptr));
  if (!draft.checksum.empty()) document.append({"cs", draft.checksum});
  for (const auto& extra : extras.view().elements()) document.append({extra.name, extra.value});
  return document;
}

domain::Message read_message(BsonView document, Moment now) {
  const auto id = document.find("_id");
  const auto checksum = document.find("cs");
  const auto claim = live_claim(document, now);
  return {.id = {id && id->as_object_id() ? id->as_object_id()->to_string() : std::string()},
          .marker = {static_cast<std::uint64_t>(integer_at(document, "k"))},
          .body = text_of(document, "b"),
          .ttl_seconds = integer_at(document, "t"),
          .age_seconds = now.age_seconds(posted_at(document)),
          .claim = claim ? std::optional(domain::ClaimId{claim->to_string()}) : std::nullopt,
          .claim_count = integer_at(document, "c.c"),
          .checksum = std::string(checksum ? checksum->as_text().value_or("") : "")};
}

Date posted_at(BsonView document) {
  const auto posted = document.find(kPosted);
  if (posted && posted->as_date()) return *posted->as_date();
  const auto id = document.find("_id");
  const auto object_id = id ? id->as_object_id() : std::nullopt;
  return object_id ? date_of(object_id->second()) : Date{};
}

std::optional<ObjectId> live_claim(BsonView document, Moment now) {
  const auto id = document.find("c.id");
  if (!id || integer_at(document, "c.e") <= now.second()) return std::nullopt;
  return id->as_object_id();
}

std::int64_t integer_at(BsonView document, std::string_view path) {
  const auto value = document.find(path);
  return value ? value->as_integer().value_or(0) : 0;
}

// ---- queues -----------------------------------------------------------------------------------

namespace {

bool is_of_new_messages(const PendingPost& post) { return post.from.empty() && !post.beginning; }

/// An entry that is not but a tag.
Document entry_of(const PendingPost& post) {
  if (post.beginning) return {{"t", post.tag}, {"new", true}};
  return {{"t", post.tag}, {"p_q", post.from}};
}

}  // namespace

std::vector<PendingPost> pending_posts(BsonView queue) {
  std::vector<PendingPost> posts;
  const auto pending = queue.find("c.p");
  if (!pending || !pending->as_document()) return posts;
  for (const auto& element : pending->as_document()->elements()) {
    if (const auto tag = element.value.as_object_id()) posts.push_back({*tag});
    const auto entry = element.value.as_document();
    const auto tag = entry ? entry->find("t") : std::nullopt;
    if (!tag || !tag->as_object_id()) continue;
    const auto from = entry->find("p_q");
    if (from && from->as_text()) {
      posts.push_back({.tag = *tag->as_object_id(), .from = std::string(*from->as_text())});
    }
    if (entry->find("new")) posts.push_back(PendingPost::beginning_of(*tag->as_object_id()));
  }
  return posts;
}

Array list_of(const PendingPost& post) {
  Array list;
  if (is_of_new_messages(post)) {
    list.append(post.tag);
  } else {
    list.append(entry_of(post));
  }
  return list;
}

Document striking_off(const PendingPost& post) {
  const auto entry =
      is_of_new_messages(post) ? Member("c.p", post.tag) : Member("c.p", entry_of(post));
  return {{"$pull", Document{entry}}};
}

Document queue_document(const ObjectId& id, std::string_view scope,
                        const domain::QueueMetadata& metadata, std::int64_t first,
                        const std::optional<Array>& pending) {
  Document extras;
  Document document{{"_id", id}, {"p_q", scope}};
  append_text(document, "m", metadata.json(), extras);
  Document counter{{"v", first}, {"t", 0}};
  if (pending) counter.append({"p", *pending});
  document.append({"c", counter});
  for (const auto& extra : extras.view().elements()) document.append({extra.name, extra.value});
  return document;
}

domain::SharedQueueMetadata read_metadata(BsonView queue) {
  auto metadata = domain::QueueMetadata::from_json(text_of(queue, "m"));
  return std::make_shared<const domain::QueueMetadata>(metadata ? *std::move(metadata)
                                                                : domain::QueueMetadata());
}

}  // namespace marconi::storage::mongodb
