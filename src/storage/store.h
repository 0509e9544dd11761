// The storage contract: what every driver does, whatever engine is behind it.
//
// Rules for all calls
//  - Thread-safe. Synchronous: the result is there when the call returns.
//  - With Patience::immediate a call must not wait for a disk or a network: if it would have to,
//    it returns ErrorKind::would_block, having changed nothing, and the caller repeats it on a
//    thread that may wait. Drivers that always block do so for every call.
//  - A write may return before it is durable. It then puts its commit ticket into the Call, as
//    does every answer, errors and no-ops included, that depends on a change not yet durable.
//  - What cannot be done now is ErrorKind::unavailable: nothing was changed, or the outcome is
//    unknown and will be all or nothing.
//  - Everything is scoped by project and queue. An id of another queue is simply unknown.
//  - Expiry, delay and the end of a claim follow the store's clock at the moment of the call.
//    A thing lives while now < its end; its end is its start plus its TTL, in seconds, rounded
//    up to a whole second, so that nothing ends early. A delay of 0 is no delay.
//  - The store's clock follows the wall clock but never goes back, not even across a restart:
//    what a call has once seen to be over stays over.
//  - The markers of a queue go on through a purge, and through removal and creation anew.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/call.h"
#include "base/commit_feed.h"
#include "base/error.h"
#include "domain/ids.h"
#include "domain/message.h"
#include "domain/names.h"
#include "domain/queue_metadata.h"
#include "domain/requests.h"

namespace marconi::storage {

using base::Call;
using base::Result;
using domain::ClaimId;
using domain::ClaimTerms;
using domain::ClientId;
using domain::DeleteOutcome;
using domain::Marker;
using domain::MessageId;
using domain::MessageListRequest;
using domain::ProjectId;
using domain::QueueAddress;
using domain::QueueEntry;
using domain::QueueListRequest;

// ---- queues -------------------------------------------------------------------------------

/// Changes metadata; an error it returns is handed through and nothing is stored.
using MetadataChange =
    std::function<Result<domain::QueueMetadata>(const domain::QueueMetadata& current)>;

class QueueStore {
 public:
  virtual ~QueueStore() = default;

  /// True if this call created the queue; false if it existed, which changes nothing.
  virtual Result<bool> create(Call& call, const QueueAddress& queue,
                              const domain::QueueMetadata& metadata) = 0;

  /// The metadata, or null if the queue does not exist.
  virtual Result<domain::SharedQueueMetadata> find(Call& call, const QueueAddress& queue) = 0;

  /// Replaces the metadata by what `change` makes of it, atomically; returns the new metadata.
  /// `queue_missing` if there is no such queue. `change` may run more than once.
  virtual Result<domain::SharedQueueMetadata> update(Call& call, const QueueAddress& queue,
                                                     const MetadataChange& change) = 0;

  /// Removes the queue with its messages and claims. No error if it does not exist.
  virtual Result<void> remove(Call& call, const QueueAddress& queue) = 0;

  /// Queues of one project in byte order of their names.
  virtual Result<std::vector<QueueEntry>> list(Call& call, const ProjectId& project,
                                               const QueueListRequest& request) = 0;

  /// How many queues the project has.
  virtual Result<std::uint64_t> count(Call& call, const ProjectId& project) = 0;

  /// Exact at the moment of the call; nothing if the queue does not exist.
  virtual Result<std::optional<domain::QueueStats>> stats(Call& call,
                                                          const QueueAddress& queue) = 0;
};

// ---- messages -----------------------------------------------------------------------------

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  /// Stores all messages or none, in order, after everything acknowledged before. Returns the
  /// ids in the same order. At least one message. `queue_missing` if there is no such queue.
  virtual Result<std::vector<MessageId>> post(Call& call, const QueueAddress& queue,
                                              std::span<const domain::NewMessage> messages,
                                              const ClientId& client) = 0;

