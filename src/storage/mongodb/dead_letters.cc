#include "storage/mongodb/dead_letters.h"

#include <algorithm>
#include <utility>

#include "storage/mongodb/new_messages.h"
#include "storage/mongodb/queue_store.h"

namespace marconi::storage::mongodb {

namespace {

/// How long a letter on its way is kept from others.
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
  [[nodiscard]] DeadLetters::Outcome outcome() const { return {moved_, staying_}; }

 protected:
  [[nodiscard]] CollectionName source() const {
    return shared_.options.placement.messages(route_.from);
  }

  const Shared& shared_;
  const DeadLetters::Route& route_;
  std::vector<Letter> letters_;
  std::size_t moved_ = 0;
  std::vector<ObjectId> staying_;

 private:
  std::vector<ObjectId> ids_;
  CollectionName target_ = shared_.options.placement.messages(route_.to);
};

/// Documents that change queues.
class MovedLetters final : public Letters {
 public:
  using Letters::Letters;

  [[nodiscard]] std::string_view leaves() const override { return route_.from; }

  Result<std::size_t> place(const ObjectId& tag, std::int64_t base, bool /*unpublished*/) override {
    const auto now = shared_.time.now();
    tags_.push_back(tag);  // first, for all of it may be written twice
    std::vector<Write> holds;
    // Last one first, like new messages: a commit of an earlier place that comes to pass late must
    // find a beginning of the batch.
    for (std::size_t i = letters_.size(); i-- > 0;) {
      holds.push_back(hold(letters_[i], base + static_cast<std::int64_t>(i), tag, now));
    }
    const auto placed = shared_.messages.write(source(), holds);
    if (!placed) return std::unexpected(placed.error());
    const auto count = static_cast<std::size_t>(placed->matched);
    moved_ = std::max(moved_, count);
    return count;
  }

  void withdraw() override {
    (void)shared_.messages.write(source(),
                                 {.kind = Write::Kind::update_many,
                                  .filter = {where("_id", "$in", Array(ids())),
                                             {"p_q", route_.from},
                                             where("c.id", "$in", Array(tags_))},
                                  .change = {{"$set", Document{{"c.id", nullptr}, {"c.e", 0}}},
                                             {"$unset", Document{{"c.t", 1}, {"n", 1}}}}});
    // What went to a queue that was gone by then is nowhere; unless a consumer has it, as somebody
    // has made the queue anew. Its life may have been cut, which the next move does as well.
    std::vector<Write> returns;
    for (const auto& [letter, marker] : uncounted_) {
      returns.push_back(
          {.kind = Write::Kind::update_one,
           .filter = {{"_id", letter.id}, {"p_q", route_.to}, {"k", marker}, {"c.id", nullptr}},
           .change = {{"$set", Document{{"p_q", route_.from}, {"k", letter.marker}}}}});
    }
    (void)shared_.messages.write(source(), returns);
    uncounted_.clear();
  }

  void counted() override { uncounted_.clear(); }

  void stay(std::size_t count) override { moved_ -= std::min(moved_, count); }

  Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t from) override {
    moved_ = std::min(moved_, from);
    for (; from < letters_.size(); ++from) {
      const auto gone = to.write(source(), departure(letters_[from], base));
      if (!gone) return std::unexpected(gone.error());
      if (gone->matched == 0) {
        const auto there = arrived(to, letters_[from], base);
        if (!there) return std::unexpected(there.error());
        if (!*there) continue;  // somebody else has it
      }
      uncounted_.emplace_back(letters_[from], base);
      ++base;
      ++moved_;
    }
    return base;
  }

 private:
  /// Keeps a letter from others that is free, or was held in an earlier attempt.
  [[nodiscard]] Write hold(const Letter& letter, std::int64_t marker, const ObjectId& tag,
                           Moment now) const {
    auto filter = alive(route_.from, now);
    filter.append({"_id", letter.id}).append({"k", letter.marker});
    Array either;
    either.append(Document{{"c.id", nullptr}});
    either.append(Document{where("c.id", "$in", Array(tags_))});
    either.append(Document{where("c.e", "$lte", now.second())});
    filter.append({"$or", either});
    const Document set{{"c.id", tag},
                       {"c.t", kHoldSeconds},
                       {"c.e", now.end_after(kHoldSeconds)},
                       {"n", place_and_life(marker, now)}};
    return {.kind = Write::Kind::update_one, .filter = filter, .change = {{"$set", set}}};
  }

