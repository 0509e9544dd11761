#include "storage/embedded/queue.h"

#include <algorithm>
#include <array>

#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::CommitTicket;
using base::ErrorKind;
using base::Patience;
using base::Result;

namespace {

std::unexpected<base::Error> damaged(std::string_view what) {
  return base::fail(ErrorKind::unavailable,
                    "the store holds a damaged " + std::string(what) + " record");
}

/// The first marker of the first block that begins at or after `marker`.
MarkerNumber next_block_start(MarkerNumber marker) {
  return start_of(block_of(marker + kBlockSize - 1));
}

/// Moves `marks` on to the message's place and reads its mark, if it has one.
Result<void> read_mark(Cursor& marks, StoredMessage& message) {
  while (marks.valid() && number_in(marks.key(), 8) < message.marker) marks.next();
  // An invalid cursor means no more marks only if nothing went wrong.
  if (!marks.valid()) return marks.status();
  if (number_in(marks.key(), 8) != message.marker) return {};
  message.mark = MarkRecord::decode(marks.value());
  if (!message.mark) return damaged("mark");
  return {};
}

/// Loading without patience gives up after this many records of one kind.
constexpr std::size_t kMaxLoaded = 64;

bool is_too_much(Patience patience, std::size_t loaded) {
  return patience == Patience::immediate && loaded > kMaxLoaded;
}

/// The time from which a message is of the kind that is wanted, whoever posted it.
UtcSeconds wanted_from(const StoredMessage& message, const Wanted& wanted) {
  if (!message.is_alive(wanted.now)) return kNever;
  UtcSeconds from = 0;
  if (wanted.skip_claimed) from = std::max(from, message.held_until());
  if (wanted.skip_delayed) from = std::max(from, message.record.delayed_until);
  return from;
}

/// What a scan of one block, from `start` on, learns for the memo of one kind.
class Learning {
 public:
  Learning(Block& block, const Wanted& kind, std::uint32_t start)
      : block_(block),
        memo_(block.memo_of(kind)),
        kind_(kind),
        active_(start <= memo_.start(kind.now)),
        until_(kind.now < memo_.until ? memo_.until : kNever) {}

  void saw(const StoredMessage& message, std::uint32_t position) {
    if (!active_) return;
    if (const auto from = wanted_from(message, kind_); from > kind_.now) {
      until_ = std::min(until_, from);
    } else {
      store(position);  // nothing is learned from here on
    }
  }

  void reached_end(std::uint32_t end) {
    if (active_) store(end);
  }

 private:
  void store(std::uint32_t position) {
    active_ = false;
    memo_ = {position, until_};
    // The other kinds are forgotten with the process.
    if (position > 0 && kind_.skip_claimed) block_.record.learned_at(kind_.now);
  }

  Block& block_;
  ScanMemo& memo_;
  const Wanted kind_;
  bool active_;
  UtcSeconds until_;
};

/// What it learns for all of them: a claim for the lists that follow, a list for the claims.
class LearningAll {
 public:
  LearningAll(Block& block, UtcSeconds now, std::uint32_t start)
      : kinds_{Learning(block, kind(now, false, false), start),
               Learning(block, kind(now, false, true), start),
               Learning(block, kind(now, true, false), start),
               Learning(block, kind(now, true, true), start)} {}

  void saw(const StoredMessage& message, std::uint32_t position) {
    for (auto& kind : kinds_) kind.saw(message, position);
  }
  void reached_end(std::uint32_t end) {
    for (auto& kind : kinds_) kind.reached_end(end);
  }

 private:
  static Wanted kind(UtcSeconds now, bool skip_claimed, bool skip_delayed) {
    return {.now = now,
            .skip_claimed = skip_claimed,
            .skip_delayed = skip_delayed,
            .hidden_client = {}};
  }

  std::array<Learning, 4> kinds_;
};

}  // namespace

