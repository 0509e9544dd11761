#include "storage/embedded/engine.h"

#include "base/random.h"
#include "storage/embedded/codec.h"
#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::Call;
using base::ErrorKind;
using base::Patience;
using base::Result;

namespace {

std::unexpected<base::Error> refuse_format(const std::string& path, std::int64_t version) {
  return base::fail(ErrorKind::unavailable,
                    "the store in '" + path + "' has format " + std::to_string(version) +
                        "; this version of Marconi reads format " + std::to_string(kFormatVersion));
}

/// Checks the version stamp, or writes it into a new store or one of a former format: whose records
/// are read as they are, and written anew when they change.
Result<void> check_format(Database& database, const std::string& path) {
  std::string stamp;
  const auto found = database.get(Patience::may_wait, Table::meta, kFormatKey, stamp);
  if (!found) return std::unexpected(found.error());
  if (*found) {
    const auto version = decode_counter(stamp);
    if (version == kFormatVersion) return {};
    if (version != kFormatWithStatesApart) return refuse_format(path, version);
  }
  Batch batch(database);
  batch.put(Table::meta, kFormatKey, encode_counter(kFormatVersion));
  if (auto written = database.write(Patience::may_wait, batch); !written) return written;
  return database.sync();
}

/// The store's own key for ids, made once.
Result<IdCodec::Key> id_key(Database& database, base::Random& random) {
  IdCodec::Key key;
  std::string bytes;
  const auto found = database.get(Patience::may_wait, Table::meta, kIdKeyKey, bytes);
  if (!found) return std::unexpected(found.error());
  if (*found) {
    RecordReader reader(bytes);
    key = reader.fixed<IdCodec::Key>();
    if (reader.failed()) return base::fail(ErrorKind::unavailable, "the store's id key is damaged");
    return key;
  }
  random.fill(key);
  Batch batch(database);
  batch.put(Table::meta, kIdKeyKey, {reinterpret_cast<const char*>(key.data()), key.size()});
  if (auto written = database.write(Patience::may_wait, batch); !written) {
    return std::unexpected(written.error());
  }
  if (auto synced = database.sync(); !synced) return std::unexpected(synced.error());
  return key;
}

/// Raises a value to the counter that the store keeps under `key`.
template <class Number>
Result<void> raise_to_stored(const Database& database, std::string_view key, Number& value) {
  const auto stored = database.counter(Patience::may_wait, key);
  if (!stored) return std::unexpected(stored.error());
  value = std::max(value, static_cast<Number>(*stored));
  return {};
}

}  // namespace

Engine::Engine(std::unique_ptr<Database> opened, Committer& committer, const IdCodec::Key& id_key,
               const base::Clock& wall_clock, const StoreMoment& latest, const Floors& floors,
               const Floors& handed_out_before, QueueNumber names_indexed,
               std::size_t queue_cache_bytes)
    : database(std::move(opened)),
      journal(*database, committer),
      ids(id_key),
      handed_out(handed_out_before),
      clock(wall_clock, latest),
      directory(journal, floors, queue_cache_bytes, wall_clock),
      names(journal, names_indexed) {}

Result<std::unique_ptr<Engine>> Engine::open(const Options& options, const base::Clock& wall_clock,
                                             base::Random& random, Committer& committer,
                                             StoreMoment latest, const Floors& floors) {
  DatabaseOptions database_options;
  database_options.path = options.path;
  database_options.block_cache_bytes = options.block_cache_bytes;
  database_options.write_buffer_bytes = options.write_buffer_bytes;
  // Nobody is answered before the sync, so nobody counts on what the system would keep meanwhile.
  database_options.buffers_log = options.sync.kind == SyncMode::Kind::always;
  database_options.file_system = options.file_system;
  auto opened = Database::open(database_options);
  if (!opened) return std::unexpected(opened.error());
  if (auto checked = check_format(**opened, options.path); !checked) {
    return std::unexpected(checked.error());
  }
  const auto key = id_key(**opened, random);
  if (!key) return std::unexpected(key.error());
  Floors raised = floors;
  QueueNumber names_indexed = 0;
  for (auto done : {raise_to_stored(**opened, kMarkerFloorKey, raised.marker),
                    raise_to_stored(**opened, kQueueNumberKey, raised.queue),
                    raise_to_stored(**opened, kClockKey, latest.time),
                    raise_to_stored(**opened, kNamesIndexedKey, names_indexed)}) {
    if (!done) return std::unexpected(done.error());
  }
  return std::make_unique<Engine>(std::move(*opened), committer, *key, wall_clock, latest, raised,
                                  floors, names_indexed, options.queue_cache_bytes);
}

