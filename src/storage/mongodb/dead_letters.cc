#include "storage/mongodb/dead_letters.h"

#include <algorithm>
#include <utility>

#include "storage/mongodb/new_messages.h"
#include "storage/mongodb/queue_store.h"

namespace marconi::storage::mongodb {

namespace {

/// How long a letter on its way between partitions is kept from others.
constexpr std::int64_t kHoldSeconds = 60;

std::vector<ObjectId> ids_of(const std::vector<Letter>& letters) {
  std::vector<ObjectId> ids;
  for (const auto& letter : letters) ids.push_back(letter.id);
  return ids;
}

/// A letter that is where it was, free and alive.
Document still_free(std::string_view from, const Letter& letter, Moment now) {
  auto filter = alive(from, now);
  filter.append({"_id", letter.id}).append({"k", letter.marker});
  add_conditions(filter, now, true, false);
  return filter;
}

/// Letters on their way to another queue.
class Letters : public Batch {
 public:
  Letters(const Shared& shared, const DeadLetters::Route& route, std::vector<Letter> letters)
      : shared_(shared), route_(route), letters_(std::move(letters)), ids_(ids_of(letters_)) {}

  [[nodiscard]] const std::vector<ObjectId>& ids() const override { return ids_; }
  [[nodiscard]] const CollectionName& collection() const override { return target_; }
  [[nodiscard]] std::size_t moved() const { return moved_; }

 protected:
  [[nodiscard]] CollectionName source() const {
    return shared_.options.placement.messages(route_.from);
  }

  const Shared& shared_;
  const DeadLetters::Route& route_;
  std::vector<Letter> letters_;
  std::size_t moved_ = 0;

 private:
  std::vector<ObjectId> ids_;
  CollectionName target_ = shared_.options.placement.messages(route_.to);
};

/// Documents that change queues.
class MovedLetters final : public Letters {
 public:
  using Letters::Letters;

  Result<std::size_t> place(const ObjectId& tag, std::int64_t base, bool /*unpublished*/) override {
    tags_.push_back(tag);
    auto writes = moves_of(ids(), tags_, tag, base);
    for (const auto& letter : letters_) writes.push_back(departure(letter, base++, tag));
    const auto placed = shared_.messages.write(source(), writes);
    if (!placed) return std::unexpected(placed.error());
    const auto count = static_cast<std::size_t>(placed->matched);
    moved_ = std::max(moved_, count);
    return count;
  }

  void withdraw() override {
    const auto placed = shared_.messages.find(
        source(), {where("_id", "$in", Array(ids())), where("tx", "$in", Array(tags_))});
    if (!placed) return;  // the sweeper will
    for (const auto& letter : *placed) (void)put_back(shared_, letter.view());
  }

  Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t from) override {
    moved_ = std::min(moved_, from);
    for (; from < letters_.size(); ++from) {
      const auto gone = to.write(source(), departure(letters_[from], base, std::nullopt));
      if (!gone) return std::unexpected(gone.error());
      if (gone->matched == 0) continue;  // somebody else has it
      ++base;
      ++moved_;
    }
    return base;
  }

 private:
  [[nodiscard]] Write departure(const Letter& letter, std::int64_t marker,
                                const std::optional<ObjectId>& tag) const {
    Document set{{"p_q", route_.to}, {"k", marker}, {"c.id", nullptr}, {"c.e", 0}};
    if (tag) {
      set.append({"tx", *tag});
      set.append({"o", Document{{"p_q", route_.from}, {"k", letter.marker}}});
    }
    if (const auto ttl = route_.policy.ttl_seconds) {
      set.append({"t", *ttl}).append({"e", date_of(route_.now.end_after(*ttl))});
    }
    return {.kind = Write::Kind::update_one,
            .filter = still_free(route_.from, letter, route_.now),
            .change = {{"$set", set}, {"$unset", Document{{"c.t", 1}}}}};
  }