Result<std::optional<QueueRecord>> read_queue_record(const Database& database, Patience patience,
                                                     std::string_view directory_key) {
  std::string bytes;
  const auto found = database.get(patience, Table::queues, directory_key, bytes);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  auto record = QueueRecord::decode(bytes);
  if (!record) return damaged("queue");
  if (!record->state) {
    const auto apart = database.get(patience, Table::states, QueueKey{record->number}, bytes);
    if (!apart) return std::unexpected(apart.error());
    const auto state = StateRecord::decode(bytes);
    if (!*apart || !state) return damaged("queue state");
    record->state = {.tail_start = state->tail_start, .claim_ceiling = state->claim_ceiling};
  }
  return record;
}

void Queue::start(MarkerNumber first_marker, std::uint64_t first_claim) {
  tail_start_ = next_block_start(first_marker);
  tail_used_ = 0;
  visible_end_ = tail_start_;
  next_claim_ = claim_ceiling_ = first_claim;
  state_dirty_ = true;
  loaded_ = was_loaded_ = true;
}

Result<void> Queue::load(const Database& database, Patience patience, UtcSeconds now,
                         MarkerNumber marker_floor, std::uint64_t claim_floor) {
  if (auto done = load_state(database, patience); !done) return done;

  marker_peak_ = marker_peak();
  const auto claim_peak = next_claim_;
  blocks_.clear();
  claimed_.clear();
  sealed_expiries_.clear();
  tail_expiries_.clear();
  held_.clear();
  state_dirty_ = false;
  dirty_blocks_.clear();
  dirty_counts_.clear();
  tail_start_ = stored_state_->tail_start;
  tail_used_ = 0;
  claim_ceiling_ = stored_state_->claim_ceiling;
  next_claim_ = std::max({claim_peak, claim_ceiling_, claim_floor});

  if (auto done = load_blocks(database, patience, now); !done) return done;
  // Most queues have neither, and are loaded often where there are many.
  if (has_sealed_blocks()) {
    auto done = load_counts(database, patience, CountKind::expiry, now);
    if (!done) return done;
  }
  if (blocks_.has_marks()) {
    auto done = load_counts(database, patience, CountKind::held, now);
    if (!done) return done;
  }
  if (auto done = load_tail(database, patience, now); !done) return done;
  if (marker_floor > next_marker()) {
    seal_tail();
    tail_start_ = next_block_start(marker_floor);
  }
  if (!was_loaded_) visible_end_ = next_marker();
  loaded_ = was_loaded_ = true;
  measure();
  return {};
}

bool Queue::has_sealed_blocks() {
  return blocks_.size() > (block_holding(tail_start_) != nullptr ? 1 : 0);
}

void Queue::measure() {
  // What the allocator and containers add is estimated.
  constexpr std::size_t kPerQueue = 512;
  constexpr std::size_t kPerSecond = 64;
  const auto seconds = sealed_expiries_.by_second().size() + tail_expiries_.by_second().size() +
                       held_.by_second().size();
  const auto memory = sizeof(Queue) + kPerQueue + 2 * address.name.text().size() +
                      2 * address.project.text().size() + metadata->json().size() +
                      blocks_.size() * sizeof(Block) + seconds * kPerSecond + claimed_.memory();
  *all_memory_ += memory - memory_.exchange(memory);
}

Result<void> Queue::load_state(const Database& database, Patience patience) {
  if (stored_state_) return {};
  const auto record = read_queue_record(database, patience, directory_key(address));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->number != number) return damaged("queue");
  stored_state_ = (*record)->state;
  return {};
}

Result<void> Queue::load_blocks(const Database& database, Patience patience, UtcSeconds now) {
  const auto load_block = [&](BlockNumber block_number, std::string_view bytes) -> Result<void> {
    const auto record = BlockRecord::decode(bytes);
    if (!record) return damaged("block");
    auto& block = blocks_.at(block_number);
    block.record = *record;
    touched(block);
    if (record->marked > 0) block.marks_end = kBlockSize;
    // The end of the process may have lost the last moment of the store's time.
    if (record->learned_from > now) block.record.forget_learned();
    block.changed = content_changed;
    return {};
  };
  const auto tail = block_of(tail_start_);
  if (stored_state_->first_block >= tail) {
    // A small queue: there is one record at most, and to look it up is cheaper than to walk.
    std::string bytes;
    const auto found = database.get(patience, Table::blocks, MarkerKey{number, tail}, bytes);
    if (!found) return std::unexpected(found.error());
    return *found ? load_block(tail, bytes) : Result<void>{};
  }
  const MarkerKey first{number, stored_state_->first_block};
  auto cursor = database.scan(patience, Table::blocks, first, QueueKey{number + 1});
  for (cursor.seek(first); cursor.valid(); cursor.next()) {
    auto loaded = load_block(number_in(cursor.key(), 8), cursor.value());
    if (!loaded) return loaded;
    if (is_too_much(patience, blocks_.size())) return base::fail(ErrorKind::would_block);
  }
  return cursor.status();
}

