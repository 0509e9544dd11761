// A connection under a test's control: what is sent can be counted, held up, lost, or cut off for
// good as if the process had died there.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/mongodb/client.h"

namespace marconi::storage::contract {

/// What happens between a host and the servers. For one thread at a time.
class Wire {
 public:
  /// Everything that was sent, as in "insert messages".
  [[nodiscard]] const std::vector<std::string>& sent() const { return sent_; }
  void clear() { sent_.clear(); }

  /// Runs `act` just before the next command of these words is sent.
  void before(std::string words, std::function<void()> act) {
    words_ = std::move(words);
    act_ = std::move(act);
  }

  /// The next command of these words is carried out and its answer lost.
  void lose_answer(std::string words) { lost_ = std::move(words); }

  /// The next command of these words is carried out and the connection breaks before its answer
  /// comes. Then `meanwhile` happens, and the client tries again what it tries again by itself.
  void break_at(std::string words, std::function<void()> meanwhile = [] {}) {
    broken_ = std::move(words);
    meanwhile_ = std::move(meanwhile);
  }

  /// A unique index refuses the next command of these words.
  void refuse(std::string words) { refused_ = std::move(words); }

  /// The server has no indexes with expiry.
  void lack_expiry() { lacks_expiry_ = true; }
  [[nodiscard]] bool lacks_expiry() const { return lacks_expiry_; }

  /// The process dies when it has sent so many more commands.
  void die_after(int commands) { left_ = commands; }
  [[nodiscard]] bool dead() const { return left_ == 0; }

  /// Whether a command reaches the server.
  bool send(const std::string& words) {
    if (act_ && words == words_) std::exchange(act_, nullptr)();
    if (left_ == 0) return false;
    if (left_ != kForever) --left_;
    sent_.push_back(words);
    return true;
  }

  bool loses_answer(const std::string& words) { return meets(lost_, words); }
  bool refuses(const std::string& words) { return meets(refused_, words); }
  /// Whether the connection breaks here; if so, what happens meanwhile has happened.
  bool breaks_at(const std::string& words) {
    if (!meets(broken_, words)) return false;
    std::exchange(meanwhile_, nullptr)();
    return true;
  }

 private:
  static constexpr int kForever = std::numeric_limits<int>::max();

  /// Once.
  static bool meets(std::string& expected, const std::string& words) {
    if (words != expected) return false;
    expected.clear();
    return true;
  }

  std::vector<std::string> sent_;
  std::string words_;
  std::function<void()> act_;
  std::string lost_;
  std::string refused_;
  std::string broken_;
  std::function<void()> meanwhile_;
  bool lacks_expiry_ = false;
  int left_ = kForever;
};

/// Operations over a wire. Writes of a series are sent one by one once the wire is to break, as a
/// server that dies with its client may have made some of them.
class WiredOperations : public mongodb::Operations {
 public:
  WiredOperations(mongodb::Operations& real, Wire& wire, bool one_by_one)
      : real_(real), wire_(wire), one_by_one_(one_by_one) {}

  mongodb::Result<void> visit(const mongodb::CollectionName& where, const mongodb::Document& filter,
                              const mongodb::FindOptions& options,
                              const std::function<bool(mongodb::BsonView)>& visit) override {
    return over<void>(words_of("find", where),
                      [&] { return real_.visit(where, filter, options, visit); });
  }

  mongodb::Result<std::optional<mongodb::Document>> find_and_update(
      const mongodb::CollectionName& where, const mongodb::Document& filter,
      const mongodb::Document& change) override {
    return over<std::optional<mongodb::Document>>(
        words_of("modify", where), [&] { return real_.find_and_update(where, filter, change); });
  }

  mongodb::Result<mongodb::WriteCounts> write(const mongodb::CollectionName& where,
                                              std::span<const mongodb::Write> writes) override {
    mongodb::WriteCounts sum;
    while (!writes.empty()) {
      const auto count = one_by_one_ ? 1 : run_of(writes);
      const auto part = writes.first(count);
      const auto words = words_of(word_of(part.front().kind), where);
      const auto made = over<mongodb::WriteCounts>(words, [&] {
        auto counts = real_.write(where, part);
        return wire_.breaks_at(words) ? real_.write(where, part) : std::move(counts);
      });
      if (!made) return made;
      sum.inserted += made->inserted;
      sum.matched += made->matched;
      sum.removed += made->removed;
      sum.upserted += made->upserted;
      writes = writes.subspan(count);
    }
    return sum;
  }

