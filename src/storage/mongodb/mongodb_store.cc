#include "storage/mongodb/mongodb_store.h"

#include <fmt/format.h>

#include <utility>

#include "storage/mongodb/claim_store.h"
#include "storage/mongodb/collection_pass.h"
#include "storage/mongodb/indexes.h"
#include "storage/mongodb/message_store.h"
#include "storage/mongodb/queue_store.h"
#include "storage/mongodb/schema_check.h"
#include "storage/mongodb/sweeper.h"

namespace marconi::storage::mongodb {

namespace {

struct Clients {
  std::unique_ptr<Client> management;
  std::unique_ptr<Client> messages;
};

class MongodbStore final : public Store {
 public:
  MongodbStore(Options options, Clients clients, std::unique_ptr<TimeSource> time,
               base::Random& random)
      : options_(std::move(options)),
        clients_(std::move(clients)),
        time_(std::move(time)),
        ids_(random),
        shared_{*clients_.management, *clients_.messages, *time_, ids_, random, options_} {}

  QueueStore& queues() override { return queues_; }
  MessageStore& messages() override { return messages_; }
  ClaimStore& claims() override { return claims_; }
  base::CommitFeed& commits() override { return commits_; }

  Result<void> ping(Call& call) override {
    if (auto may = may_ask_server(call); !may) return may;
    for (Client* client : {clients_.management.get(), clients_.messages.get()}) {
      if (auto answer = client->command("admin", {{"ping", 1}}); !answer) {
        return std::unexpected(std::move(answer.error()));
      }
    }
    return {};
  }

  std::uint64_t collect_garbage() override {
    const auto swept = Sweeper(shared_).sweep().value_or(Swept{});
    return swept.posts + swept.letters;
  }

  [[nodiscard]] const Shared& shared() const { return shared_; }

 private:
  /// Listeners never hear anything, for nothing is ever pending.
  class SilentFeed final : public base::CommitFeed {
   public:
    void subscribe(base::CommitListener&) override {}
    void unsubscribe(base::CommitListener&) override {}
  };

  Options options_;
  Clients clients_;
  std::unique_ptr<TimeSource> time_;
  ObjectIds ids_;
  Shared shared_;
  MongodbQueueStore queues_{shared_};
  MongodbMessageStore messages_{shared_};
  MongodbClaimStore claims_{shared_};
  SilentFeed commits_;
};

/// A store of which only this is wanted.
class MongodbCollector final : public Collector {
 public:
  explicit MongodbCollector(std::unique_ptr<MongodbStore> store) : store_(std::move(store)) {}

  Result<void> collect(const GoOn& go_on) override {
    return CollectionPass(store_->shared(), go_on).run();
  }

 private:
  std::unique_ptr<MongodbStore> store_;
};

Result<void> check_deployment(Client& client, const Options& options) {
  const auto greeting = client.greet();
  if (!greeting) return std::unexpected(greeting.error());
  if (options.unreliable || greeting->sharded || greeting->hosts > 1) return {};
  return base::fail(base::ErrorKind::invalid,
                    "the database runs on a single node, which only [DEFAULT] unreliable = true "
                    "allows");
}

/// Says which of the two stores has the trouble.
base::Error in_store(std::string_view role, const base::Error& error) {
  return {error.kind, error.title, fmt::format("mongodb, {}: {}", role, error.description)};
}

Result<std::unique_ptr<Client>> connect_to(std::string_view role, const ClientOptions& how,
                                           const Options& options) {
  auto client = Client::make(how);
  if (!client) return std::unexpected(in_store(role, client.error()));
  if (auto good = check_deployment(**client, options); !good) {
    return std::unexpected(in_store(role, good.error()));
  }
  return client;
}

/// Changes nothing unless all that is there fits.
Result<void> make_ready(Client& management, Client& messages, const Placement& placement) {
  if (auto good = check_schema(management, messages, placement); !good) {
    return base::fail(good.error().kind, "mongodb: " + good.error().description);
  }
  return make_indexes(management, messages, placement);
}

Result<Clients> connect(const Options& options) {
  if (options.placement.partitions == 0) {
    return base::fail(base::ErrorKind::invalid, "there must be at least one partition");
  }
  if (options.placement.fifo && options.mixed_operation) {
    return base::fail(base::ErrorKind::invalid,
                      "mongodb.fifo cannot be shared with hosts of the reference service yet: set "
                      "[drivers:message_store:mongodb] mixed_operation = false if there are none");
  }
  auto management = connect_to("management_store", options.management, options);
  if (!management) return std::unexpected(std::move(management.error()));
  auto messages = connect_to("message_store", options.messages, options);
  if (!messages) return std::unexpected(std::move(messages.error()));
  Clients clients{*std::move(management), *std::move(messages)};
  if (auto ready = make_ready(*clients.management, *clients.messages, options.placement); !ready) {
    return std::unexpected(std::move(ready.error()));
  }
  return clients;
}

using OpenedStore = Result<std::unique_ptr<MongodbStore>>;

OpenedStore open_store(const Options& options, const base::Clock& clock, base::Random& random) {
  auto clients = connect(options);
  if (!clients) return std::unexpected(std::move(clients.error()));
  auto time = std::make_unique<ServerTime>(*clients->messages, clock);
  if (auto started = time->start(); !started) return std::unexpected(std::move(started.error()));
  return std::make_unique<MongodbStore>(options, *std::move(clients), std::move(time), random);
}

OpenedStore open_store(const Options& options, std::unique_ptr<TimeSource> time,
                       base::Random& random) {
  auto clients = connect(options);
  if (!clients) return std::unexpected(std::move(clients.error()));
  return std::make_unique<MongodbStore>(options, *std::move(clients), std::move(time), random);
}

Result<std::unique_ptr<Collector>> collector_of(OpenedStore store) {
  if (!store) return std::unexpected(std::move(store.error()));
  return std::make_unique<MongodbCollector>(*std::move(store));
}

}  // namespace

base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random) {
  return open_store(options, clock, random);
}

base::Result<std::unique_ptr<Store>> open(const Options& options, std::unique_ptr<TimeSource> time,
                                          base::Random& random) {
  return open_store(options, std::move(time), random);
}

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        const base::Clock& clock,
                                                        base::Random& random) {
  return collector_of(open_store(options, clock, random));
}

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        std::unique_ptr<TimeSource> time,
                                                        base::Random& random) {
  return collector_of(open_store(options, std::move(time), random));
}

}  // namespace marconi::storage::mongodb