Result<void> Queue::load_counts(const Database& database, Patience patience, CountKind kind,
                                UtcSeconds now) {
  const CountKey from{number, static_cast<std::uint64_t>(kind),
                      static_cast<std::uint64_t>(now + 1)};
  const CountKey to{number, static_cast<std::uint64_t>(kind) + 1, 0};
  auto& counts = kind == CountKind::expiry ? sealed_expiries_ : held_;
  auto cursor = database.scan(patience, Table::counts, from, to);
  for (cursor.seek(from); cursor.valid(); cursor.next()) {
    counts.add(static_cast<UtcSeconds>(number_in(cursor.key(), 16)),
               static_cast<std::uint32_t>(number_in(cursor.value(), 0)));
    if (is_too_much(patience, counts.by_second().size())) {
      return base::fail(ErrorKind::would_block);
    }
  }
  return cursor.status();
}

Result<void> Queue::load_tail(const Database& database, Patience patience, UtcSeconds now) {
  Block* block = block_holding(tail_start_);
  if (block == nullptr) return {};  // its first message would have made it
  auto record = block->record;
  record.live = 0;
  record.marked = 0;
  const auto count_message = [&](StoredMessage&& message) {
    if (message.mark) ++record.marked;
    ++record.live;
    record.used =
        std::max(record.used, static_cast<std::uint32_t>(message.marker - tail_start_ + 1));
    record.latest_expiry = std::max(record.latest_expiry, message.expiry());
    const auto poster = client_uuid(message.record.client);
    if (record.live == 1) {
      record.sole_client = poster;
    } else if (record.sole_client != poster) {
      record.sole_client.reset();
    }
    if (message.is_alive(now)) tail_expiries_.add(message.expiry());
  };
  if (auto done = BlockReading(database, patience, number, *block).each(count_message); !done) {
    return done;
  }
  block->record = record;
  tail_used_ = record.used;
  if (tail_used_ >= kBlockSize) seal_tail();
  return {};
}

void Queue::touched(Block& block) {
  block.version = ++versions_;
  blocks_.touched(block.number);
}

void Queue::seal_tail() {
  for (const auto& [second, count] : tail_expiries_.by_second()) {
    sealed_expiries_.add(second, count);
    dirty_counts_.emplace(CountKind::expiry, second);
  }
  if (Block* block = blocks_.find(block_of(tail_start_)); block != nullptr) {
    // It pays to sweep once a quarter of the block has expired.
    std::uint64_t seen = 0;
    block->record.sweep_at = 0;  // at once, if all that is left has expired
    for (const auto& [second, count] : tail_expiries_.by_second()) {
      seen += count;
      block->record.sweep_at = second;
      if (seen * 4 >= block->record.live) break;
    }
    dirty_blocks_.insert(block->number);
  }
  tail_expiries_.clear();
  tail_start_ += kBlockSize;
  tail_used_ = 0;
  state_dirty_ = true;
}

