// Answer documents: messages, claims, queues and statistics as JSON text (http-v1 §5 to §10,
// http-v1.1 §8, http-v2 §10). Pure functions; message bodies are copied byte for byte.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/version.h"
#include "domain/message.h"
#include "domain/names.h"
#include "domain/queue_metadata.h"

namespace marconi::api {

/// The path of a queue's messages or claims, which hrefs start with.
[[nodiscard]] std::string collection_path(Version version, const domain::QueueName& queue,
                                          std::string_view collection);

/// How messages look in one answer.
struct MessageForm {
  Version version = Version::v2;
  std::string_view collection;             ///< the path of the queue's messages
  const domain::ClaimId* claim = nullptr;  ///< in answers about a claim: that claim
};

void append_message(std::string& out, const domain::Message& message, const MessageForm& form);

/// A JSON array of messages.
void append_messages(std::string& out, std::span<const domain::Message> messages,
                     const MessageForm& form);

/// A message as pop returns it: without href, for it is gone.
void append_popped_message(std::string& out, const domain::Message& message);

/// The document of a claim. `href` is the claim's path.
[[nodiscard]] std::string claim_document(const domain::Claim& claim, const MessageForm& form,
                                         std::string_view href);

/// A JSON array of the hrefs of messages.
void append_hrefs(std::string& out, std::span<const domain::MessageId> ids,
                  std::string_view collection);

/// The `Location` of posted messages: the collection, with the ids unless there are too many.
[[nodiscard]] std::string posted_location(std::span<const domain::MessageId> ids,
                                          std::string_view collection, std::size_t max_ids);

/// The statistics of a queue.
[[nodiscard]] std::string stats_document(const domain::QueueStats& stats,
                                         std::string_view collection);

/// How many bytes a list of messages will take, about.
[[nodiscard]] std::size_t estimated_size(std::span<const domain::Message> messages,
                                         const MessageForm& form);

}  // namespace marconi::api
