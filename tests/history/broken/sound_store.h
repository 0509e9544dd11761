// A store without a defect, for broken ones to derive from: each call is a virtual function that
// goes to a store in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/memory/memory_store.h"
#include "storage/store.h"

namespace marconi::history::broken {

using base::Call;
using base::Result;
using domain::ClaimId;
using domain::Message;
using domain::MessageId;
using domain::QueueAddress;

/// Store, messages and claims in one, so that a defect may change several of them.
class SoundStore : public storage::Store,
                   protected storage::MessageStore,
                   protected storage::ClaimStore {
 public:
  /// Both must outlive the store.
  SoundStore(const base::Clock& clock, base::Random& random) : store_(clock, random) {}

  storage::QueueStore& queues() final { return queues_; }
  storage::MessageStore& messages() final { return *this; }
  storage::ClaimStore& claims() final { return *this; }
  base::CommitFeed& commits() final { return store_.commits(); }
  Result<void> ping(Call& call) final { return store_.ping(call); }
  std::uint64_t collect_garbage() final { return store_.collect_garbage(); }

 protected:
  Result<std::vector<MessageId>> post(Call& call, const QueueAddress& queue,
                                      std::span<const domain::NewMessage> messages,
                                      const domain::ClientId& client) override {
    return store_.messages().post(call, queue, messages, client);
  }
  Result<std::vector<Message>> list(Call& call, const QueueAddress& queue,
                                    const domain::MessageListRequest& request) override {
    return store_.messages().list(call, queue, request);
  }
  Result<std::optional<domain::Marker>> position(Call& call, const QueueAddress& queue,
                                                 const MessageId& id) override {
    return store_.messages().position(call, queue, id);
  }
  Result<std::vector<Message>> get(Call& call, const QueueAddress& queue,
                                   std::span<const MessageId> ids) override {
    return store_.messages().get(call, queue, ids);
  }
  Result<domain::DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                                       const std::optional<ClaimId>& claim) override {
    return store_.messages().remove(call, queue, id, claim);
  }
  Result<void> remove_many(Call& call, const QueueAddress& queue,
                           std::span<const MessageId> ids) override {
    return store_.messages().remove_many(call, queue, ids);
  }
  Result<domain::DeleteOutcome> remove_many_claimed(Call& call, const QueueAddress& queue,
                                                    std::span<const MessageId> ids,
                                                    std::span<const ClaimId> claims) override {
    return store_.messages().remove_many_claimed(call, queue, ids, claims);
  }
  Result<std::vector<Message>> pop(Call& call, const QueueAddress& queue,
                                   std::uint64_t limit) override {
    return store_.messages().pop(call, queue, limit);
  }
  Result<void> purge(Call& call, const QueueAddress& queue) override {
    return store_.messages().purge(call, queue);
  }

  Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                              const domain::ClaimTerms& terms,
                                              std::uint64_t limit) override {
    return store_.claims().create(call, queue, terms, limit);
  }
  Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) override {
    return store_.claims().get(call, queue, id);
  }
  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const domain::ClaimTerms& terms) override {
    return store_.claims().renew(call, queue, id, terms);
  }
  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override {
    return store_.claims().release(call, queue, id);
  }

  virtual Result<void> remove_queue(Call& call, const QueueAddress& queue) {
    return store_.queues().remove(call, queue);
  }

 private:
  /// Apart, since calls of queues and of claims have the same names.
  class Queues final : public storage::QueueStore {
   public:
    explicit Queues(SoundStore& owner) : owner_(owner), sound_(owner.store_.queues()) {}

    Result<bool> create(Call& call, const QueueAddress& queue,
                        const domain::QueueMetadata& metadata) override {
      return sound_.create(call, queue, metadata);
    }
    Result<domain::SharedQueueMetadata> find(Call& call, const QueueAddress& queue) override {
      return sound_.find(call, queue);
    }
    Result<domain::SharedQueueMetadata> update(Call& call, const QueueAddress& queue,
                                               const storage::MetadataChange& change) override {
      return sound_.update(call, queue, change);
    }
    Result<void> remove(Call& call, const QueueAddress& queue) override {
      return owner_.remove_queue(call, queue);
    }
    Result<std::vector<domain::QueueEntry>> list(Call& call, const domain::ProjectId& project,
                                                 const domain::QueueListRequest& request) override {
      return sound_.list(call, project, request);
    }
    Result<std::uint64_t> count(Call& call, const domain::ProjectId& project) override {
      return sound_.count(call, project);
    }
    Result<std::optional<domain::QueueStats>> stats(Call& call,
                                                    const QueueAddress& queue) override {
      return sound_.stats(call, queue);
    }

   private:
    SoundStore& owner_;
    storage::QueueStore& sound_;
  };

  storage::memory::MemoryStore store_;
  Queues queues_{*this};
};

}  // namespace marconi::history::broken