Result<std::optional<StoredMessage>> Queue::read(const Database& database, Patience patience,
                                                 MarkerNumber marker, Part part) {
  const Block* block = block_holding(marker);
  if (block == nullptr) return std::nullopt;
  if (part == Part::numbers) {
    if (const auto* known = claimed_.find(marker)) return *known;
  }
  StoredMessage message;
  message.marker = marker;
  const MarkerKey key{number, marker};
  const auto found = database.get(patience, Table::messages, key, message.bytes);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const auto record = MessageRecord::decode(message.bytes);
  if (!record) return damaged("message");
  message.record = *record;
  if (block->record.marked > 0 && marker < start_of(block->number) + block->marks_end) {
    std::string bytes;
    const auto marked = database.get(patience, Table::marks, key, bytes);
    if (!marked) return std::unexpected(marked.error());
    if (*marked) {
      message.mark = MarkRecord::decode(bytes);
      if (!message.mark) return damaged("mark");
    }
  }
  return message;
}

Result<void> Queue::scan(const Database& database, Patience patience, MarkerNumber from,
                         MarkerNumber end, const Wanted& wanted, CommitTicket& rests_on,
                         const Visit& visit) {
  if (from >= end) return {};
  Scan scan{database, patience, from, end, wanted, visit, ReadAllowance(patience)};
  for (Block* block = blocks_.next(block_of(from), wanted, rests_on);
       block != nullptr && start_of(block->number) < end;
       block = blocks_.next(block->number + 1, wanted, rests_on)) {
    rests_on = std::max(rests_on, block->changed);
    const auto go_on = scan_block(scan, *block);
    blocks_.touched(block->number);
    if (!go_on) return std::unexpected(go_on.error());
    // So that nobody has to see all of a full block again, not even after a restart, what was
    // learned is written, along with the next change to the queue.
    const bool is_sealed = block->number < block_of(tail_start_);
    if (is_sealed && wanted.skip_claimed &&
        wanted.now < block->ruled_out_until(block->memo_of(wanted))) {
      dirty_blocks_.insert(block->number);
    }
    if (!*go_on) break;
  }
  return {};
}

Result<bool> Queue::scan_block(Scan& scan, Block& block) const {
  const auto& wanted = scan.wanted;
  const auto block_start = start_of(block.number);
  const auto block_end = std::min(scan.end, block_start + block.record.used);
  const auto asked =
      scan.from > block_start ? static_cast<std::uint32_t>(scan.from - block_start) : 0;
  const auto known = std::max(asked, block.memo_of(wanted).start(wanted.now));
  LearningAll learning(block, wanted.now, known);
  bool only_hidden = wanted.hidden_client && known <= block.present.position;

  // Cursors of this block alone: what lies between blocks are graves.
  const auto start = std::max(known, block.present.position);
  const MarkerKey first{number, block_start + start};
  const MarkerKey last{number, block_end};
  auto messages = scan.database.scan(scan.patience, Table::messages, first, last);
  std::optional<Cursor> marks;
  if (block.record.marked > 0 && start < block.marks_end) {
    marks = scan.database.scan(scan.patience, Table::marks, first, last);
    marks->seek(first);
  }
  for (messages.seek(first); messages.valid(); messages.next()) {
    if (auto taken = scan.allowance.take(messages.value().size()); !taken) {
      return std::unexpected(taken.error());
    }
    StoredMessage message;
    message.marker = number_in(messages.key(), 8);
    const auto record = MessageRecord::decode(messages.value());
    if (!record) return damaged("message");
    message.record = *record;
    if (marks) {
      if (auto read = read_mark(*marks, message); !read) return std::unexpected(read.error());
    }
    const bool hidden =
        wanted.hidden_client && client_uuid(message.record.client) == wanted.hidden_client;
    if (!hidden && message.is_alive(wanted.now)) only_hidden = false;
    learning.saw(message, static_cast<std::uint32_t>(message.marker - block_start));
    if (hidden || wanted_from(message, wanted) > wanted.now) continue;
    if (!scan.visit(std::move(message), messages.value())) return false;
  }
  if (auto status = messages.status(); !status) return std::unexpected(status.error());
  learning.reached_end(static_cast<std::uint32_t>(block_end - block_start));
  // Everything alive in a whole, complete block came from one client: the next scan on its behalf
  // need not look again.
  if (only_hidden && block_end == block_start + block.record.used) {
    block.record.sole_client = wanted.hidden_client;
    block.record.learned_at(wanted.now);
  }
  return true;
}

