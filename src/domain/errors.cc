#include "domain/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/limits.h"

namespace marconi::domain::errors {

namespace {

using base::ErrorKind;

Error not_found(ErrorKind kind, std::string description) {
  return {kind, "Not found", std::move(description)};
}

Error unable_to_delete(ErrorKind kind, std::string description) {
  return {kind, "Unable to delete", std::move(description)};
}

/// The id as the reference quotes it: in single quotes, or in double ones if it contains a single
/// quote and no double one; what would break the line is escaped.
std::string quoted(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out += quote;
}

}  // namespace

Error invalid_request(std::string description) {
  return {ErrorKind::invalid, "Invalid API request", std::move(description)};
}

Error unavailable(std::string_view what_failed) {
  return {ErrorKind::unavailable, "Service temporarily unavailable",
          fmt::format("{} Please try again in a few seconds.", what_failed)};
}

Error queue_missing(const QueueAddress& queue) {
  return not_found(ErrorKind::queue_missing,
                   fmt::format("Queue {} does not exist for project {}", queue.name.text(),
                               queue.project.display()));
}

Error message_missing(const MessageId& id, const QueueAddress& queue) {
  return not_found(ErrorKind::message_missing,
                   fmt::format("Message {} does not exist in queue {} for project {}", id.text,
                               queue.name.text(), queue.project.display()));
}

Error messages_missing(std::span<const MessageId> ids, const QueueAddress& queue) {
  std::string list;
  for (const MessageId& id : ids) {
    if (!list.empty()) list += ", ";
    list += quoted(id.text);
  }
  return not_found(ErrorKind::message_missing,
                   fmt::format("No messages with IDs: [{}] found in the queue {} for project {}.",
                               list, queue.name.text(), queue.project.display()));
}

Error claim_missing(const ClaimId& id, const QueueAddress& queue) {
  return not_found(ErrorKind::claim_missing,
                   fmt::format("Claim {} does not exist in queue {} for project {}", id.text,
                               queue.name.text(), queue.project.display()));
}

Error queue_limit_out_of_range(std::int64_t max) {
  return invalid_request(fmt::format("Limit must be at least 1 and no greater than {}.", max));
}

Error message_limit_out_of_range(std::int64_t max) {
  return invalid_request(
      fmt::format("Limit must be at least 1 and may not be greater than {}.", max));
}

Error pop_out_of_range(std::int64_t max) {
  return invalid_request(
      fmt::format("Pop value must be at least 1 and may not be greater than {}.", max));
}

Error id_count_out_of_range(std::int64_t max) {
  return invalid_request(
      fmt::format("ids parameter should have at least 1 and not greater than {} values.", max));
}

Error metadata_too_large(std::int64_t max_bytes) {
  return invalid_request(fmt::format("Queue metadata is too large. Max size: {}", max_bytes));
}

Error post_too_large(std::int64_t max_bytes) {
  return invalid_request(
      fmt::format("Message collection size is too large. Max size {}", max_bytes));
}

Error post_too_large_for_queue(std::int64_t configured_bytes, std::int64_t queue_bytes) {
  return invalid_request(fmt::format(
      "Message collection size is too large. The max size for current queue is {}. It is "
      "calculated by max size = min(max_messages_post_size_config: {}, "
      "max_messages_post_size_queue: {}).",
      std::min(configured_bytes, queue_bytes), configured_bytes, queue_bytes));
}

Error too_many_messages(std::int64_t max) {
  return invalid_request(fmt::format("A request may post at most {} messages.", max));
}

Error message_ttl_out_of_range(std::int64_t max_seconds) {
  return invalid_request(
      fmt::format("The TTL for a message may not exceed {} seconds, and must be at least {} "
                  "seconds long.",
                  max_seconds, kMinMessageTtlSeconds));
}

Error message_delay_out_of_range(std::int64_t max_seconds) {
  // There is no space after the comma on the wire.
  return invalid_request(
      fmt::format("The Delay TTL for a message may not exceed {} seconds,and must be at least 0 "
                  "seconds long.",
                  max_seconds));
}

Error claim_ttl_out_of_range(std::int64_t max_seconds) {
  return invalid_request(
      fmt::format("The TTL for a claim may not exceed {} seconds, and must be at least {} seconds "
                  "long.",
                  max_seconds, kMinClaimTtlSeconds));
}

Error claim_grace_out_of_range(std::int64_t max_seconds) {
  return invalid_request(
      fmt::format("The grace for a claim may not exceed {} seconds, and must be at least {} "
                  "seconds long.",
                  max_seconds, kMinClaimGraceSeconds));
}

Error no_messages() { return invalid_request("No messages to enqueu."); }

Error message_claimed() {
  return unable_to_delete(ErrorKind::forbidden,
                          "This message is claimed; it cannot be deleted without a valid claim "
                          "ID.");
}

Error message_not_claimed() {
  return unable_to_delete(ErrorKind::invalid,
                          "A claim was specified, but the message is not currently claimed.");
}

Error claim_not_found() {
  return unable_to_delete(ErrorKind::invalid, "The specified claim does not exist or has expired.");
}

Error nothing_to_replace(std::string_view key) {
  return {ErrorKind::conflict, "Resource conflict",
          fmt::format("Can't replace non-existent object {}.", key)};
}

Error nothing_to_remove(std::string_view key) {
  return {ErrorKind::conflict, "Resource conflict",
          fmt::format("Can't remove non-existent object {}.", key)};
}

}  // namespace marconi::domain::errors