  /// A gap-free page of one past state of the queue, in order of delivery. Empty if the queue
  /// does not exist.
  virtual Result<std::vector<domain::Message>> list(Call& call, const QueueAddress& queue,
                                                    const MessageListRequest& request) = 0;

  /// Where a message stands in the order of delivery, for clients that page by message id. Drivers
  /// whose ids tell it know it of deleted messages too; nothing if the id is unknown.
  virtual Result<std::optional<Marker>> position(Call& call, const QueueAddress& queue,
                                                 const MessageId& id) = 0;

  /// The messages with these ids, in this order, repeated ids repeated, unknown and expired ones
  /// left out. Claimed and delayed ones are included. Empty if the queue does not exist.
  virtual Result<std::vector<domain::Message>> get(Call& call, const QueueAddress& queue,
                                                   std::span<const MessageId> ids) = 0;

  /// Deletes one message, respecting claims. Without `claim` only a message that no live claim
  /// holds is deleted. The outcome for a message that is not there (or a missing queue) is `done`.
  virtual Result<DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                                       const std::optional<ClaimId>& claim) = 0;

  /// Deletes messages whoever holds them; unknown ids are ignored. Atomic.
  virtual Result<void> remove_many(Call& call, const QueueAddress& queue,
                                   std::span<const MessageId> ids) = 0;

  /// Deletes all of them or none: every message that exists must be held by one of the claims,
  /// else `not_claimed` (some message is held by no live claim) or `claimed` (http-v2 D30).
  virtual Result<DeleteOutcome> remove_many_claimed(Call& call, const QueueAddress& queue,
                                                    std::span<const MessageId> ids,
                                                    std::span<const ClaimId> claims) = 0;

  /// Takes and deletes the oldest free, undelayed messages, at most `limit`, in one step.
  virtual Result<std::vector<domain::Message>> pop(Call& call, const QueueAddress& queue,
                                                   std::uint64_t limit) = 0;

  /// Removes all messages and claims; the queue stays. No error if it does not exist.
  virtual Result<void> purge(Call& call, const QueueAddress& queue) = 0;
};

// ---- claims -------------------------------------------------------------------------------

class ClaimStore {
 public:
  virtual ~ClaimStore() = default;

  /// Claims the oldest free, undelayed messages, at most `limit`, in one step; nothing if there
  /// are none or the queue does not exist. A message that would expire before the claim ends gets
  /// the claim's TTL plus grace, from now, as its new life (http-v1 §10.5).
  ///
  /// In a queue with a dead-letter policy every message taken has its claim count raised; one that
  /// was taken `max_claim_count` times already moves to the dead-letter queue instead, in the
  /// same step, keeping id, body and creation time, and is free there at once. A missing
  /// dead-letter queue is created in the same step.
  virtual Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                                      const ClaimTerms& terms,
                                                      std::uint64_t limit) = 0;

  /// The live claim with its remaining messages; `claim_missing` otherwise.
  virtual Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) = 0;

  /// Starts the claim's time anew with these terms; `claim_missing` if it is not live.
  virtual Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                             const ClaimTerms& terms) = 0;

  /// Ends the claim; its messages are free at once, in their old places. No error if unknown.
  virtual Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) = 0;
};

// ---- the whole ----------------------------------------------------------------------------

/// One store. Owns what its parts share; the parts live as long as it does.
class Store {
 public:
  virtual ~Store() = default;

  virtual QueueStore& queues() = 0;
  virtual MessageStore& messages() = 0;
  virtual ClaimStore& claims() = 0;

  /// Where the durability of changes is announced.
  virtual base::CommitFeed& commits() = 0;

  /// Success if the store answers.
  virtual Result<void> ping(Call& call) = 0;

  /// One period's worth of clearing away what has expired. Correctness never depends on it.
  /// Called from a thread that may wait; returns how many records it removed.
  virtual std::uint64_t collect_garbage() = 0;
};

}  // namespace marconi::storage