Result<std::optional<StoredMessage>> Queue::last(const Database& database, Patience patience,
                                                 UtcSeconds now) {
  ReadAllowance allowance(patience);
  for (Block* block = blocks_.previous(block_of(next_marker()) + 1, now); block != nullptr;
       block = blocks_.previous(block->number, now)) {
    const MarkerKey from{number, start_of(block->number)};
    auto cursor = database.scan(patience, Table::messages, from,
                                MarkerKey{number, start_of(block->number + 1)});
    for (cursor.seek_to_last(); cursor.valid(); cursor.previous()) {
      if (auto taken = allowance.take(cursor.value().size()); !taken) {
        return std::unexpected(taken.error());
      }
      auto message = read(database, patience, number_in(cursor.key(), 8), Part::whole);
      if (!message) return message;
      if (*message && (*message)->is_alive(now)) return message;
    }
    if (auto status = cursor.status(); !status) return std::unexpected(status.error());
  }
  return std::nullopt;
}

// ---- BlockReading -------------------------------------------------------------------------

BlockReading::BlockReading(const Database& database, Patience patience, QueueNumber queue,
                           const Block& block)
    : patience_(patience),
      first_{queue, start_of(block.number)},
      messages_(database.scan(patience, Table::messages, first_,
                              MarkerKey{queue, start_of(block.number + 1)})) {
  if (block.record.marked > 0) {
    marks_ =
        database.scan(patience, Table::marks, first_, MarkerKey{queue, start_of(block.number + 1)});
  }
}

Result<void> BlockReading::each(const Visit& visit) {
  ReadAllowance allowance(patience_, kMaxLoaded);
  if (marks_) marks_->seek(first_);
  for (messages_.seek(first_); messages_.valid(); messages_.next()) {
    if (auto taken = allowance.take(messages_.value().size()); !taken) return taken;
    StoredMessage message;
    message.marker = number_in(messages_.key(), 8);
    const auto record = MessageRecord::decode(messages_.value());
    if (!record) return damaged("message");
    message.record = *record;
    if (marks_) {
      if (auto read = read_mark(*marks_, message); !read) return read;
    }
    visit(std::move(message));
  }
  if (auto status = messages_.status(); !status) return status;
  return marks_ ? marks_->status() : Result<void>{};
}

// ---- QueueChange --------------------------------------------------------------------------

QueueChange::QueueChange(Queue& queue, Batch& batch, UtcSeconds now)
    : queue_(queue), batch_(batch), now_(now) {
  // Once seconds that have passed are folded, a thing that ended in them cannot be counted out.
  (void)queue_.alive(now);
  (void)queue_.claimed(now);
}

Block& QueueChange::block_for(MarkerNumber marker) { return queue_.blocks_.at(block_of(marker)); }

void QueueChange::dirty(Block& block) {
  queue_.dirty_blocks_.insert(block.number);
  queue_.touched(block);
  changed_blocks_.push_back(block.number);
}

void QueueChange::count(SecondCounts& counts, CountKind kind, UtcSeconds end, bool add) {
  if (end <= now_) return;
  if (add) {
    counts.add(end);
  } else {
    counts.remove(end);
  }
  if (&counts != &queue_.tail_expiries_) queue_.dirty_counts_.emplace(kind, end);
}

void QueueChange::count_expiry(const StoredMessage& message, bool add) {
  auto& counts =
      message.marker >= queue_.tail_start_ ? queue_.tail_expiries_ : queue_.sealed_expiries_;
  count(counts, CountKind::expiry, message.expiry(), add);
}

MarkerNumber QueueChange::append(const MessageRecord& message) {
  const auto marker = queue_.next_marker();
  auto& block = block_for(marker);
  auto& record = block.record;
  const auto poster = client_uuid(message.client);
  if (record.used == 0) {
    record.sole_client = poster;
    record.sweep_at = kNever;
  } else if (record.sole_client != poster) {
    record.sole_client.reset();
  }
  if (message.expiry < record.sweep_at) {
    // Rarely, as messages that are posted later mostly expire later.
    record.sweep_at = message.expiry;
    queue_.dirty_blocks_.insert(block.number);
  }
  ++record.live;
  record.latest_expiry = std::max(record.latest_expiry, message.expiry);
  record.used = ++queue_.tail_used_;
  queue_.touched(block);
  if (message.expiry > now_) queue_.tail_expiries_.add(message.expiry);
  batch_.put(Table::messages, MarkerKey{queue_.number, marker}, message.encode_head(),
             message.body);
  if (queue_.tail_used_ == kBlockSize) queue_.seal_tail();
  appended_ = true;
  return marker;
}