Result<base::UtcMillis> Engine::present_time(Call& call) {
  const auto now = clock.now();
  if (clock.last_jump() > kept_time_.load()) {
    if (auto kept = keep_time(call.patience()); !kept) return std::unexpected(kept.error());
  }
  journal.rest(call, {jump_kept_.load()});
  return now;
}

Result<void> Engine::keep_time(Patience patience) {
  const auto lock = lock_patiently(patience, time_mutex_);
  if (!lock) return std::unexpected(lock.error());
  const auto latest = clock.latest();
  if (latest == kept_time_.load()) return {};
  Batch batch(*database);
  batch.put(Table::meta, kClockKey, encode_counter(latest));
  const auto ticket = journal.commit(patience, batch);
  if (!ticket) return std::unexpected(ticket.error());
  if (clock.last_jump() > kept_time_.load()) jump_kept_ = ticket->value;
  kept_time_ = latest;  // after its ticket, which whoever sees this rests on
  return {};
}

Result<void> OpenQueue::commit(Call& call, Batch& batch, QueueChange& change) const {
  change.finish();
  const auto ticket = engine->journal.commit(call.patience(), batch);
  if (!ticket) {
    queue->forget();
    return std::unexpected(ticket.error());
  }
  change.written(*ticket);
  call.rests_on(*ticket);
  return {};
}

Result<std::optional<StoredMessage>> OpenQueue::find(Call& call, const domain::MessageId& id,
                                                     Part part) const {
  if (const auto marker = engine->ids.decode(IdKind::message, queue->number, id.text)) {
    auto message = read(call, *marker, part);
    if (!message || *message) return message;
  }
  const auto marker = alias(call, id);
  if (!marker) return std::unexpected(marker.error());
  if (!*marker) return std::nullopt;
  return read(call, **marker, part);
}

Result<std::optional<MarkerNumber>> OpenQueue::marker_of(Call& call,
                                                         const domain::MessageId& id) const {
  auto marker = alias(call, id);
  if (!marker || *marker) return marker;
  return engine->ids.decode(IdKind::message, queue->number, id.text);
}

Result<std::optional<MarkerNumber>> OpenQueue::alias(Call& call,
                                                     const domain::MessageId& id) const {
  const auto uuid = base::Uuid::from_string(id.text);
  if (!uuid) return std::nullopt;
  std::string bytes;
  const auto found = engine->database->get(call.patience(), Table::aliases,
                                           alias_key(queue->number, *uuid), bytes);
  if (!found) return std::unexpected(found.error());
  engine->journal.rest(call, queue->content_changed);
  if (!*found) return std::nullopt;
  const auto marker = number_in(bytes, 0);
  if (marker >= visible_end()) engine->journal.rest(call, queue->last_write);
  return marker;
}

Result<std::optional<StoredMessage>> OpenQueue::read(Call& call, MarkerNumber marker,
                                                     Part part) const {
  const Block* block = queue->block_holding(marker);
  engine->journal.rest(call, block != nullptr ? block->changed : queue->blocks_erased);
  if (marker >= visible_end()) engine->journal.rest(call, queue->last_write);
  return queue->read(*engine->database, call.patience(), marker, part);
}

domain::MessageId OpenQueue::id_of(const StoredMessage& message) const {
  if (message.record.foreign_id) return {message.record.foreign_id->to_string()};
  return {engine->ids.encode(IdKind::message, queue->number, message.marker).to_string()};
}

