#include "storage/embedded/queue_search.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::ErrorKind;
using base::Patience;
using base::Result;

QueueSearch::QueueSearch(Engine& engine, Patience patience, const domain::ProjectId& project,
                         const QueueListRequest& request)
    : engine_(engine),
      patience_(patience),
      project_(project),
      request_(request),
      prefix_(project_prefix(project)),
      indexed_(engine.names.indexed()),
      allowance_(patience) {}

Result<std::vector<QueueEntry>> QueueSearch::run() {
  constexpr std::size_t kFirstTurn = 16;
  constexpr std::size_t kLastImmediateTurn = 1024;
  const bool has_index = !request_.filter.name_contains.empty();
  // Metadata may be large, and every queue's is read.
  const auto last_immediate_turn =
      request_.filter.metadata.empty() ? kLastImmediateTurn : kFirstTurn;
  for (auto turn = kFirstTurn;; turn *= 2) {
    if (turn > last_immediate_turn && patience_ == Patience::immediate) {
      return base::fail(ErrorKind::would_block);
    }
    const auto walked = walk_names(turn);
    if (!walked) return std::unexpected(walked.error());
    if (*walked) return std::move(in_order_);
    if (!has_index) continue;
    const auto looked_up = walk_index(turn);
    if (!looked_up) return std::unexpected(looked_up.error());
    if (*looked_up) break;
  }
  std::vector<QueueEntry> entries;
  for (auto& [name, entry] : found_) entries.push_back(std::move(entry));
  return entries;
}

QueueSearch::Outcome QueueSearch::walk_names(std::size_t rows) {
  if (!names_) {
    names_ = engine_.database->scan(patience_, Table::queues, prefix_, after_prefix(prefix_));
    const auto after = prefix_ + request_.after;
    names_->seek(after);
    if (!request_.after.empty() && names_->valid() && names_->key() == after) names_->next();
  }
  for (; names_->valid() && rows > 0; names_->next(), --rows) {
    if (in_order_.size() == request_.limit) return true;
    if (auto taken = allowance_.take(names_->value().size()); !taken) {
      return std::unexpected(taken.error());
    }
    auto entry = wanted(names_->key().substr(prefix_.size()), names_->value());
    if (!entry) return std::unexpected(entry.error());
    if (*entry) in_order_.push_back(std::move(**entry));
  }
  if (in_order_.size() == request_.limit) return true;
  if (names_->valid()) return false;
  if (auto status = names_->status(); !status) return std::unexpected(status.error());
  return true;
}

QueueSearch::Outcome QueueSearch::walk_index(std::size_t rows) {
  if (!parts_) {
    const auto part = NameIndex::prefix(project_, request_.filter.name_contains);
    parts_ = engine_.database->scan(patience_, Table::queues, part, after_prefix(part));
    parts_->seek(part);
  }
  // A row of the index leads to a look-up or two.
  constexpr std::size_t kRowsPerLookUp = 8;
  for (; parts_->valid() && rows > 0; parts_->next(), rows -= std::min(rows, kRowsPerLookUp)) {
    const auto key = parts_->key();
    if (auto done = consider(number_in(key, key.size() - 8)); !done) {
      return std::unexpected(done.error());
    }
  }
  if (parts_->valid()) return false;
  if (auto status = parts_->status(); !status) return std::unexpected(status.error());
  return walk_new_queues(rows);
}

QueueSearch::Outcome QueueSearch::walk_new_queues(std::size_t rows) {
  if (!new_queues_) {
    const QueueKey from{indexed_};
    new_queues_ =
        engine_.database->scan(patience_, Table::states, from, QueueKey{~std::uint64_t{0}});
    new_queues_->seek(from);
  }
  for (; new_queues_->valid() && rows > 0; new_queues_->next(), --rows) {
    const auto state = StateRecord::decode(new_queues_->value());
    if (!state) return base::fail(ErrorKind::unavailable, "the store holds a damaged queue state");
    if (auto done = consider(*state); !done) return std::unexpected(done.error());
  }
  if (new_queues_->valid()) return false;
  if (auto status = new_queues_->status(); !status) return std::unexpected(status.error());
  return true;
}

Result<void> QueueSearch::consider(QueueNumber number) {
  std::string bytes;
  const auto there = engine_.database->get(patience_, Table::states, QueueKey{number}, bytes);
  if (!there) return std::unexpected(there.error());
  if (!*there) return {};
  const auto state = StateRecord::decode(bytes);
  if (!state) return base::fail(ErrorKind::unavailable, "the store holds a damaged queue state");
  return consider(*state);
}

Result<void> QueueSearch::consider(const StateRecord& state) {
  const auto& name = state.name;
  if (state.project != project_ || name <= request_.after || found_.contains(name)) return {};
  if (!request_.filter.matches_name(name)) return {};
  const bool is_full = found_.size() == request_.limit;
  if (is_full && name > found_.rbegin()->first) return {};
  std::string record;
  const auto there = engine_.database->get(patience_, Table::queues, prefix_ + name, record);
  if (!there) return std::unexpected(there.error());
  if (!*there) return {};
  if (auto taken = allowance_.take(record.size()); !taken) return taken;
  auto entry = wanted(name, record);
  if (!entry) return std::unexpected(entry.error());
  if (!*entry) return {};
  found_.emplace(name, std::move(**entry));
  if (is_full) found_.erase(std::prev(found_.end()));
  return {};
}

/// The entry of a queue, if the filter lets it pass.
Result<std::optional<QueueEntry>> QueueSearch::wanted(std::string_view name,
                                                      std::string_view record) const {
  if (!request_.filter.matches_name(name)) return std::nullopt;
  QueueEntry entry{std::string(name), nullptr};
  if (request_.with_metadata || !request_.filter.metadata.empty()) {
    auto decoded = QueueRecord::decode(record);
    if (!decoded) {
      return base::fail(ErrorKind::unavailable, "the store holds a damaged queue record");
    }
    if (!request_.filter.matches_metadata(decoded->metadata_json)) return std::nullopt;
    if (request_.with_metadata) {
      auto metadata = domain::QueueMetadata::from_json(std::move(decoded->metadata_json));
      if (!metadata) {
        return base::fail(ErrorKind::unavailable, "the store holds damaged queue metadata");
      }
      entry.metadata = std::make_shared<const domain::QueueMetadata>(std::move(*metadata));
    }
  }
  return entry;
}

}  // namespace marconi::storage::embedded