void QueueChange::remove(const StoredMessage& message) {
  const MarkerKey key{queue_.number, message.marker};
  batch_.erase(Table::messages, key);
  queue_.claimed_.erase(message.marker);
  auto& block = block_for(message.marker);
  if (message.mark) {
    batch_.erase(Table::marks, key);
    --block.record.marked;
  }
  if (message.record.foreign_id) {
    batch_.erase(Table::aliases, alias_key(queue_.number, *message.record.foreign_id));
  }
  if (--block.record.live == kBlockSize / 4) {
    // Most of the block is gone: what has expired among the rest should not hold its room.
    block.record.sweep_at = std::min(block.record.sweep_at, now_);
  }
  count_expiry(message, false);
  count(queue_.held_, CountKind::held, message.held_until(), false);
  dirty(block);
}

void QueueChange::mark(StoredMessage& message, const MarkRecord& mark) {
  auto& block = block_for(message.marker);
  const auto position = static_cast<std::uint32_t>(message.marker - start_of(block.number));
  if (!message.mark) ++block.record.marked;
  block.marks_end = std::max(block.marks_end, position + 1);
  count_expiry(message, false);
  count(queue_.held_, CountKind::held, message.held_until(), false);
  const auto held_before = message.held_until();
  message.mark = mark;
  count_expiry(message, true);
  count(queue_.held_, CountKind::held, message.held_until(), true);

  block.record.latest_expiry = std::max(block.record.latest_expiry, message.expiry());
  if (mark.claim == 0) {
    block.record.unclaimed.appeared(position);
    block.record.claimable.appeared(position);
  } else if (message.held_until() < held_before) {
    block.record.unclaimed.frees(position, message.held_until());
    block.record.claimable.frees(position, message.held_until());
  } else {
    // So that the next claim does not walk over what this one takes.
    block.record.unclaimed.taken(position, message.held_until());
    block.record.claimable.taken(position, message.held_until());
  }
  batch_.put(Table::marks, MarkerKey{queue_.number, message.marker}, mark.encode());
  if (mark.claim == 0) {
    queue_.claimed_.erase(message.marker);
  } else {
    queue_.claimed_.put(message);
  }
  dirty(block);
}

void QueueChange::release(StoredMessage& message) {
  MarkRecord released = *message.mark;
  released.claim = 0;
  released.claim_end = 0;
  mark(message, released);
  if (!released.extended && released.claim_count == message.record.claim_count) {
    batch_.erase(Table::marks, MarkerKey{queue_.number, message.marker});
    message.mark.reset();
    --block_for(message.marker).record.marked;
  }
}

std::uint64_t QueueChange::take_claim_number() {
  constexpr std::uint64_t kReserved = 1024;
  if (queue_.next_claim_ >= queue_.claim_ceiling_) {
    queue_.claim_ceiling_ = queue_.next_claim_ + kReserved;
    queue_.state_dirty_ = true;
  }
  return queue_.next_claim_++;
}

void QueueChange::put_claim(std::uint64_t number, const ClaimRecord& claim) {
  batch_.put(Table::claims, MarkerKey{queue_.number, number}, claim.encode());
}

void QueueChange::erase_claim(std::uint64_t number) {
  batch_.erase(Table::claims, MarkerKey{queue_.number, number});
}