  /// Whether a letter was moved to this place already, by the first run of a write that was made
  /// twice.
  Result<bool> arrived(Operations& to, const Letter& letter, std::int64_t marker) const {
    const auto there =
        to.find_one(collection(), {{"_id", letter.id}, {"p_q", route_.to}, {"k", marker}},
                    {.fields = {{"_id", 1}}});
    if (!there) return std::unexpected(there.error());
    return there->has_value();
  }

  /// The whole move of a letter that is free.
  [[nodiscard]] Write departure(const Letter& letter, std::int64_t marker) const {
    Document set{{"p_q", route_.to}, {"c.id", nullptr}, {"c.e", 0}};
    for (const auto& member : place_and_life(marker, route_.now).view().elements()) {
      set.append({member.name, member.value});
    }
    return {.kind = Write::Kind::update_one,
            .filter = still_free(route_.from, letter, route_.now),
            .change = {{"$set", set}, {"$unset", Document{{"c.t", 1}, {"l", 1}, {"n", 1}}}}};
  }

  [[nodiscard]] Document place_and_life(std::int64_t marker, Moment now) const {
    Document set{{"k", marker}};
    if (const auto ttl = route_.policy.ttl_seconds) {
      set.append({"t", *ttl}).append({"e", date_of(now.end_after(*ttl))});
    }
    return set;
  }

  std::vector<ObjectId> tags_;
  std::vector<std::pair<Letter, std::int64_t>> uncounted_;  ///< shown at these markers
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

/// Whether the claim on a letter, over or not, is that of a mover to another partition. What a
/// mover that died has noted is still there when others have claimed the letter since.
bool is_held_by_mover(BsonView letter) {
  const auto mover = letter.find("l");
  const auto holder = letter.find("c.id");
  return mover && holder && mover->as_object_id() &&
         mover->as_object_id() == holder->as_object_id();
}

/// Of a letter whose id is at its target already, for all to see: whether that one stays, so that
/// this one may go. It does not if it is itself about to leave, by a mover who may be alive. The
/// document is changed: two removals that each rely on the other's letter do not both succeed.
Result<bool> stays_there(Operations& to, const CollectionName& target, BsonView there,
                         const ObjectId& reliance, Moment now) {
  Document filter{{"_id", *there.find("_id")}, {"tx", nullptr}};
  Document set{{"m", reliance}};
  Document unset{{"l", 1}};
  const auto mover = there.find("l");
  filter.append(mover ? Member("l", *mover) : where("l", "$exists", false));
  if (is_held_by_mover(there)) {
    if (live_claim(there, now)) return false;
    filter.append({"c.id", *there.find("c.id")}).append(where("c.e", "$lte", now.second()));
    set.append({"c.id", nullptr}).append({"c.e", 0});
    unset.append({"c.t", 1});
  }
  const Document change{{"$set", set}, {"$unset", unset}};
  const auto done =
      to.write(target, {.kind = Write::Kind::update_one, .filter = filter, .change = change});
  if (!done) return std::unexpected(done.error());
  return done->matched == 1;
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
    staying_.clear();
    std::size_t gone = 0;
    std::vector<Write> copies;
    for (const auto& letter : letters_) {
      const auto original = to.find_one(source(), still_free(route_.from, letter, route_.now));
      if (!original) return std::unexpected(original.error());
      if (!*original) continue;  // somebody else has it
      const auto there = look_there(to, letter.id);
      if (!there) return std::unexpected(there.error());
      if (*there == There::under_way) {
        staying_.push_back(letter.id);
        continue;
      }
      const auto removed =
          to.write(source(), {.kind = Write::Kind::remove_one,
                              .filter = still_free(route_.from, letter, route_.now),
                              .change = {}});
      if (!removed) return std::unexpected(removed.error());
      ++gone;
      if (*there == There::a_copy) continue;
      copies.push_back({.kind = Write::Kind::insert,
                        .filter = {},
                        .change = message_document(arriving(route_, (*original)->view()), route_.to,
                                                   base++, std::nullopt)});
    }
    const auto inserted = to.write(collection(), copies);
    if (!inserted) return std::unexpected(inserted.error());
    moved_ = gone;
    return base;
  }