  std::vector<ObjectId> tags_;
};

/// A letter's document at its target, apart from its place there.
Draft arriving(const DeadLetters::Route& route, BsonView letter) {
  auto draft = Draft::of(letter);
  if (const auto ttl = route.policy.ttl_seconds) {
    draft.ttl_seconds = *ttl;
    draft.expires = route.now.end_after(*ttl);
  }
  return draft;
}

/// Letters that go to another partition within a transaction: copies there, originals away.
class CarriedLetters final : public Letters {
 public:
  using Letters::Letters;

  Result<std::size_t> place(const ObjectId& /*tag*/, std::int64_t /*base*/,
                            bool /*unpublished*/) override {
    return base::fail(base::ErrorKind::internal, "letters are carried in transactions only");
  }
  void withdraw() override {}

  Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t /*from*/) override {
    moved_ = 0;
    std::vector<Write> copies;
    for (const auto& letter : letters_) {
      const auto original = to.find_one(source(), still_free(route_.from, letter, route_.now));
      if (!original) return std::unexpected(original.error());
      if (!*original) continue;  // somebody else has it
      const auto gone = to.write(source(), {.kind = Write::Kind::remove_one,
                                            .filter = still_free(route_.from, letter, route_.now),
                                            .change = {}});
      if (!gone) return std::unexpected(gone.error());
      copies.push_back({.kind = Write::Kind::insert,
                        .filter = {},
                        .change = message_document(arriving(route_, (*original)->view()), route_.to,
                                                   base++, std::nullopt)});
    }
    const auto there = to.write(collection(), copies);
    if (!there) return std::unexpected(there.error());
    moved_ = copies.size();
    return base;
  }
};

}  // namespace

Result<std::uint64_t> DeadLetters::move(const QueueAddress& from,
                                        const domain::DeadLetterPolicy& policy,
                                        const std::vector<Letter>& letters, Moment now) {
  const Route route{.from = scope_of(from),
                    .to = scope_of({from.project, policy.queue}),
                    .policy = policy,
                    .now = now};
  const auto partitions = shared_.options.placement.partitions;
  if (partition_of(route.from, partitions) == partition_of(route.to, partitions)) {
    return publish_letters<MovedLetters>(route, letters);
  }
  return publisher_.transactional() ? publish_letters<CarriedLetters>(route, letters)
                                    : move_to_other_partition(route, letters);
}

Result<void> DeadLetters::publish(const Route& route, Batch& batch) {
  auto published = publisher_.publish(route.to, batch);
  if (published || published.error().kind != base::ErrorKind::queue_missing) return published;
  if (auto made = create_queue(shared_, route.to, {}); !made) {
    return std::unexpected(made.error());
  }
  return publisher_.publish(route.to, batch);
}

template <class Batch>
Result<std::uint64_t> DeadLetters::publish_letters(const Route& route,
                                                   const std::vector<Letter>& letters) {
  Batch batch(shared_, route, letters);
  if (auto published = publish(route, batch); !published) {
    return std::unexpected(published.error());
  }
  return batch.moved();
}

// ---- between partitions ---------------------------------------------------------------------

Result<std::uint64_t> DeadLetters::move_to_other_partition(const Route& route,
                                                           const std::vector<Letter>& letters) {
  const auto holder = shared_.make_id(route.now);
  const auto held = hold(route, letters, holder);
  if (!held) return std::unexpected(held.error());
  if (held->empty()) return 0;
  const auto there = clear_target(route, *held);
  if (!there) return std::unexpected(there.error());
  std::vector<Draft> drafts;
  Array leaving;
  std::uint64_t stay = 0;
  for (const auto& letter : *held) {
    auto draft = arriving(route, letter.view());
    const auto same = std::ranges::find_if(*there, [&](const Document& document) {
      return document.find("_id")->as_object_id() == draft.id;
    });
    if (same == there->end()) {
      drafts.push_back(std::move(draft));
    } else if (same->find("l")) {
      leaving.append(draft.id);  // its own original, not yet removed
      ++stay;
    }
  }
  if (auto done = let_go(route, leaving, holder); !done) return std::unexpected(done.error());
  if (!drafts.empty()) {
    NewMessages batch(shared_, route.to, std::move(drafts));
    if (auto published = publish(route, batch); !published) {
      return std::unexpected(published.error());
    }
  }
  const auto gone = shared_.messages.write(shared_.options.placement.messages(route.from),
                                           {.kind = Write::Kind::remove_many,
                                            .filter = {{"p_q", route.from}, {"c.id", holder}},
                                            .change = {}});
  if (!gone) return std::unexpected(gone.error());
  return held->size() - stay;
}

