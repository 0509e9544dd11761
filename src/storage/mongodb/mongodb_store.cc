#include "storage/mongodb/mongodb_store.h"

#include <fmt/format.h>

#include <utility>

#include "observability/log.h"
#include "storage/mongodb/claim_store.h"
#include "storage/mongodb/collection_pass.h"
#include "storage/mongodb/indexes.h"
#include "storage/mongodb/message_store.h"
#include "storage/mongodb/publisher.h"
#include "storage/mongodb/queue_store.h"
#include "storage/mongodb/schema_check.h"
#include "storage/mongodb/sweeper.h"

namespace marconi::storage::mongodb {

namespace {

class MongodbStore final : public Store {
 public:
  MongodbStore(Options options, Clients clients, Mode mode, std::unique_ptr<TimeSource> time,
               base::Random& random)
      : options_(std::move(options)),
        clients_(std::move(clients)),
        time_(std::move(time)),
        ids_(random),
        shared_{*clients_.management, *clients_.messages, *time_, ids_, random, memory_, options_},
        publisher_(make_publisher(mode, shared_)) {}

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

  std::uint64_t collect_garbage() override { return Sweeper(shared_).sweep().value_or(0); }

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
  CounterMemory memory_;
  Shared shared_;
  std::unique_ptr<Publisher> publisher_;
  MongodbQueueStore queues_{shared_};
  MongodbMessageStore messages_{shared_, *publisher_};
  MongodbClaimStore claims_{shared_, *publisher_};
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

/// Refuses what cannot keep its promise.
Result<void> check_deployment(const Greeting& greeting, const Options& options) {
  if (options.unreliable || greeting.sharded || greeting.hosts.size() > 1) return {};
  return base::fail(base::ErrorKind::invalid,
                    "the database runs on a single node, which only [DEFAULT] unreliable = true "
                    "allows");
}

/// Says which of the two stores has the trouble.
base::Error in_store(std::string_view role, const base::Error& error) {
  return {error.kind, error.title, fmt::format("mongodb, {}: {}", role, error.description)};
}

Result<Greeting> greet(std::string_view role, Client& client, const Options& options) {
  auto greeting = client.greet();
  if (!greeting) return std::unexpected(in_store(role, greeting.error()));
  if (auto good = check_deployment(*greeting, options); !good) {
    return std::unexpected(in_store(role, good.error()));
  }
  return greeting;
}

/// Whether one transaction can change what both connections lead to.
bool same_deployment(const Options& options, const Greeting& management, const Greeting& messages) {
  if (options.management.uri == options.messages.uri) return true;
  return management.replicated && management.replica_set == messages.replica_set &&
         management.hosts == messages.hosts;
}

Mode choose_mode(const Options& options, const Greeting& management, const Greeting& messages) {
  if (messages.transactions && same_deployment(options, management, messages)) {
    return Mode::transactions;
  }
  // Hosts of the reference service may be held up with markers that a commit record skips.
  return options.shows_before_counting() ? Mode::show_and_count : Mode::commit_record;
}

/// Changes nothing unless all that is there fits.
Result<void> make_ready(Clients& clients, const Options& options) {
  auto& [management, messages] = clients;
  if (auto good = check_schema(*management, *messages, options.placement); !good) {
    return base::fail(good.error().kind, "mongodb: " + good.error().description);
  }
  const auto refused = make_indexes(*management, *messages, options.placement);
  if (!refused) return base::fail(refused.error().kind, "mongodb: " + refused.error().description);
  if (!refused->empty() && options.log) {
    observability::Logger(*options.log, "storage/mongodb")
        .warning("the database has no indexes with expiry: marconi-gc has to remove what is over",
                 {{"reason", *refused}});
  }
  return {};
}

/// Makes both sides ready and chooses the way of posting.
Result<Mode> prepare(const Options& options, Clients& clients) {
  if (options.placement.partitions == 0) {
    return base::fail(base::ErrorKind::invalid, "there must be at least one partition");
  }
  const auto management = greet("management_store", *clients.management, options);
  if (!management) return std::unexpected(management.error());
  const auto messages = greet("message_store", *clients.messages, options);
  if (!messages) return std::unexpected(messages.error());
  if (auto ready = make_ready(clients, options); !ready) {
    return std::unexpected(std::move(ready.error()));
  }
  return choose_mode(options, *management, *messages);
}

using OpenedStore = Result<std::unique_ptr<MongodbStore>>;

OpenedStore open_store(const Options& options, Clients clients, std::unique_ptr<TimeSource> time,
                       base::Random& random) {
  const auto mode = prepare(options, clients);
  if (!mode) return std::unexpected(mode.error());
  if (options.log) {
    observability::Logger(*options.log, "storage/mongodb")
        .info("store opened", {{"posts_by", name_of(*mode)},
                               {"fifo", options.placement.fifo},
                               {"mixed_operation", options.mixed_operation}});
  }
  return std::make_unique<MongodbStore>(options, std::move(clients), *mode, std::move(time),
                                        random);
}

struct Gates {
  std::shared_ptr<Gate> management;
  std::shared_ptr<Gate> messages;
};

Gates gates_of(const Options& options) {
  if (options.management.lead_to_the_same_as(options.messages)) {
    const auto both = std::make_shared<Gate>(options.log, "management_store,message_store");
    return {both, both};
  }
  return {std::make_shared<Gate>(options.log, "management_store"),
          std::make_shared<Gate>(options.log, "message_store")};
}

/// With connections of its own, and the server's time.
OpenedStore open_store(const Options& options, const base::Clock& clock, base::Random& random) {
  auto clients = Clients::of(options);
  if (!clients) return std::unexpected(std::move(clients.error()));
  auto time = std::make_unique<ServerTime>(*clients->messages, clock);
  auto& started = *time;
  auto store = open_store(options, *std::move(clients), std::move(time), random);
  if (!store) return store;
  if (auto known = started.start(); !known) return std::unexpected(std::move(known.error()));
  return store;
}

Result<std::unique_ptr<Collector>> collector_of(OpenedStore store) {
  if (!store) return std::unexpected(std::move(store.error()));
  return std::make_unique<MongodbCollector>(*std::move(store));
}

}  // namespace

base::Result<Clients> Clients::of(const Options& options) {
  const auto gates = gates_of(options);
  auto management = Client::make(options.management, gates.management);
  if (!management) return std::unexpected(in_store("management_store", management.error()));
  auto messages = Client::make(options.messages, gates.messages);
  if (!messages) return std::unexpected(in_store("message_store", messages.error()));
  return Clients{*std::move(management), *std::move(messages)};
}

base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random) {
  return open_store(options, clock, random);
}

base::Result<std::unique_ptr<Store>> open(const Options& options, Clients clients,
                                          std::unique_ptr<TimeSource> time, base::Random& random) {
  return open_store(options, std::move(clients), std::move(time), random);
}

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        const base::Clock& clock,
                                                        base::Random& random) {
  return collector_of(open_store(options, clock, random));
}

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options, Clients clients,
                                                        std::unique_ptr<TimeSource> time,
                                                        base::Random& random) {
  return collector_of(open_store(options, std::move(clients), std::move(time), random));
}

}  // namespace marconi::storage::mongodb
