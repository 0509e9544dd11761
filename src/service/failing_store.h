// For tests: a store in which every call fails with the same error, and counts the calls.
#pragma once

#include "storage/store.h"

namespace marconi::service {

class FailingStore final : public storage::Store {
 public:
  explicit FailingStore(base::ErrorKind kind) : error_{kind, {}, "the disk is on fire"} {}

  storage::QueueStore& queues() override { return queues_; }
  storage::MessageStore& messages() override { return messages_; }
  storage::ClaimStore& claims() override { return claims_; }
  base::CommitFeed& commits() override { return commits_; }
  storage::Result<void> ping(storage::Call&) override { return fail(); }
  std::uint64_t collect_garbage() override { return 0; }

  [[nodiscard]] int calls() const { return calls_; }

 private:
  using Call = storage::Call;
  using Address = domain::QueueAddress;
  template <class T>
  using Result = base::Result<T>;

  std::unexpected<base::Error> fail() {
    ++calls_;
    return std::unexpected(error_);
  }

  struct Queues final : storage::QueueStore {
    explicit Queues(FailingStore& owner) : o(owner) {}
    Result<bool> create(Call&, const Address&, const domain::QueueMetadata&) override {
      return o.fail();
    }
    Result<domain::SharedQueueMetadata> find(Call&, const Address&) override { return o.fail(); }
    Result<domain::SharedQueueMetadata> update(Call&, const Address&,
                                               const storage::MetadataChange&) override {
      return o.fail();
    }
    Result<void> remove(Call&, const Address&) override { return o.fail(); }
    Result<std::vector<storage::QueueEntry>> list(Call&, const domain::ProjectId&,
                                                  const storage::QueueListRequest&) override {
      return o.fail();
    }
    Result<std::uint64_t> count(Call&, const domain::ProjectId&) override { return o.fail(); }
    Result<std::optional<domain::QueueStats>> stats(Call&, const Address&) override {
      return o.fail();
    }
    FailingStore& o;
  };

  struct Messages final : storage::MessageStore {
    explicit Messages(FailingStore& owner) : o(owner) {}
    Result<std::vector<domain::MessageId>> post(Call&, const Address&,
                                                std::span<const domain::NewMessage>,
                                                const domain::ClientId&) override {
      return o.fail();
    }
    Result<std::vector<domain::Message>> list(Call&, const Address&,
                                              const storage::MessageListRequest&) override {
      return o.fail();
    }
    Result<std::optional<domain::Marker>> position(Call&, const Address&,
                                                   const domain::MessageId&) override {
      return o.fail();
    }
    Result<std::vector<domain::Message>> get(Call&, const Address&,
                                             std::span<const domain::MessageId>) override {
      return o.fail();
    }
    Result<storage::DeleteOutcome> remove(Call&, const Address&, const domain::MessageId&,
                                          const std::optional<domain::ClaimId>&) override {
      return o.fail();
    }
    Result<void> remove_many(Call&, const Address&, std::span<const domain::MessageId>) override {
      return o.fail();
    }
    Result<storage::DeleteOutcome> remove_many_claimed(Call&, const Address&,
                                                       std::span<const domain::MessageId>,
                                                       std::span<const domain::ClaimId>) override {
      return o.fail();
    }
    Result<std::vector<domain::Message>> pop(Call&, const Address&, std::uint64_t) override {
      return o.fail();
    }
    Result<void> purge(Call&, const Address&) override { return o.fail(); }
    FailingStore& o;
  };

  struct Claims final : storage::ClaimStore {
    explicit Claims(FailingStore& owner) : o(owner) {}
    Result<std::optional<domain::Claim>> create(Call&, const Address&, const storage::ClaimTerms&,
                                                std::uint64_t) override {
      return o.fail();
    }
    Result<domain::Claim> get(Call&, const Address&, const domain::ClaimId&) override {
      return o.fail();
    }
    Result<void> renew(Call&, const Address&, const domain::ClaimId&,
                       const storage::ClaimTerms&) override {
      return o.fail();
    }
    Result<void> release(Call&, const Address&, const domain::ClaimId&) override {
      return o.fail();
    }
    FailingStore& o;
  };

  struct Silence final : base::CommitFeed {
    void subscribe(base::CommitListener&) override {}
    void unsubscribe(base::CommitListener&) override {}
  };

  const base::Error error_;
  int calls_ = 0;
  Queues queues_{*this};
  Messages messages_{*this};
  Claims claims_{*this};
  Silence commits_;
};

}  // namespace marconi::service