Result<void> QueueChange::erase_from(const Database& database, Patience patience, Table table,
                                     std::string_view first) {
  // A range costs every later reader a little, a key only those that come by: ranges are for
  // queues with much in them.
  constexpr std::size_t kFew = 64;
  const QueueKey end{queue_.number + 1};
  std::vector<std::string> keys;
  ReadAllowance allowance(patience);
  auto cursor = database.scan(patience, table, first, end);
  for (cursor.seek(first); cursor.valid() && keys.size() <= kFew; cursor.next()) {
    if (auto taken = allowance.take(cursor.value().size()); !taken) return taken;
    keys.emplace_back(cursor.key());
  }
  if (auto status = cursor.status(); !status) return status;
  if (keys.size() > kFew) {
    batch_.erase_range(table, first, end);
  } else {
    for (const auto& key : keys) batch_.erase(table, key);
  }
  return {};
}

Result<void> QueueChange::clear(const Database& database, Patience patience) {
  const QueueKey from{queue_.number};
  // Before the first block there are only graves.
  const MarkerKey first{queue_.number,
                        start_of(queue_.blocks_.first().value_or(block_of(queue_.next_marker())))};
  for (const auto table : {Table::claims, Table::blocks, Table::counts, Table::aliases}) {
    if (auto done = erase_from(database, patience, table, from); !done) return done;
  }
  for (const auto table : {Table::messages, Table::marks}) {
    if (auto done = erase_from(database, patience, table, first); !done) return done;
  }
  const auto next = queue_.next_marker();
  queue_.blocks_.clear();
  queue_.claimed_.clear();
  queue_.sealed_expiries_.clear();
  queue_.tail_expiries_.clear();
  queue_.held_.clear();
  queue_.dirty_blocks_.clear();
  queue_.dirty_counts_.clear();
  queue_.tail_start_ = next_block_start(next);
  queue_.tail_used_ = 0;
  queue_.state_dirty_ = true;
  cleared_ = true;
  return {};
}

void QueueChange::resummarize(Block& block, UtcSeconds latest_expiry, UtcSeconds sweep_at) {
  block.record.latest_expiry = latest_expiry;
  block.record.sweep_at = sweep_at;
  dirty(block);
}

void QueueChange::finish() {
  for (const auto number : queue_.dirty_blocks_) {
    const MarkerKey key{queue_.number, number};
    Block* block = queue_.blocks_.find(number);
    const bool is_tail = number == block_of(queue_.tail_start_);
    if (block == nullptr || (block->record.live == 0 && !is_tail)) {
      queue_.blocks_.erase(number);
      batch_.erase(Table::blocks, key);
    } else {
      batch_.put(Table::blocks, key, block->record.encode());
    }
  }
  queue_.dirty_blocks_.clear();
  for (const auto& [kind, second] : queue_.dirty_counts_) {
    const CountKey key{queue_.number, static_cast<std::uint64_t>(kind),
                       static_cast<std::uint64_t>(second)};
    const auto& counts = kind == CountKind::expiry ? queue_.sealed_expiries_ : queue_.held_;
    if (const auto count = counts.at(second); count == 0) {
      batch_.erase(Table::counts, key);
    } else {
      batch_.put(Table::counts, key, NumberKey<1>{count});
    }
  }
  queue_.dirty_counts_.clear();
  if (queue_.state_dirty_) {
    const auto tail = block_of(queue_.tail_start_);
    queue_.stored_state_ = {.tail_start = queue_.tail_start_,
                            .claim_ceiling = queue_.claim_ceiling_,
                            .first_block = std::min(tail, queue_.blocks_.first().value_or(tail))};
    batch_.put(Table::queues, directory_key(queue_.address),
               queue_.record_with(*queue_.metadata).encode());
    queue_.state_dirty_ = false;
  }
}

void QueueChange::written(CommitTicket ticket) {
  queue_.last_write = ticket;
  queue_.measure();
  if (appended_) queue_.pending_posts_.push_back({ticket, queue_.next_marker()});
  if (changed_blocks_.empty() && appended_) return;
  queue_.content_changed = ticket;
  if (cleared_) queue_.blocks_erased = ticket;
  for (const auto number : changed_blocks_) {
    if (Block* block = queue_.blocks_.find(number); block != nullptr) {
      block->changed = ticket;
      queue_.blocks_.touched(number);
    } else {
      queue_.blocks_erased = ticket;
    }
  }
}

}  // namespace marconi::storage::embedded