 private:
  enum class There { nothing, a_copy, under_way };

  Result<There> look_there(Operations& to, const ObjectId& id) {
    const auto there = to.find_one(collection(), {{"_id", id}});
    if (!there) return std::unexpected(there.error());
    if (!*there) return There::nothing;
    const auto tag = (*there)->find("tx");
    if (tag && !tag->is_null()) {  // never published, for nothing is pending here
      const auto removed =
          to.write(collection(), {.kind = Write::Kind::remove_one,
                                  .filter = {{"_id", id}, {"p_q", route_.to}, {"tx", *tag}},
                                  .change = {}});
      if (!removed) return std::unexpected(removed.error());
      return removed->removed == 1 ? There::nothing : There::under_way;
    }
    const auto stays =
        stays_there(to, collection(), (*there)->view(), shared_.make_id(route_.now), route_.now);
    if (!stays) return std::unexpected(stays.error());
    return *stays ? There::a_copy : There::under_way;
  }
};

/// Letters that go to another partition without a transaction: copies of originals that are held.
class CopiedLetters final : public NewMessages {
 public:
  CopiedLetters(const Shared& shared, const DeadLetters::Route& route, const ObjectId& holder,
                std::vector<Draft> drafts)
      : NewMessages(shared, route.to, std::move(drafts)),
        shared_(shared),
        route_(route),
        holder_(holder) {}

  /// Letters that others took over, or removed.
  [[nodiscard]] std::size_t lost() const { return lost_; }
  /// Those whose id has come to be at the target meanwhile.
  [[nodiscard]] const std::vector<ObjectId>& met() const { return met_; }

  /// The holds are looked after once the counter is known: who takes a letter over from here on
  /// moves the counter before anybody gets the copy, and this batch is not committed.
  Result<std::size_t> place(const ObjectId& tag, std::int64_t base, bool unpublished) override {
    auto placed = NewMessages::place(tag, base, unpublished);
    const bool refused = !placed && placed.error().kind == base::ErrorKind::conflict;
    if (!refused && (!placed || *placed == 0)) return placed;
    const auto before = size();
    if (auto done = keep_held(0); !done) return std::unexpected(done.error());
    if (refused) {
      if (auto done = drop_met(0); !done) return std::unexpected(done.error());
    }
    if (size() == before) return placed;
    return base::fail(base::ErrorKind::conflict, "others have got letters of the batch");
  }

  Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t from) override {
    copied_ = from;
    if (auto done = keep_held(from); !done) return std::unexpected(done.error());
    auto ended = NewMessages::show(to, base, from);
    copied_ = shown().value_or(from);
    if (!ended && ended.error().kind == base::ErrorKind::conflict) {
      if (auto done = drop_met(copied_); !done) return std::unexpected(done.error());
    }
    return ended;
  }

 protected:
  /// Its own copies only, and none on which the removal of an original relied.
  [[nodiscard]] Document shown_in_vain() const override {
    const auto end = ids().begin() + static_cast<std::ptrdiff_t>(copied_);
    return {where("_id", "$in", Array(std::vector(ids().begin(), end))),
            {"p_q", route_.to},
            where("m", "$exists", false)};
  }

 private:
  [[nodiscard]] std::vector<ObjectId> ids_from(std::size_t from) const {
    return {ids().begin() + static_cast<std::ptrdiff_t>(from), ids().end()};
  }

  /// Renews the holds, and drops the letters from number `from` on that are not held any more.
  Result<void> keep_held(std::size_t from) {
    const auto source = shared_.options.placement.messages(route_.from);
    const auto wanted = ids_from(from);
    const Document filter{
        where("_id", "$in", Array(wanted)), {"p_q", route_.from}, {"c.id", holder_}};
    const auto end = shared_.time.now().end_after(kHoldSeconds);
    const auto renewed =
        shared_.messages.write(source, {.kind = Write::Kind::update_many,
                                        .filter = filter,
                                        .change = {{"$set", Document{{"c.e", end}}}}});
    if (!renewed) return std::unexpected(renewed.error());
    if (renewed->matched == std::ssize(wanted)) return {};
    const auto held = shared_.messages.find(source, filter, {.fields = {{"_id", 1}}});
    if (!held) return std::unexpected(held.error());
    auto gone = wanted;
    for (const auto& letter : *held) std::erase(gone, letter.find("_id")->as_object_id());
    lost_ += gone.size();
    return drop(gone);
  }

  /// Drops the letters from number `from` on whose ids others have put at the target.
  Result<void> drop_met(std::size_t from) {
    const auto there = shared_.messages.find(
        collection(),
        {where("_id", "$in", Array(ids_from(from))), where("tx", "$nin", Array(tags()))},
        {.fields = {{"_id", 1}}});
    if (!there) return std::unexpected(there.error());
    std::vector<ObjectId> met;
    for (const auto& letter : *there) met.push_back(*letter.find("_id")->as_object_id());
    met_.insert(met_.end(), met.begin(), met.end());
    return drop(met);
  }

  const Shared& shared_;
  const DeadLetters::Route& route_;
  ObjectId holder_;
  std::size_t lost_ = 0;
  std::vector<ObjectId> met_;
  std::size_t copied_ = 0;  ///< so many, from the first, are shown for certain
};

}  // namespace

