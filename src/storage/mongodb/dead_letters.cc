#include "storage/mongodb/dead_letters.h"

#include <algorithm>
#include <utility>

#include "storage/mongodb/new_messages.h"
#include "storage/mongodb/queue_store.h"

namespace marconi::storage::mongodb {

namespace {

/// How long a letter on its way between partitions is kept from others.
constexpr std::int64_t kHoldSeconds = 60;

Array ids_of(const std::vector<Letter>& letters) {
  Array ids;
  for (const auto& letter : letters) ids.append(letter.id);
  return ids;
}

/// Documents that change queues.
class MovedLetters final : public Batch {
 public:
  MovedLetters(const Shared& shared, std::string from, std::string to, Document life,
               std::vector<Letter> letters, Moment now)
      : shared_(shared),
        from_(std::move(from)),
        to_(std::move(to)),
        life_(std::move(life)),
        letters_(std::move(letters)),
        now_(now) {}

  [[nodiscard]] std::size_t size() const override { return letters_.size(); }
  [[nodiscard]] std::size_t moved() const { return moved_; }

  Result<std::size_t> place(const ObjectId& tag, std::int64_t base) override {
    tags_.push_back(tag);
    std::vector<ObjectId> ids;
    for (const auto& letter : letters_) ids.push_back(letter.id);
    auto writes = moves_of(ids, tags_, tag, base);
    for (const auto& letter : letters_) writes.push_back(departure(letter, tag, base++));
    const auto placed = shared_.messages.write(shared_.options.placement.messages(from_), writes);
    if (!placed) return std::unexpected(placed.error());
    const auto count = static_cast<std::size_t>(placed->matched);
    moved_ = std::max(moved_, count);
    return count;
  }

  void withdraw() override {
    const auto placed = shared_.messages.find(
        shared_.options.placement.messages(from_),
        {where("_id", "$in", ids_of(letters_)), where("tx", "$in", Array(tags_))});
    if (!placed) return;  // the sweeper will
    for (const auto& letter : *placed) (void)put_back(shared_, letter.view());
  }

 private:
  [[nodiscard]] Write departure(const Letter& letter, const ObjectId& tag,
                                std::int64_t marker) const {
    auto filter = alive(from_, now_);
    filter.append({"_id", letter.id}).append({"k", letter.marker});
    add_conditions(filter, now_, true, false);
    Document set{{"p_q", to_}, {"k", marker},
                 {"tx", tag},  {"c.id", nullptr},
                 {"c.e", 0},   {"o", Document{{"p_q", from_}, {"k", letter.marker}}}};
    for (const auto& member : life_.view().elements()) set.append({member.name, member.value});
    return {.kind = Write::Kind::update_one,
            .filter = std::move(filter),
            .change = {{"$set", set}, {"$unset", Document{{"c.t", 1}}}}};
  }

  const Shared& shared_;
  std::string from_;
  std::string to_;
  Document life_;
  std::vector<Letter> letters_;
  Moment now_;
  std::vector<ObjectId> tags_;
  std::size_t moved_ = 0;
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
  return partition_of(route.from, partitions) == partition_of(route.to, partitions)
             ? move_within_partition(route, letters)
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

Result<std::uint64_t> DeadLetters::move_within_partition(const Route& route,
                                                         const std::vector<Letter>& letters) {
  Document life;
  if (const auto ttl = route.policy.ttl_seconds) {
    life.append({"t", *ttl}).append({"e", date_of(route.now.end_after(*ttl))});
  }
  MovedLetters batch(shared_, route.from, route.to, std::move(life), letters, route.now);
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
    auto draft = Draft::of(letter.view());
    const auto same = std::ranges::find_if(*there, [&](const Document& document) {
      return document.find("_id")->as_object_id() == draft.id;
    });
    if (same == there->end()) {
      if (const auto ttl = route.policy.ttl_seconds) {
        draft.ttl_seconds = *ttl;
        draft.expires = route.now.end_after(*ttl);
      }
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
  filter.append(where("_id", "$in", ids_of(letters)));
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
