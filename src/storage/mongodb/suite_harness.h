// What tests of this driver besides the contract begin with: a store, and a connection of the
// test's own to its databases, by which it plays other hosts, those of the reference service among
// them.
#pragma once

#include <optional>
#include <stdexcept>
#include <string_view>

#include "storage/contract/contract_suite.h"
#include "storage/mongodb/counter.h"
#include "storage/mongodb/documents.h"
#include "storage/mongodb/server_harness.h"

namespace marconi::storage::contract {

/// Beside the store under test, a connection of the test's own to the same databases.
class MongodbStore : public StoreContract {
 public:
  [[nodiscard]] const mongodb::Options& options() {
    return dynamic_cast<MongodbFixture&>(fixture()).options();
  }
  [[nodiscard]] mongodb::Client& other_host() {
    if (!client_) client_ = mongodb::Client::make(options().messages).value();
    return *client_;
  }
  [[nodiscard]] MongodbFixture& mongodb_fixture() {
    return dynamic_cast<MongodbFixture&>(fixture());
  }
  [[nodiscard]] mongodb::CollectionName messages() {
    return options().placement.messages("project/q");
  }

  /// Whether the store posts by transactions.
  [[nodiscard]] bool has_transactions() { return other_host().greet().value().transactions; }

  mongodb::ObjectId make_id() { return ids_.make(clock().utc_now() / 1000); }

  void write_to(const mongodb::CollectionName& where, const mongodb::Write& what) {
    const auto written = other_host().write(where, what);
    if (!written) throw std::runtime_error(written.error().description);
  }

  /// The queue's counter.
  std::int64_t next_marker() { return mongodb::integer_at(queue_document().view(), "c.v"); }
  std::size_t pending_posts() {
    const auto document = queue_document();
    const auto pending = document.find("c.p");
    return pending ? pending->as_document()->elements().size() : 0;
  }

  /// Moves the counter by so much, as the reference service does.
  void increment_counter(std::int64_t by) {
    write_to(options().placement.queues(), {.kind = mongodb::Write::Kind::update_one,
                                            .filter = {{"p_q", "project/q"}},
                                            .change = {{"$inc", mongodb::Document{{"c.v", by}}}}});
  }

  /// How many documents there are, visible or not.
  std::uint64_t documents() { return other_host().count(messages(), {}).value(); }

  /// Writes a message as another host would; returns its id.
  mongodb::ObjectId write_message(std::string_view body, std::int64_t marker,
                                  const std::optional<mongodb::ObjectId>& tag = std::nullopt) {
    const auto draft = mongodb::Draft::of({.body = body, .ttl_seconds = 3600, .checksum = ""}, kBob,
                                          make_id(), mongodb::Moment(clock().utc_now()));
    write_to(messages(), {.kind = mongodb::Write::Kind::insert,
                          .filter = {},
                          .change = message_document(draft, "project/q", marker, tag)});
    return draft.id;
  }

  /// Moves the queue's counter, as the commit of a post does.
  void commit(const mongodb::ObjectId& tag, std::int64_t next) {
    commit(mongodb::PendingPost{.tag = tag}, next);
  }
  void commit(const mongodb::PendingPost& post, std::int64_t next) {
    const mongodb::Document counter{{"c.v", next}, {"c.p", list_of(post)}};
    write_to(options().placement.queues(), {.kind = mongodb::Write::Kind::update_one,
                                            .filter = {{"p_q", "project/q"}},
                                            .change = {{"$set", counter}}});
  }

 private:
  mongodb::Document queue_document() {
    return other_host()
        .find_one(options().placement.queues(), {{"p_q", "project/q"}})
        .value()
        .value();
  }

  base::SystemRandom random_;
  mongodb::ObjectIds ids_{random_};
  std::unique_ptr<mongodb::Client> client_;
};

}  // namespace marconi::storage::contract
