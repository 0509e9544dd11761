// The documents of queues and messages: the reference service's, to the order and type of each
// field, with fields of our own behind them where those cannot say it all. The reference service
// ignores fields it does not know.
//
//   messages   at  when it was posted, to the millisecond, as `_id` has but the second
//              r   the body's text, if `b` does not give it back byte for byte
//              n   the marker, and the life if it changes, that a dead letter under the hold in
//                  `c.id` has in the queue it goes to (see dead_letters.h)
//              l   a dead letter that is about to leave for another partition: the id of the
//              mover's
//                  claim. It says nothing once another claim is in `c.id`
//              m   which removal of this letter's original relied on it last
//   queues     r   the metadata's text, in the same way
//              c.p posts that are committed and may still be invisible (see PendingPost)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/message.h"
#include "domain/names.h"
#include "domain/queue_metadata.h"
#include "storage/mongodb/bson.h"
#include "storage/mongodb/moment.h"

namespace marconi::storage::mongodb {

/// A JSON text as two members, the value and, if needed, the text.
void append_text(Document& document, std::string_view value_name, std::string_view json,
                 Document& extras);

/// The text of the JSON value `value_name`, as it was written if that is known and still true.
[[nodiscard]] std::string text_of(BsonView document, std::string_view value_name);

/// What `u` holds for a client: a UUID as octets, everything else as text.
[[nodiscard]] Member client_member(std::string_view name, const domain::ClientId& client);

// ---- messages -------------------------------------------------------------------------------

/// A message that has its id but no place in the queue yet.
struct Draft {
  ObjectId id;
  Document client;  ///< with the one member `u`
  std::string body;
  std::string checksum;
  Date posted;
  std::int64_t ttl_seconds = 0;
  base::UtcSeconds expires = 0;
  base::UtcSeconds delayed_until = 0;  ///< 0 for none
  std::int64_t claim_count = 0;

  [[nodiscard]] static Draft of(const domain::NewMessage& message, const domain::ClientId& client,
                                const ObjectId& id, Moment now);
  /// Of a message that is to go to another place.
  [[nodiscard]] static Draft of(BsonView document);
};

/// The document of a draft with this marker. With a tag it is invisible.
[[nodiscard]] Document message_document(const Draft& draft, std::string_view scope,
                                        std::int64_t marker, const std::optional<ObjectId>& tag);

/// A message as a listing shows it. What is missing or odd reads as nothing.
[[nodiscard]] domain::Message read_message(BsonView document, Moment now);

/// When a message was posted.
[[nodiscard]] Date posted_at(BsonView document);

/// The claim that holds the message at this moment, if any.
[[nodiscard]] std::optional<ObjectId> live_claim(BsonView document, Moment now);

/// The number at a path; 0 if there is none.
[[nodiscard]] std::int64_t integer_at(BsonView document, std::string_view path);

// ---- queues -----------------------------------------------------------------------------------

/// What is committed and may not be there for all to see yet: new messages that bear the tag in
/// `tx`, or letters in another queue that are held under it. Or a queue that has only just been
/// made, whose counter may lie in front of what its predecessors used.
struct PendingPost {
  ObjectId tag;
  std::string from = {};   ///< the scope of that queue; empty for new messages
  bool beginning = false;  ///< of the queue, whose id is the tag

  [[nodiscard]] static PendingPost beginning_of(const ObjectId& queue) {
    return {.tag = queue, .beginning = true};
  }
};

/// The pending posts that a queue's document names, in order.
[[nodiscard]] std::vector<PendingPost> pending_posts(BsonView queue);

/// A list of this one post, as a queue's document has it, and a change that strikes it off.
[[nodiscard]] Array list_of(const PendingPost& post);
[[nodiscard]] Document striking_off(const PendingPost& post);

/// The document of a new queue whose first message gets the marker `first`. `pending`: a list of
/// what has to be done before that, if anything.
[[nodiscard]] Document queue_document(const ObjectId& id, std::string_view scope,
                                      const domain::QueueMetadata& metadata, std::int64_t first,
                                      const std::optional<Array>& pending = std::nullopt);

/// A queue's metadata. Metadata that the reference service wrote always read.
[[nodiscard]] domain::SharedQueueMetadata read_metadata(BsonView queue);

}  // namespace marconi::storage::mongodb