std::int64_t OpenQueue::age_since(base::UtcMillis start) const {
  return std::max<std::int64_t>(0, (now_millis - start) / 1000);
}

std::vector<domain::Message> OpenQueue::to_messages(
    const std::vector<StoredMessage>& stored) const {
  ShownMessages shown(*this);
  for (const auto& message : stored) shown.add(message);
  return std::move(shown).take();
}

void ShownMessages::add(const StoredMessage& from) {
  constexpr std::size_t kUsual = 20;
  if (messages_.empty()) messages_.reserve(kUsual);
  auto& message = messages_.emplace_back();
  message.marker.value = from.marker;
  message.body = from.record.body;
  message.ttl_seconds = from.ttl();
  message.age_seconds = open_.age_since(from.record.created);
  message.claim_count = from.claim_count();
  message.checksum = from.record.checksum;
  if (from.record.foreign_id) message.id.text = from.record.foreign_id->to_string();
  if (from.is_claimed(open_.now)) {
    message.claim.emplace();
    claims_.push_back(from.mark->claim);
  }
}

std::vector<domain::Message> ShownMessages::take() && {
  std::vector<std::uint64_t> markers;
  markers.reserve(messages_.size());
  for (const auto& message : messages_) markers.push_back(message.marker.value);
  const auto& ids = open_.engine->ids;
  const auto message_ids = ids.encode(IdKind::message, open_.queue->number, markers);
  const auto claim_ids = ids.encode(IdKind::claim, open_.queue->number, claims_);
  auto message_id = message_ids.begin();
  auto claim_id = claim_ids.begin();
  for (auto& message : messages_) {
    if (message.id.text.empty()) message.id.text = message_id->to_string();
    ++message_id;
    if (message.claim) message.claim->text = (claim_id++)->to_string();
  }
  return std::move(messages_);
}

Result<std::shared_ptr<Engine>> present_engine(const EngineHolder& engines) {
  if (auto engine = engines.get()) return engine;
  return base::fail(ErrorKind::unavailable, "the store is being reopened after a failed commit");
}

Result<OpenQueue> lock_queue(std::shared_ptr<Engine> engine, Call& call, SharedQueue queue,
                             Needs needs) {
  OpenQueue open;
  auto lock = lock_patiently(call.patience(), queue->mutex);
  if (!lock) return std::unexpected(lock.error());
  if (auto running = engine->journal.check_running(); !running) {
    return std::unexpected(running.error());
  }
  open.lock = std::move(*lock);
  const auto now = engine->present_time(call);
  if (!now) return std::unexpected(now.error());
  open.now_millis = *now;
  open.now = whole_seconds(open.now_millis);
  if (queue->removed) {
    engine->journal.rest(call, engine->directory.last_change());
    open.lock.unlock();
    open.engine = std::move(engine);
    return open;
  }
  if (needs == Needs::content && !queue->is_loaded()) {
    auto loaded = queue->load(*engine->database, call.patience(), open.now,
                              engine->handed_out.marker, engine->handed_out.claim);
    if (!loaded) return std::unexpected(loaded.error());
  }
  engine->journal.rest(call, queue->metadata_changed);
  open.engine = std::move(engine);
  open.queue = std::move(queue);
  return open;
}

Result<OpenQueue> open_queue(const EngineHolder& engines, Call& call,
                             const domain::QueueAddress& address, Needs needs) {
  auto engine = present_engine(engines);
  if (!engine) return std::unexpected(engine.error());
  auto queue = (*engine)->directory.find(call.patience(), address);
  if (!queue) return std::unexpected(queue.error());
  if (!*queue) {
    (*engine)->journal.rest(call, (*engine)->directory.last_change());
    OpenQueue missing;
    missing.engine = std::move(*engine);
    return missing;
  }
  return lock_queue(std::move(*engine), call, std::move(*queue), needs);
}

}  // namespace marconi::storage::embedded
