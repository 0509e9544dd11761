#include "api/documents.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>

#include "encoding/json_text.h"

namespace marconi::api {

using domain::Message;
using domain::MessageId;

namespace {

void append_number(std::string& out, std::int64_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

/// The claim that the href of a message names: in v1 only answers about a claim name it.
const domain::ClaimId* claim_in_href(const Message& message, const MessageForm& form) {
  if (form.claim) return form.claim;
  return form.version != Version::v1 && message.claim ? &*message.claim : nullptr;
}

void append_href(std::string& out, std::string_view collection, const MessageId& id) {
  out += '"';
  out += collection;
  out += '/';
  out += id.text;
}

void append_checksum(std::string& out, const Message& message) {
  if (message.checksum.empty()) return;
  out += ", \"checksum\": \"";
  out += message.checksum;
  out += '"';
}

std::string utc_text(std::int64_t utc_seconds) {
  using namespace std::chrono;
  const sys_seconds instant{seconds(utc_seconds)};
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(instant - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

void append_summary(std::string& out, std::string_view name, const domain::MessageSummary& message,
                    std::string_view collection) {
  out += fmt::format(", \"{}\": {{\"age\": {}, \"created\": \"{}\", \"href\": ", name,
                     message.age_seconds, utc_text(message.created_utc_seconds));
  append_href(out, collection, message.id);
  out += "\"}";
}

}  // namespace

std::string collection_path(Version version, const domain::QueueName& queue,
                            std::string_view collection) {
  const std::string_view prefix = prefix_of(version);
  std::string path;
  path.reserve(prefix.size() + queue.text().size() + collection.size() + 10);
  path += prefix;
  path += "/queues/";
  path += queue.text();
  path += '/';
  path += collection;
  return path;
}

void append_message(std::string& out, const Message& message, const MessageForm& form) {
  if (form.version == Version::v1) {
    out += "{\"href\": \"";
  } else {
    out += "{\"id\": \"";
    out += message.id.text;
    out += "\", \"href\": \"";
  }
  out += form.collection;
  out += '/';
  out += message.id.text;
  if (const domain::ClaimId* claim = claim_in_href(message, form)) {
    out += "?claim_id=";
    out += claim->text;
  }
  out += "\", \"ttl\": ";
  append_number(out, message.ttl_seconds);
  out += ", \"age\": ";
  append_number(out, message.age_seconds);
  out += ", \"body\": ";
  out += message.body;
  if (form.version != Version::v1) append_checksum(out, message);
  out += '}';
}

void append_messages(std::string& out, std::span<const Message> messages, const MessageForm& form) {
  out += '[';
  for (const Message& message : messages) {
    if (&message != messages.data()) out += ", ";
    append_message(out, message, form);
  }
  out += ']';
}

void append_popped_message(std::string& out, const Message& message) {
  out += "{\"id\": \"";
  out += message.id.text;
  out += "\", \"age\": ";
  append_number(out, message.age_seconds);
  out += ", \"ttl\": ";
  append_number(out, message.ttl_seconds);
  out += ", \"body\": ";
  out += message.body;
  out += ", \"claim_id\": null, \"claim_count\": ";
  append_number(out, message.claim_count);
  append_checksum(out, message);
  out += '}';
}

std::string claim_document(const domain::Claim& claim, const MessageForm& form,
                           std::string_view href) {
  std::string out;
  out.reserve(estimated_size(claim.messages, form));
  out += "{\"age\": ";
  append_number(out, claim.age_seconds);
  out += ", \"ttl\": ";
  append_number(out, claim.ttl_seconds);
  out += ", \"messages\": ";
  append_messages(out, claim.messages, form);
  out += ", \"href\": ";
  encoding::append_json_string(out, href);
  out += '}';
  return out;
}

void append_hrefs(std::string& out, std::span<const MessageId> ids, std::string_view collection) {
  out += '[';
  for (const MessageId& id : ids) {
    if (&id != ids.data()) out += ", ";
    append_href(out, collection, id);
    out += '"';
  }
  out += ']';
}

std::string posted_location(std::span<const MessageId> ids, std::string_view collection,
                            std::size_t max_ids) {
  if (ids.size() > max_ids) return std::string(collection);
  constexpr std::size_t kAroundId = 48;  // an id and what leads up to it
  std::string out;
  out.reserve(collection.size() + ids.size() * kAroundId);
  out += collection;
  for (const MessageId& id : ids) {
    out += &id == ids.data() ? "?ids=" : ",";
    out += id.text;
  }
  return out;
}

std::string stats_document(const domain::QueueStats& stats, std::string_view collection) {
  std::string out = fmt::format("{{\"messages\": {{\"claimed\": {}, \"free\": {}, \"total\": {}",
                                stats.claimed, stats.total - stats.claimed, stats.total);
  if (stats.newest) append_summary(out, "newest", *stats.newest, collection);
  if (stats.oldest) append_summary(out, "oldest", *stats.oldest, collection);
  out += "}}";
  return out;
}

std::size_t estimated_size(std::span<const Message> messages, const MessageForm& form) {
  constexpr std::size_t kAroundList = 256;
  constexpr std::size_t kAroundMessage = 224;  // names, two ids, a claim, a checksum, numbers
  std::size_t size = kAroundList;
  for (const Message& message : messages) {
    size += message.body.size() + form.collection.size() + kAroundMessage;
  }
  return size;
}

}  // namespace marconi::api