Result<DeadLetters::Outcome> DeadLetters::move(const QueueAddress& from,
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
Result<DeadLetters::Outcome> DeadLetters::publish_letters(const Route& route,
                                                          const std::vector<Letter>& letters) {
  Batch batch(shared_, route, letters);
  if (auto published = publish(route, batch); !published) {
    return std::unexpected(published.error());
  }
  return batch.outcome();
}

// ---- between partitions ---------------------------------------------------------------------

Result<DeadLetters::Outcome> DeadLetters::move_to_other_partition(
    const Route& route, const std::vector<Letter>& letters) {
  const auto holder = shared_.make_id(route.now);
  const auto held = hold(route, letters, holder);
  if (!held) return std::unexpected(held.error());
  if (held->empty()) return Outcome{};
  const auto there = clear_target(route, *held);
  if (!there) return std::unexpected(there.error());
  std::vector<Draft> drafts;
  Outcome outcome;
  for (const auto& letter : *held) {
    auto draft = arriving(route, letter.view());
    const auto same = std::ranges::find_if(*there, [&](const Document& document) {
      return document.find("_id")->as_object_id() == draft.id;
    });
    if (same == there->end()) {
      drafts.push_back(std::move(draft));
      continue;
    }
    const auto stays = stays_there(shared_.messages, shared_.options.placement.messages(route.to),
                                   same->view(), holder, route.now);
    if (!stays) return std::unexpected(stays.error());
    if (!*stays) outcome.staying.push_back(draft.id);
  }
  CopiedLetters batch(shared_, route, holder, std::move(drafts));
  if (batch.size() > 0) {
    if (auto published = publish(route, batch); !published) {
      return std::unexpected(published.error());
    }
  }
  outcome.staying.insert(outcome.staying.end(), batch.met().begin(), batch.met().end());
  if (auto done = let_go(route, Array(outcome.staying), holder); !done) {
    return std::unexpected(done.error());
  }
  const auto gone = shared_.messages.write(shared_.options.placement.messages(route.from),
                                           {.kind = Write::Kind::remove_many,
                                            .filter = {{"p_q", route.from}, {"c.id", holder}},
                                            .change = {}});
  if (!gone) return std::unexpected(gone.error());
  outcome.moved = held->size() - outcome.staying.size() - batch.lost();
  return outcome;
}

/// Removes what a mover that died left of the letters at the target: invisible copies, never to be
/// published. Only for letters that are held, as another mover's copies may be under way. Returns
/// what is there besides.
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
  return shared_.messages.find(target, {same_ids}, {.fields = {{"_id", 1}, {"c", 1}, {"l", 1}}});
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
                      {"l", holder}};
  const auto held = shared_.messages.write(
      source, {.kind = Write::Kind::update_many, .filter = filter, .change = {{"$set", mark}}});
  if (!held) return std::unexpected(held.error());
  return shared_.messages.find(source, {{"p_q", route.from}, {"c.id", holder}},
                               {.sort = by_marker()});
}

}  // namespace marconi::storage::mongodb
