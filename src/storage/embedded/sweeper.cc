#include "storage/embedded/sweeper.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::Patience;

namespace {

constexpr std::size_t kBatchSize = 1000;

/// Between two changes under the lock that those who create and remove queues want.
constexpr std::chrono::milliseconds kPauseForOthers{1};

/// A whole table: its keys begin with a queue number, and numbers never come near the end.
Cursor whole(const Database& database, Table table) {
  return database.scan(Patience::may_wait, table, QueueKey{std::uint64_t{0}},
                       QueueKey{~std::uint64_t{0}});
}

}  // namespace

/// Removes keys of one table in batches of a bounded size.
class Sweeper::Removal {
 public:
  Removal(Sweeper& sweeper, Table table) : sweeper_(sweeper), table_(table) {}

  /// False if the store cannot write.
  bool add(std::string_view key) {
    batch_->erase(table_, key);
    return ++gathered_ < kBatchSize || flush();
  }

  /// Writes what is left; returns the number of keys removed in all.
  std::uint64_t finish() {
    if (gathered_ > 0) flush();
    return removed_;
  }

 private:
  bool flush() {
    if (!sweeper_.commit(*batch_)) return false;
    removed_ += gathered_;
    gathered_ = 0;
    batch_ = new_batch();
    return true;
  }
  [[nodiscard]] std::unique_ptr<Batch> new_batch() const {
    return std::make_unique<Batch>(*sweeper_.engine_->database);
  }

  Sweeper& sweeper_;
  const Table table_;
  std::unique_ptr<Batch> batch_ = new_batch();
  std::size_t gathered_ = 0;
  std::uint64_t removed_ = 0;
};

std::uint64_t Sweeper::run() {
  now_ = whole_seconds(engine_->clock.now());
  // First: what is cleared away below must be over at the next start too.
  if (!engine_->keep_time(Patience::may_wait)) return 0;
  sweep_blocks();
  sweep_claims();
  sweep_counts();
  extend_names();
  return removed_;
}

bool Sweeper::commit(Batch& batch) {
  return engine_->journal.commit(Patience::may_wait, batch).has_value();
}

void Sweeper::sweep_blocks() {
  SharedQueue queue;
  auto cursor = whole(*engine_->database, Table::blocks);
  for (cursor.seek(QueueKey{std::uint64_t{0}}); cursor.valid(); cursor.next()) {
    const auto record = BlockRecord::decode(cursor.value());
    if (!record || record->sweep_at > now_) continue;
    const auto number = number_in(cursor.key(), 0);
    if (!queue || queue->number != number) queue = find(number);
    if (queue) sweep_block(queue, number_in(cursor.key(), 8));
    if (!engine_->journal.check_running()) return;
  }
}

/// The queue with this number; null if there is none.
SharedQueue Sweeper::find(QueueNumber number) {
  std::string bytes;
  const auto found =
      engine_->database->get(Patience::may_wait, Table::states, QueueKey{number}, bytes);
  const auto state = found && *found ? StateRecord::decode(bytes) : std::nullopt;
  const auto name = state ? domain::QueueName::from(state->name) : std::nullopt;
  if (!name) return nullptr;
  const auto queue = engine_->directory.find(Patience::may_wait, {state->project, *name});
  return queue && *queue && (*queue)->number == number ? *queue : nullptr;
}

/// The queue under lock, once those who wait for it have had their turn; nothing if it is gone.
std::optional<OpenQueue> Sweeper::lock(const SharedQueue& queue) {
  queue->mutex.give_way();
  auto open = lock_queue(engine_, call_, queue);
  if (!open || !open->exists()) return std::nullopt;
  return std::move(*open);
}

void Sweeper::sweep_block(const SharedQueue& queue, BlockNumber block_number) {
  std::optional<BlockReading> reading;
  std::uint64_t version = 0;
  {
    const auto open = lock(queue);
    const Block* block = open ? queue->block_holding(start_of(block_number)) : nullptr;
    if (block == nullptr) return;
    reading.emplace(*engine_->database, Patience::may_wait, queue->number, *block);
    version = block->version;
  }
  // Nobody changes a message that is over by the time which the pass began with: it can only go
  // with all the others. What is alive may change.
  std::vector<UtcSeconds> expiries;
  std::vector<StoredMessage> expired;
  const auto read = reading->each([&](StoredMessage&& message) {
    if (message.is_alive(now_)) {
      expiries.push_back(message.expiry());
    } else {
      expired.push_back(std::move(message));
    }
  });
  if (!read) return;
  reading.reset();
  std::ranges::sort(expiries);

  const std::span<const StoredMessage> all(expired);
  for (std::size_t done = 0;; done += kStep) {
    const auto step = all.subspan(done, std::min(kStep, all.size() - done));
    const bool is_last = done + step.size() == all.size();
    const auto open = lock(queue);
    Block* block = open ? queue->block_holding(start_of(block_number)) : nullptr;
    if (block == nullptr) return;
    const bool is_as_read = block->version == version;
    if (step.empty() && !is_as_read) return;
    Batch batch(*engine_->database);
    QueueChange change(*queue, batch, open->now);
    for (const auto& message : step) change.remove(message);
    if (is_last && is_as_read) {
      // Looking again pays once another quarter has expired. Otherwise the next pass looks again.
      if (expiries.empty()) {
        change.resummarize(*block, now_, kNever);
      } else {
        change.resummarize(*block, expiries.back(), expiries[expiries.size() / 4]);
      }
    }
    if (is_as_read) version = block->version;
    if (!open->commit(call_, batch, change)) return;
    removed_ += step.size();
    if (is_last) return;
  }
}

void Sweeper::sweep_claims() {
  Removal removal(*this, Table::claims);
  auto cursor = whole(*engine_->database, Table::claims);
  for (cursor.seek(QueueKey{std::uint64_t{0}}); cursor.valid(); cursor.next()) {
    const auto record = ClaimRecord::decode(cursor.value());
    // A renewal under way may have looked at the clock a little earlier than this pass.
    constexpr UtcSeconds kMargin = 60;
    if (record && record->end <= now_ - kMargin && !removal.add(cursor.key())) return;
  }
  removed_ += removal.finish();
}

void Sweeper::extend_names() {
  // The rest is left to the keeper thread, so that no pass takes long.
  constexpr int kMostTimes = 100;
  for (int time = 0; time < kMostTimes; ++time) {
    const auto more = engine_->names.extend(Patience::may_wait, engine_->directory);
    if (!more || !*more) return;
    std::this_thread::sleep_for(kPauseForOthers);
  }
}

void Sweeper::sweep_counts() {
  Removal removal(*this, Table::counts);
  auto cursor = whole(*engine_->database, Table::counts);
  cursor.seek(QueueKey{std::uint64_t{0}});
  while (cursor.valid()) {
    if (static_cast<UtcSeconds>(number_in(cursor.key(), 16)) <= now_) {
      if (!removal.add(cursor.key())) return;
      cursor.next();
    } else {
      // The rest of this queue's seconds of this kind lie ahead.
      const auto queue = number_in(cursor.key(), 0);
      const auto kind = number_in(cursor.key(), 8);
      cursor.seek(CountKey{queue, kind + 1, std::uint64_t{0}});
    }
  }
  removal.finish();
}

}  // namespace marconi::storage::embedded