  mongodb::Result<mongodb::Insertions> insert(
      const mongodb::CollectionName& where, std::span<const mongodb::Document> documents) override {
    mongodb::Insertions sum;
    while (!documents.empty() && !sum.refusal) {
      const auto part = documents.first(one_by_one_ ? 1 : documents.size());
      const auto words = words_of("insert", where);
      auto made = over<mongodb::Insertions>(words, [&]() -> mongodb::Result<mongodb::Insertions> {
        auto insertions = real_.insert(where, part);
        if (!wire_.breaks_at(words)) return insertions;
        return base::fail(base::ErrorKind::unavailable, "the connection broke");
      });
      if (!made) return made;
      sum.stored += made->stored;
      sum.refusal = std::move(made->refusal);
      documents = documents.subspan(part.size());
    }
    return sum;
  }

 private:
  static std::string words_of(std::string_view word, const mongodb::CollectionName& where) {
    return std::string(word) + ' ' + where.collection;
  }

  template <class T, class Act>
  mongodb::Result<T> over(const std::string& words, const Act& act) {
    if (!wire_.send(words)) return base::fail(base::ErrorKind::unavailable, "the process is dead");
    if (wire_.refuses(words)) return base::fail(base::ErrorKind::conflict, "a duplicate key");
    auto answer = act();
    if (!wire_.loses_answer(words)) return answer;
    return base::fail(base::ErrorKind::unavailable, "the answer is lost");
  }

  static std::string_view word_of(mongodb::Write::Kind kind) {
    using Kind = mongodb::Write::Kind;
    if (kind == Kind::insert) return "insert";
    return kind == Kind::remove_one || kind == Kind::remove_many ? "remove" : "update";
  }

  /// How many of the writes go in one command.
  static std::size_t run_of(std::span<const mongodb::Write> writes) {
    std::size_t count = 1;
    while (count < writes.size() && word_of(writes[count].kind) == word_of(writes.front().kind)) {
      ++count;
    }
    return count;
  }

  mongodb::Operations& real_;
  Wire& wire_;
  bool one_by_one_;
};

class WiredClient final : public mongodb::Client {
 public:
  WiredClient(std::unique_ptr<mongodb::Client> real, Wire& wire, bool one_by_one)
      : real_(std::move(real)), wire_(wire), one_by_one_(one_by_one) {}

  mongodb::Result<mongodb::Greeting> greet() override { return real_->greet(); }
  mongodb::Result<mongodb::Document> command(const std::string& database,
                                             const mongodb::Document& command) override {
    if (wire_.lacks_expiry() && command.bytes().find("expireAfterSeconds") != std::string::npos) {
      return base::fail(base::ErrorKind::invalid, "expireAfterSeconds is not implemented yet");
    }
    return real_->command(database, command);
  }

  mongodb::Result<void> visit(const mongodb::CollectionName& where, const mongodb::Document& filter,
                              const mongodb::FindOptions& options,
                              const std::function<bool(mongodb::BsonView)>& visit) override {
    return operations().visit(where, filter, options, visit);
  }
  mongodb::Result<std::optional<mongodb::Document>> find_and_update(
      const mongodb::CollectionName& where, const mongodb::Document& filter,
      const mongodb::Document& change) override {
    return operations().find_and_update(where, filter, change);
  }
  mongodb::Result<mongodb::WriteCounts> write(const mongodb::CollectionName& where,
                                              std::span<const mongodb::Write> writes) override {
    return operations().write(where, writes);
  }
  mongodb::Result<mongodb::Insertions> insert(
      const mongodb::CollectionName& where, std::span<const mongodb::Document> documents) override {
    return operations().insert(where, documents);
  }
  mongodb::Result<std::uint64_t> count(const mongodb::CollectionName& where,
                                       const mongodb::Document& filter) override {
    if (!wire_.send("count " + where.collection)) return dead();
    return real_->count(where, filter);
  }
  mongodb::Result<std::optional<mongodb::Document>> find_and_remove(
      const mongodb::CollectionName& where, const mongodb::Document& filter,
      const mongodb::Document& sort) override {
    if (!wire_.send("take " + where.collection)) return dead();
    return real_->find_and_remove(where, filter, sort);
  }

  mongodb::Result<mongodb::Transacted> transact(
      const TransactionBody& body, std::chrono::steady_clock::time_point give_up_at) override {
    const auto wired_body = [&](mongodb::Operations& inside) -> mongodb::Result<bool> {
      WiredOperations wired(inside, wire_, one_by_one_);
      auto done = body(wired);
      // A server ends the transactions of a client that is gone.
      if (done && *done && !wire_.send("commit")) return dead();
      return done;
    };
    auto ended = real_->transact(wired_body, give_up_at);
    if (ended && *ended == mongodb::Transacted::committed && wire_.loses_answer("commit")) {
      return mongodb::Transacted::unknown;
    }
    return ended;
  }

 private:
  static std::unexpected<base::Error> dead() {
    return base::fail(base::ErrorKind::unavailable, "the process is dead");
  }
  WiredOperations operations() { return {*real_, wire_, one_by_one_}; }

  std::unique_ptr<mongodb::Client> real_;
  Wire& wire_;
  bool one_by_one_;
};

}  // namespace marconi::storage::contract