/// Removes what a mover that died left of the letters at the target: invisible copies, never to be
/// published. Only for letters that are held, as another mover's copies may be under way. Returns
/// the ids and the marks of what is there besides.
Result<std::vector<Document>> DeadLetters::clear_target(const Route& route,
                                                        const std::vector<Document>& held) {
  const auto target = shared_.options.placement.messages(route.to);
  Array ids;
  for (const auto& letter : held) ids.append(*letter.find("_id"));
  const Member same_ids = where("_id", "$in", ids);
  const auto removed = shared_.messages.write(
      target, {.kind = Write::Kind::remove_many,
               .filter = {same_ids, {"p_q", route.to}, where("tx", "$ne", nullptr)},
               .change = {}});
  if (!removed) return std::unexpected(removed.error());
  return shared_.messages.find(target, {same_ids}, {.fields = {{"_id", 1}, {"l", 1}}});
}

Result<void> DeadLetters::let_go(const Route& route, const Array& ids, const ObjectId& holder) {
  const auto freed = shared_.messages.write(
      shared_.options.placement.messages(route.from),
      {.kind = Write::Kind::update_many,
       .filter = {where("_id", "$in", ids), {"p_q", route.from}, {"c.id", holder}},
       .change = {{"$set", Document{{"c.id", nullptr}, {"c.e", 0}}},
                  {"$unset", Document{{"c.t", 1}, {"l", 1}}}}});
  if (!freed) return std::unexpected(freed.error());
  return {};
}

/// Claims the letters that are still free, so that nobody else takes or moves them meanwhile.
Result<std::vector<Document>> DeadLetters::hold(const Route& route,
                                                const std::vector<Letter>& letters,
                                                const ObjectId& holder) {
  const auto source = shared_.options.placement.messages(route.from);
  auto filter = alive(route.from, route.now);
  filter.append(where("_id", "$in", Array(ids_of(letters))));
  add_conditions(filter, route.now, true, false);
  const Document mark{{"c.id", holder},
                      {"c.t", kHoldSeconds},
                      {"c.e", route.now.end_after(kHoldSeconds)},
                      {"l", true}};
  const auto held = shared_.messages.write(
      source, {.kind = Write::Kind::update_many, .filter = filter, .change = {{"$set", mark}}});
  if (!held) return std::unexpected(held.error());
  return shared_.messages.find(source, {{"p_q", route.from}, {"c.id", holder}},
                               {.sort = by_marker()});
}

Result<void> put_back(const Shared& shared, BsonView letter) {
  const auto from = letter.find("o.p_q");
  const auto marker = letter.find("o.k");
  const auto scope = letter.find("p_q");
  if (!from || !marker || !scope || !scope->as_text()) return {};
  const auto done = shared.messages.write(
      shared.options.placement.messages(*scope->as_text()),
      {.kind = Write::Kind::update_one,
       .filter = {{"_id", *letter.find("_id")}, {"tx", *letter.find("tx")}},
       .change = {{"$set", Document{{"p_q", *from}, {"k", *marker}, {"tx", nullptr}}},
                  {"$unset", Document{{"o", 1}}}}});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace marconi::storage::mongodb
